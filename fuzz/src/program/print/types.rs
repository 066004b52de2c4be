//! Types, values and patterns as Rust.

use super::name;
use crate::program::{Declaration, Pattern, Scalar, Type, Value};
use std::sync::Arc;

/// How a scalar is written, with its type: what is no literal becomes an expression.
pub fn literal(scalar: Scalar, bits: u64) -> String {
    let name = scalar.rust_name();
    match scalar {
        Scalar::Bool => (bits != 0).to_string(),
        Scalar::F32 => {
            float(f64::from(f32::from_bits(bits as u32)), format!("{:?}", f32::from_bits(bits as u32)), name)
        }
        Scalar::F64 => float(f64::from_bits(bits), format!("{:?}", f64::from_bits(bits)), name),
        Scalar::F16 => half(falx::f16::from_bits(bits as u16)),
        _ => {
            let number = signed(scalar, bits);
            if number < 0 { format!("({number}{name})") } else { format!("{number}{name}") }
        }
    }
}

fn half(value: falx::f16) -> String {
    match value.is_finite() {
        true => format!("f16::from_f32({:?})", value.to_f32()),
        false => format!("f16::from_bits(0x{:x})", value.to_bits()),
    }
}

fn float(value: f64, digits: String, name: &str) -> String {
    match value {
        _ if value.is_nan() => format!("(0.0{name} / 0.0)"),
        _ if value.is_infinite() => format!("({}1.0{name} / 0.0)", if value < 0.0 { "-" } else { "" }),
        _ if value.is_sign_negative() => format!("({digits}{name})"),
        _ => format!("{digits}{name}"),
    }
}

fn signed(scalar: Scalar, bits: u64) -> i128 {
    let is_negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    if is_negative { i128::from((bits | !scalar.mask()) as i64) } else { i128::from(bits) }
}

impl Type {
    /// As Rust spells it.
    pub fn rust(&self) -> String {
        match self {
            Type::Unit => "()".to_owned(),
            Type::Scalar(scalar) => scalar.rust_name().to_owned(),
            Type::Specialized(scalar) => format!("SpecConstant<{}>", scalar.rust_name()),
            Type::Array(element, length) => format!("[{}; {length}]", element.rust()),
            Type::Vector(Scalar::Bool, lanes) => format!("Boolx{lanes}"),
            Type::Vector(lane, lanes) => format!("{}x{lanes}", lane.rust_name().to_uppercase()),
            Type::Tuple(fields) => {
                let fields: Vec<String> = fields.iter().map(Type::rust).collect();
                format!("({})", fields.join(", "))
            }
            Type::Declared(declaration) => declaration.name.clone(),
            Type::Reference(to, mutable) => format!("&{}{}", if *mutable { "mut " } else { "" }, to.rust()),
            Type::Slice(element) => format!("[{}]", element.rust()),
            Type::View(element, mutable) => {
                format!("Slice{}<{}>", if *mutable { "Mut" } else { "" }, element.rust())
            }
            Type::Closure(takes, gives) => {
                let takes: Vec<String> = takes.iter().map(Type::rust).collect();
                format!("impl Fn({}) -> {}", takes.join(", "), gives.rust())
            }
        }
    }
}

impl Declaration {
    /// The item.
    pub fn rust(&self) -> String {
        let list = |fields: &[Type]| fields.iter().map(Type::rust).collect::<Vec<_>>().join(", ");
        let is_ordered = Type::Declared(Arc::new(self.clone())).is_ordered();
        let ordered = if is_ordered { ", PartialOrd" } else { "" };
        let head = format!("#[device]\n#[derive(Clone, Copy, Debug, PartialEq{ordered})]\npub");
        if self.is_option() {
            return String::new();
        }
        if !self.is_enum {
            let fields = self.variants[0].fields.iter().enumerate();
            let fields: Vec<_> =
                fields.map(|(number, ty)| format!("    pub f{number}: {},\n", ty.rust())).collect();
            return format!("{head} struct {} {{\n{}}}\n\n", self.name, fields.concat());
        }
        let variants = self.variants.iter().map(|variant| match variant.fields.as_slice() {
            [] => format!("    {},\n", variant.name),
            fields => format!("    {}({}),\n", variant.name, list(fields)),
        });
        format!("{head} enum {} {{\n{}}}\n\n", self.name, variants.collect::<String>())
    }

    /// A variant or a struct with what is inside.
    pub fn with(&self, variant: usize, inside: &[String]) -> String {
        let path = self.path(variant);
        match inside {
            [] => path,
            _ if self.is_enum => format!("{path}({})", inside.join(", ")),
            _ => {
                let fields = inside.iter().enumerate().map(|(number, text)| format!("f{number}: {text}"));
                format!("{path} {{ {} }}", fields.collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Pattern {
    /// Where cases stand only in parentheses.
    pub fn one(&self) -> String {
        if matches!(self, Pattern::Or(_)) { format!("({})", self.rust()) } else { self.rust() }
    }

    pub fn rust(&self) -> String {
        let number = |scalar: Scalar, bits| match literal(scalar, bits) {
            text if text.starts_with('(') => text[1..text.len() - 1].to_owned(),
            text => text,
        };
        let list = |parts: &[Pattern]| parts.iter().map(Pattern::rust).collect::<Vec<_>>();
        match self {
            Pattern::Wild => "_".to_owned(),
            Pattern::Bind(local, _) => name(*local),
            Pattern::Scalar(scalar, bits) => number(*scalar, *bits),
            Pattern::Range(scalar, low, high) => {
                format!("{}..={}", number(*scalar, *low), number(*scalar, *high))
            }
            Pattern::Or(cases) => list(cases).join(" | "),
            Pattern::At(local, _, inner) => match **inner {
                Pattern::Or(_) => format!("{} @ ({})", name(*local), inner.rust()),
                _ => format!("{} @ {}", name(*local), inner.rust()),
            },
            Pattern::Array(parts) => format!("[{}]", list(parts).join(", ")),
            Pattern::Tuple(parts) => format!("({})", list(parts).join(", ")),
            Pattern::Variant(of, number, parts) => of.with(*number, &list(parts)),
        }
    }
}

impl Value {
    pub fn rust(&self, ty: &Type) -> String {
        match (self, ty) {
            (Value::Bits(bits), Type::Scalar(scalar)) => literal(*scalar, *bits),
            (Value::Bits(bits), Type::Specialized(scalar)) => {
                format!("SpecConstant::new({})", literal(*scalar, *bits))
            }
            (Value::List(values), _) => {
                let parts = values.iter().zip(ty.parts());
                let parts: Vec<String> = parts.map(|(value, ty)| value.rust(&ty)).collect();
                match ty {
                    Type::Declared(of) => of.with(0, &parts),
                    Type::Vector(..) => format!("{}::new({})", ty.rust(), parts.join(", ")),
                    _ => format!("[{}]", parts.join(", ")),
                }
            }
            _ => "()".to_owned(),
        }
    }
}
