//! Turns a message's pieces and the bits of its values into text, as Rust's own formatting would.
//!
//! The pieces come from a format string that the macros took apart; the bits come from a device or from the host twin.
//! Never decides what is said: only how it looks.

use super::types::{Aggregate, Scalar, Type};
use std::fmt::{self, Debug};

/// What a kernel prints, or says when it fails: a format string, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// The parts, in order.
    pub pieces: &'static [Piece],
}

/// What is said of an operation on two integers whose result does not fit.
pub static OVERFLOW: Message = Message {
    pieces: &[
        Piece::Text("overflow in `"),
        Piece::Subject,
        Piece::Text("` of "),
        Piece::Value { argument: 0, format: Format::PLAIN },
        Piece::Text(" and "),
        Piece::Value { argument: 1, format: Format::PLAIN },
    ],
};

/// The same of an operation on one integer.
pub static OVERFLOW_OF_ONE: Message = Message {
    pieces: &[
        Piece::Text("overflow in `"),
        Piece::Subject,
        Piece::Text("` of "),
        Piece::Value { argument: 0, format: Format::PLAIN },
    ],
};

/// One part of a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text that is always the same.
    Text(&'static str),
    /// The text of the place in the source that the message is about.
    Subject,
    /// A value.
    Value {
        /// Which of the message's values.
        argument: usize,
        /// How it is written.
        format: Format,
    },
}

/// How a value is written: what stands behind the colon in `{:>8.3}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// What pads it.
    pub fill: char,
    /// On which side it stands; numbers stand on the right when nothing is said.
    pub alignment: Option<Alignment>,
    /// `+`
    pub plus: bool,
    /// `#`
    pub alternate: bool,
    /// `0`
    pub zero: bool,
    /// How wide it is at least.
    pub width: usize,
    /// How many digits follow the point.
    pub precision: Option<usize>,
    /// Which of the formatting traits.
    pub style: Style,
}

impl Format {
    /// `{}`
    pub const PLAIN: Format = Format {
        fill: ' ',
        alignment: None,
        plus: false,
        alternate: false,
        zero: false,
        width: 0,
        precision: None,
        style: Style::Display,
    };
}

/// On which side a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Alignment {
    Left,
    Center,
    Right,
}

/// The formatting traits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Style {
    Display,
    Debug,
    /// `x?`
    DebugLowerHex,
    /// `X?`
    DebugUpperHex,
    LowerHex,
    UpperHex,
    Binary,
    Octal,
    LowerExp,
    UpperExp,
}

/// How many words a value of a type takes in a record; `None` for what cannot be shown.
pub fn n_words(ty: &Type) -> Option<usize> {
    match ty {
        Type::Unit => Some(0),
        Type::Scalar(_) => Some(1),
        Type::Array(element, length) => n_words(element)?.checked_mul(*length),
        Type::Id(dimensions) | Type::Range(dimensions) => Some(*dimensions),
        Type::Aggregate(aggregate) => {
            aggregate.fields.iter().try_fold(0usize, |sum, field| sum.checked_add(n_words(&field.ty)?))
        }
        _ => None,
    }
}

impl Message {
    /// The text; `types` are those of the values, `words` their bits, one value after the other.
    pub fn render(&self, subject: &str, types: &[Type], words: &[u64]) -> String {
        let mut text = String::new();
        for piece in self.pieces {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Subject => text.push_str(subject),
                Piece::Value { argument, format } => {
                    let before: usize = types.iter().take(*argument).filter_map(n_words).sum();
                    let words = words.get(before..).unwrap_or_default();
                    if let Some(ty) = types.get(*argument) {
                        text.push_str(&shown(ty, &mut words.iter().copied(), format));
                    }
                }
            }
        }
        text
    }
}

/// A value as text.
fn shown(ty: &Type, words: &mut dyn Iterator<Item = u64>, format: &Format) -> String {
    let usize_type = Type::Scalar(Scalar::Usize);
    match ty {
        Type::Scalar(scalar) => scalar_text(*scalar, words.next().unwrap_or(0), format),
        Type::Array(element, length) => list(element, *length, words, format),
        Type::Id(length) => composed("Id", &list(&usize_type, *length, words, format), format),
        Type::Range(length) => composed("Range", &list(&usize_type, *length, words, format), format),
        Type::Aggregate(aggregate) => aggregate_text(aggregate, words, format),
        _ => "()".to_owned(),
    }
}

/// What is written already, for the builders of `std::fmt`.
struct Written<'w>(&'w str);

impl Debug for Written<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Something that a closure writes.
struct By<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> Debug for By<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0(f)
    }
}

fn debug(format: &Format, write: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> String {
    if format.alternate { format!("{:#?}", By(write)) } else { format!("{:?}", By(write)) }
}

fn list(element: &Type, length: usize, words: &mut dyn Iterator<Item = u64>, format: &Format) -> String {
    let parts: Vec<String> = (0..length).map(|_| shown(element, words, format)).collect();
    debug(format, |f| f.debug_list().entries(parts.iter().map(|part| Written(part))).finish())
}

/// A tuple or a struct, as a derived `Debug` writes it.
fn aggregate_text(aggregate: &Aggregate, words: &mut dyn Iterator<Item = u64>, format: &Format) -> String {
    if !aggregate.variants.is_empty() {
        return variant_text(aggregate, words, format);
    }
    let fields: Vec<(&str, String)> =
        aggregate.fields.iter().map(|field| (field.name, shown(&field.ty, words, format))).collect();
    let is_plain = fields.iter().any(|(name, _)| name.starts_with(|first: char| first.is_ascii_digit()));
    let name = aggregate.name.unwrap_or("");
    debug(format, |f| match is_plain || aggregate.name.is_none() {
        true => fields.iter().fold(&mut f.debug_tuple(name), |f, (_, text)| f.field(&Written(text))).finish(),
        false => fields
            .iter()
            .fold(&mut f.debug_struct(name), |f, (name, text)| f.field(name, &Written(text)))
            .finish(),
    })
}

/// A variant of an enum, as a derived `Debug` writes it.
fn variant_text(aggregate: &Aggregate, words: &mut dyn Iterator<Item = u64>, format: &Format) -> String {
    let tag = words.next().unwrap_or(0);
    let fields = &aggregate.fields[1..];
    let texts: Vec<String> = fields.iter().map(|field| shown(&field.ty, words, format)).collect();
    let Some(variant) = usize::try_from(tag).ok().and_then(|tag| aggregate.variants.get(tag)) else {
        return "?".to_owned();
    };
    let own: Vec<(&str, &str)> = variant
        .fields
        .iter()
        .filter_map(|(name, slot)| Some((*name, texts.get(slot.checked_sub(1)?)?.as_str())))
        .collect();
    let is_plain = own.iter().any(|(name, _)| name.starts_with(|first: char| first.is_ascii_digit()));
    debug(format, |f| match (own.is_empty(), is_plain) {
        (true, _) => f.write_str(variant.name),
        (_, true) => {
            own.iter().fold(&mut f.debug_tuple(variant.name), |f, (_, text)| f.field(&Written(text))).finish()
        }
        (_, false) => own
            .iter()
            .fold(&mut f.debug_struct(variant.name), |f, (name, text)| f.field(name, &Written(text)))
            .finish(),
    })
}

/// `Name(value)`
fn composed(name: &str, value: &str, format: &Format) -> String {
    debug(format, |f| f.debug_tuple(name).field(&Written(value)).finish())
}

fn scalar_text(scalar: Scalar, bits: u64, format: &Format) -> String {
    if scalar == Scalar::Bool {
        let text = if bits == 0 { "false" } else { "true" };
        let text = format.precision.map_or(text, |length| &text[..length.min(text.len())]);
        return padded(text, format, Alignment::Left);
    }
    let text = digits(scalar, bits, format);
    if format.zero { zero_padded(text, format) } else { padded(&text, format, Alignment::Right) }
}

/// A value written by one of the formatting traits, with those flags that do not pad.
macro_rules! written {
    ($value:expr, $format:expr, $style:literal) => {{
        let (value, precision) = ($value, $format.precision.unwrap_or(0));
        match ($format.plus, $format.alternate, $format.precision.is_some()) {
            (false, false, false) => format!(concat!("{:", $style, "}"), value),
            (false, false, true) => format!(concat!("{:.*", $style, "}"), precision, value),
            (false, true, false) => format!(concat!("{:#", $style, "}"), value),
            (false, true, true) => format!(concat!("{:#.*", $style, "}"), precision, value),
            (true, false, false) => format!(concat!("{:+", $style, "}"), value),
            (true, false, true) => format!(concat!("{:+.*", $style, "}"), precision, value),
            (true, true, false) => format!(concat!("{:+#", $style, "}"), value),
            (true, true, true) => format!(concat!("{:+#.*", $style, "}"), precision, value),
        }
    }};
}

macro_rules! float {
    ($value:expr, $format:expr) => {
        match $format.style {
            Style::Debug | Style::DebugLowerHex | Style::DebugUpperHex => written!($value, $format, "?"),
            Style::LowerExp => written!($value, $format, "e"),
            Style::UpperExp => written!($value, $format, "E"),
            _ => written!($value, $format, ""),
        }
    };
}

/// A number without padding.
fn digits(scalar: Scalar, bits: u64, format: &Format) -> String {
    match scalar {
        Scalar::F16 => float!(half::f16::from_bits(bits as u16).to_f32(), format),
        Scalar::F32 => float!(f32::from_bits(bits as u32), format),
        Scalar::F64 => float!(f64::from_bits(bits), format),
        _ => integer_digits(scalar, bits, format),
    }
}

/// An integer; in other bases than ten Rust writes the bits, so all widths are one.
fn integer_digits(scalar: Scalar, bits: u64, format: &Format) -> String {
    let shift = 64 - scalar.bits();
    let signed = ((bits << shift) as i64) >> shift;
    match format.style {
        Style::LowerHex => written!(bits, format, "x"),
        Style::UpperHex => written!(bits, format, "X"),
        Style::DebugLowerHex => written!(bits, format, "x?"),
        Style::DebugUpperHex => written!(bits, format, "X?"),
        Style::Binary => written!(bits, format, "b"),
        Style::Octal => written!(bits, format, "o"),
        Style::LowerExp if scalar.is_signed() => written!(signed, format, "e"),
        Style::LowerExp => written!(bits, format, "e"),
        Style::UpperExp if scalar.is_signed() => written!(signed, format, "E"),
        Style::UpperExp => written!(bits, format, "E"),
        _ if scalar.is_signed() => written!(signed, format, ""),
        _ => written!(bits, format, ""),
    }
}

fn padded(text: &str, format: &Format, otherwise: Alignment) -> String {
    let missing = format.width.saturating_sub(text.chars().count());
    let before = match format.alignment.unwrap_or(otherwise) {
        Alignment::Left => 0,
        Alignment::Center => missing / 2,
        Alignment::Right => missing,
    };
    let fill = |count: usize| String::from_iter(std::iter::repeat_n(format.fill, count));
    format!("{}{text}{}", fill(before), fill(missing - before))
}

/// Zeros go between the sign or the base and the digits.
fn zero_padded(text: String, format: &Format) -> String {
    let sign = usize::from(text.starts_with(['-', '+']));
    let base = if ["0x", "0b", "0o"].iter().any(|base| text[sign..].starts_with(base)) { 2 } else { 0 };
    let (head, tail) = text.split_at(sign + base);
    format!("{head}{}{tail}", "0".repeat(format.width.saturating_sub(text.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Format = Format::PLAIN;

    #[track_caller]
    fn check(scalar: Scalar, bits: u64, format: Format, expected: String) {
        assert_eq!(scalar_text(scalar, bits, &format), expected, "{format:?}");
    }

    macro_rules! like_rust {
        ($($value:expr, $scalar:ident, $text:literal, { $($field:ident: $set:expr),* };)*) => { $(
            check(Scalar::$scalar, $value.falx_bits(), Format { $($field: $set,)* ..PLAIN }, format!($text, $value));
        )* };
    }

    trait Bits {
        fn falx_bits(self) -> u64;
    }
    macro_rules! bits {
        ($($ty:ty as $wide:ty),*) => { $( impl Bits for $ty { fn falx_bits(self) -> u64 { self as $wide as u64 } } )* };
    }
    bits!(i8 as u8, u8 as u8, i32 as u32, u32 as u32, i64 as u64, u64 as u64);
    impl Bits for f32 {
        fn falx_bits(self) -> u64 {
            u64::from(self.to_bits())
        }
    }
    impl Bits for f64 {
        fn falx_bits(self) -> u64 {
            self.to_bits()
        }
    }
    impl Bits for bool {
        fn falx_bits(self) -> u64 {
            u64::from(self)
        }
    }

    #[test]
    fn scalars_look_as_rust_writes_them() {
        let (left, center, right) = (Some(Alignment::Left), Some(Alignment::Center), Some(Alignment::Right));
        like_rust! {
            -7i32, I32, "{}", {};
            -7i32, I32, "{:?}", { style: Style::Debug };
            7u32, U32, "{:>5}", { width: 5, alignment: right };
            7u32, U32, "{:<5}", { width: 5, alignment: left };
            7u32, U32, "{:*^6}", { width: 6, alignment: center, fill: '*' };
            7u32, U32, "{:+}", { plus: true };
            -7i8, I8, "{:x}", { style: Style::LowerHex };
            -7i8, I8, "{:#010b}", { style: Style::Binary, alternate: true, zero: true, width: 10 };
            255u8, U8, "{:#X}", { style: Style::UpperHex, alternate: true };
            255u8, U8, "{:x?}", { style: Style::DebugLowerHex };
            i64::MIN, I64, "{:o}", { style: Style::Octal };
            i64::MIN, I64, "{:030}", { zero: true, width: 30 };
            u64::MAX, U64, "{:e}", { style: Style::LowerExp };
            -1500i32, I32, "{:.1E}", { style: Style::UpperExp, precision: Some(1) };
            1.0f32, F32, "{}", {};
            1.0f32, F32, "{:?}", { style: Style::Debug };
            0.1f32, F32, "{:?}", { style: Style::Debug };
            -2.5f32, F32, "{:.3}", { precision: Some(3) };
            2.0f64 / 3.0, F64, "{:+012.4}", { plus: true, zero: true, width: 12, precision: Some(4) };
            1e300f64, F64, "{:e}", { style: Style::LowerExp };
            1e300f64, F64, "{:?}", { style: Style::Debug };
            f32::NAN, F32, "{:8}", { width: 8 };
            f32::NAN, F32, "{:08}", { width: 8, zero: true };
            f32::NEG_INFINITY, F32, "{:08.2}", { width: 8, zero: true, precision: Some(2) };
            -0.0f64, F64, "{}", {};
            true, Bool, "{:>7}", { width: 7, alignment: right };
            true, Bool, "{:7}", { width: 7 };
            false, Bool, "{:.2}", { precision: Some(2) };
            true, Bool, "{:07}", { width: 7, zero: true };
        }
    }

    #[test]
    fn composed_values_look_as_rust_writes_them() {
        let array = Type::Array(Box::new(Type::Scalar(Scalar::I32)), 2);
        let nested = Type::Array(Box::new(array.clone()), 2);
        let text = |ty: &Type, format: Format| shown(ty, &mut [1, 2, 3, 4].into_iter(), &format);
        let plain = Format { style: Style::Debug, ..PLAIN };
        let pretty = Format { style: Style::Debug, alternate: true, ..PLAIN };
        assert_eq!(text(&array, plain), format!("{:?}", [1, 2]));
        assert_eq!(text(&nested, plain), format!("{:?}", [[1, 2], [3, 4]]));
        assert_eq!(text(&nested, pretty), format!("{:#?}", [[1, 2], [3, 4]]));
        assert_eq!(text(&nested, Format { width: 3, ..plain }), format!("{:3?}", [[1, 2], [3, 4]]));
        assert_eq!(text(&Type::Id(2), plain), format!("{:?}", crate::Id([1, 2])));
        let pair = Type::aggregate(None, [("0", array.clone()), ("1", Type::Scalar(Scalar::I32))]);
        assert_eq!(text(&pair, plain), format!("{:?}", ([1, 2], 3)));
        assert_eq!(text(&pair, pretty), format!("{:#?}", ([1, 2], 3)));
        #[derive(Debug)]
        #[allow(dead_code)]
        struct Point {
            x: i32,
            y: i32,
        }
        let fields = [("x", Type::Scalar(Scalar::I32)), ("y", Type::Scalar(Scalar::I32))];
        let point = Type::aggregate(Some("Point"), fields);
        assert_eq!(text(&point, plain), format!("{:?}", Point { x: 1, y: 2 }));
        assert_eq!(text(&point, pretty), format!("{:#?}", Point { x: 1, y: 2 }));
        assert_eq!(text(&Type::Id(2), pretty), format!("{:#?}", crate::Id([1, 2])));
    }

    #[test]
    fn a_message_puts_values_between_its_texts() {
        static MESSAGE: Message = Message {
            pieces: &[
                Piece::Text("<"),
                Piece::Subject,
                Piece::Text("> "),
                Piece::Value { argument: 1, format: Format::PLAIN },
                Piece::Text(" after "),
                Piece::Value { argument: 0, format: Format { style: Style::Debug, ..Format::PLAIN } },
            ],
        };
        let types = [Type::Array(Box::new(Type::Scalar(Scalar::U8)), 2), Type::Scalar(Scalar::Bool)];
        assert_eq!(MESSAGE.render("x < n", &types, &[4, 5, 1]), "<x < n> true after [4, 5]");
    }
}
