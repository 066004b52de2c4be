//! Literals in OpenCL C, exactly.

use crate::kernel::types::Scalar;

/// A scalar by its bits, and whether the text is a primary expression.
pub(super) fn literal(scalar: Scalar, bits: u64) -> (String, bool) {
    match scalar {
        Scalar::Bool => ((bits & 1).to_string(), true),
        Scalar::I8 => (format!("(char){}", bits as i8), false),
        Scalar::I16 => (format!("(short){}", bits as i16), false),
        Scalar::U8 => (format!("(uchar){}", bits as u8), false),
        Scalar::U16 => (format!("(ushort){}", bits as u16), false),
        Scalar::I32 if bits as i32 == i32::MIN => ("(-2147483647 - 1)".to_owned(), true),
        Scalar::I32 => ((bits as i32).to_string(), (bits as i32) >= 0),
        Scalar::U32 => (format!("{}u", bits as u32), true),
        Scalar::I64 | Scalar::Isize if bits as i64 == i64::MIN => {
            ("(-9223372036854775807L - 1)".to_owned(), true)
        }
        Scalar::I64 | Scalar::Isize => (format!("{}L", bits as i64), (bits as i64) >= 0),
        Scalar::U64 | Scalar::Usize => (format!("{bits}UL"), true),
        Scalar::F16 => (format!("(ushort)0x{:04x}", bits as u16), false),
        Scalar::F32 => single(f32::from_bits(bits as u32)),
        Scalar::F64 => double(f64::from_bits(bits)),
    }
}

fn single(value: f32) -> (String, bool) {
    if !value.is_finite() {
        return (format!("as_float(0x{:08x}u)", value.to_bits()), true);
    }
    let text = match is_short(f64::from(value)) {
        true => format!("{value:?}f"),
        false => hexadecimal(f64::from(value), 6, "f"),
    };
    (text, !value.is_sign_negative())
}

fn double(value: f64) -> (String, bool) {
    if !value.is_finite() {
        return (format!("as_double(0x{:016x}UL)", value.to_bits()), true);
    }
    let text = if is_short(value) { format!("{value:?}") } else { hexadecimal(value, 13, "") };
    (text, !value.is_sign_negative())
}

/// Whether a short decimal is exact, so that no compiler can round it wrongly.
fn is_short(value: f64) -> bool {
    value.abs() < 1e6 && (value * 1024.0).fract() == 0.0
}

/// A finite double in hexadecimal notation. A single is given as the double of the same value.
fn hexadecimal(value: f64, digits: usize, suffix: &str) -> String {
    let bits = value.to_bits();
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let fraction = bits & ((1 << 52) - 1);
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let (lead, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    let shown = format!("{fraction:013x}");
    format!("{sign}0x{lead}.{}p{exponent:+}{suffix}", &shown[..digits])
}
