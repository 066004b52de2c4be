//! Vectors as text: OpenCL C's own. The lanes of a mask are `char`s, 0 or -1, and `bool`s are 0 or 1 everywhere else.

use super::value::{PRIMARY, Text, UNARY};
use super::{Printer, c_name};
use crate::kernel::lower::ir::*;
use crate::kernel::types::{Scalar, Space, Type};

/// How OpenCL C calls a vector.
pub(super) fn name(lane: Scalar, lanes: usize) -> String {
    format!("{}{lanes}", lane_name(lane))
}

fn lane_name(lane: Scalar) -> &'static str {
    if lane == Scalar::Bool { "char" } else { c_name(lane) }
}

/// How OpenCL C calls the lane at a position.
pub(super) fn lane(lanes: usize, position: usize) -> String {
    match ["x", "y", "z", "w"].get(position) {
        Some(name) if lanes <= 4 => (*name).to_owned(),
        _ => format!("s{position:x}"),
    }
}

/// Lanes of a type, those of a vector that is no variable cast to it: Clang 15 and Intel's compiler crash where such lanes stand
/// beside constants in another vector that is made in place.
fn apart(lanes: String, ty: &str) -> String {
    if lanes.contains('(') { format!("({ty})({lanes})") } else { lanes }
}

impl Printer<'_> {
    /// The vector in OpenCL C.
    pub fn c_vector(&mut self, lane: Scalar, lanes: usize) -> String {
        self.c_scalar(lane);
        name(lane, lanes)
    }

    /// A vector, or a lane of one, as text; `None` for everything else.
    pub fn vector_text(&mut self, value: &Value) -> Option<Text> {
        if let Some(text) = self.lane_text(value) {
            return Some(text);
        }
        let Type::Vector(lane, lanes) = value.ty else { return None };
        let ty = self.c_vector(lane, lanes);
        let text = match &value.node {
            Node::Zero => format!("({ty})(0)"),
            Node::Components(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.as_lane(part)).collect();
                format!("({ty})({})", parts.join(", "))
            }
            Node::Repeat(part, _) => format!("({ty})({})", self.as_lane(part)),
            Node::Reinterpret(inner) => format!("as_{ty}({})", self.value(inner)),
            Node::Swizzle(inner, picked) => {
                let picked: String = picked.iter().map(|position| format!("{position:x}")).collect();
                apart(format!("{}.s{picked}", self.tight(inner, PRIMARY)), &ty)
            }
            Node::Cast(inner) => self.converted(inner, lane, lanes),
            _ => return None,
        };
        Some((text, PRIMARY))
    }

    /// A lane as a scalar.
    fn lane_text(&mut self, value: &Value) -> Option<Text> {
        let (whole, text) = match &value.node {
            Node::Field(whole, position) => {
                let Type::Vector(scalar, lanes) = whole.ty else { return None };
                let text = format!("{}.{}", self.tight(whole, PRIMARY), lane(lanes, *position));
                (&**whole, apart(text, lane_name(scalar)))
            }
            Node::Element(pair) => {
                let Type::Vector(scalar, _) = pair[0].ty else { return None };
                let (vector, index) = (self.tight(&pair[0], PRIMARY), self.value(&pair[1]));
                (&pair[0], format!("((const {} *)&{vector})[{index}]", lane_name(scalar)))
            }
            _ => return None,
        };
        match whole.ty {
            Type::Vector(Scalar::Bool, _) => Some((format!("({text} != 0)"), PRIMARY)),
            _ => Some((text, PRIMARY)),
        }
    }

    /// A scalar as it becomes a lane.
    fn as_lane(&mut self, value: &Value) -> String {
        match value.scalar() {
            Some(Scalar::Bool) => self.as_mask_lane(value),
            _ => self.value(value),
        }
    }

    /// A `bool` as the lane of a mask.
    pub fn as_mask_lane(&mut self, value: &Value) -> String {
        format!("-{}", self.tight(value, UNARY))
    }

    /// The place of a lane inside of a vector at `place`. Behind a check that never holds its position may be beyond the last lane, for
    /// which compilers know no name.
    pub fn lane_place(
        &mut self,
        place: &str,
        (scalar, lanes): (Scalar, usize),
        space: Option<Space>,
        index: &Value,
    ) -> String {
        match index.node {
            Node::Literal(position) if (position as usize) < lanes => {
                return format!("{place}.s{position:x}");
            }
            _ => {}
        }
        let space = match space {
            Some(Space::Global) => "__global ",
            Some(Space::Local) => "__local ",
            None => "",
        };
        format!("(({space}{} *)&{place})[{}]", lane_name(scalar), self.value(index))
    }

    /// A vector of three lanes with a fourth that changes neither whether any lane is set nor whether all are, and that can
    /// be divided.
    pub fn padded(&mut self, value: &Value, method: &str) -> String {
        let Type::Vector(lane, 3) = value.ty else { return self.tight(value, PRIMARY) };
        let last = if method == "any" { 0 } else { -1 };
        let (ty, text) = (self.c_vector(lane, 4), self.value(value));
        format!("({ty})({text}, ({}){last})", lane_name(lane))
    }

    /// `as`, lane by lane: saturating from floats to integers, where NaN gives zero.
    fn converted(&mut self, inner: &Value, target: Scalar, lanes: usize) -> String {
        let Type::Vector(source, _) = inner.ty else { return self.value(inner) };
        if source == Scalar::F16 || target == Scalar::F16 {
            return self.converted_halves(inner, source, target, lanes);
        }
        let (ty, text) = (name(target, lanes), self.value(inner));
        if !source.is_float() || target.is_float() {
            return format!("convert_{ty}({text})");
        }
        if target != Scalar::U32 {
            return format!("convert_{ty}_sat({text})");
        }
        // As for scalars: one runtime turns a NaN into the largest `uint`.
        let source = name(source, lanes);
        let helper = format!(
            "static {ty} falx_{source}_to_{ty}({source} x)\n{{\n    return convert_int{lanes}(isnan(x)) ? ({ty})(0) : convert_{ty}_sat(x);\n}}"
        );
        self.helper(helper);
        format!("falx_{source}_to_{ty}({text})")
    }

    /// Replaces the names of types in the spelling of a method or its helper.
    pub fn with_types(text: &str, lane: Scalar, lanes: Option<usize>) -> String {
        let Some(lanes) = lanes else {
            let text = text.replace("$T", c_name(lane)).replace("$U", c_name(lane.unsigned()));
            let text = text.replace("$S", c_name(lane.unsigned().signed()));
            return text.replace("$B", &lane.bits().to_string());
        };
        let integer = lane.unsigned().signed();
        let (lowest, _) = super::number::literal(integer, integer.minimum_bits());
        let names = [
            ("$T", name(lane, lanes)),
            ("$U", name(lane.unsigned(), lanes)),
            ("$S", name(integer, lanes)),
            ("$I", name(integer, lanes)),
            ("$C", name(Scalar::Bool, lanes)),
            ("$D", name(lane, 2 * lanes)),
            ("$X", name(lane, lanes + 1)),
            ("$B", lane.bits().to_string()),
            ("$L", lowest),
        ];
        names.iter().fold(text.to_owned(), |text, (sign, name)| text.replace(sign, name))
    }
}
