//! What lowering and printing know of operators and scalars: widths, signs, bits.

use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

impl BinaryOperator {
    /// Whether the result is a `bool`.
    pub fn compares(self) -> bool {
        use BinaryOperator::*;
        matches!(self, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
    }
}

impl Scalar {
    /// Width in bits; 8 for `bool`.
    pub fn bits(self) -> u32 {
        match self {
            Scalar::Bool | Scalar::I8 | Scalar::U8 => 8,
            Scalar::I16 | Scalar::U16 | Scalar::F16 => 16,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 32,
            Scalar::I64 | Scalar::U64 | Scalar::Isize | Scalar::Usize | Scalar::F64 => 64,
        }
    }
    /// Whether a signed integer.
    pub fn is_signed(self) -> bool {
        matches!(self, Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 | Scalar::Isize)
    }
    /// Whether a float.
    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F16 | Scalar::F32 | Scalar::F64)
    }
    /// Whether an integer.
    pub fn is_integer(self) -> bool {
        !self.is_float() && self != Scalar::Bool
    }
    /// The unsigned integer of the same width.
    pub fn unsigned(self) -> Scalar {
        match self.bits() {
            8 => Scalar::U8,
            16 => Scalar::U16,
            32 => Scalar::U32,
            _ => Scalar::U64,
        }
    }
    /// The signed integer of an unsigned one's width.
    pub fn signed(self) -> Scalar {
        match self {
            Scalar::U8 => Scalar::I8,
            Scalar::U16 => Scalar::I16,
            Scalar::U32 => Scalar::I32,
            Scalar::U64 => Scalar::I64,
            Scalar::Usize => Scalar::Isize,
            other => other,
        }
    }
    /// The smallest value's bits, of a signed integer.
    pub fn minimum_bits(self) -> u64 {
        1 << (self.bits() - 1)
    }
    /// All bits of its width.
    pub fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }
    /// Its name in Rust.
    pub fn rust_name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "i8",
            Scalar::I16 => "i16",
            Scalar::I32 => "i32",
            Scalar::I64 => "i64",
            Scalar::U8 => "u8",
            Scalar::U16 => "u16",
            Scalar::U32 => "u32",
            Scalar::U64 => "u64",
            Scalar::Isize => "isize",
            Scalar::Usize => "usize",
            Scalar::F16 => "f16",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }
}
