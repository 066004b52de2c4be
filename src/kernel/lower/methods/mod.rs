//! The methods of scalars and vectors: which there are, what they give, and how OpenCL C spells them.
//!
//! `integer` and `float` have the tables. In the spelling `$0`, `$1`, `$2` are the operands (atoms when written twice), `$T`
//! the receiver's type, `$U` and `$S` the unsigned and the signed type of its width, `$B` the width in bits. A spelling is
//! a call or stands in parentheses.

macro_rules! methods {
    ($($class:ident $name:ident $arguments:literal $gives:ident $spelling:literal
        $(fails $fails:ident)? $(helper $helper:expr)?;)*) => {
        &[$(Method {
            name: stringify!($name),
            class: Class::$class,
            arguments: $arguments,
            gives: Gives::$gives,
            fails: methods!(@fails $($fails)?),
            spelling: $spelling,
            helper: methods!(@helper $($helper)?),
        }),*]
    };
    (@fails) => { Fails::Never };
    (@fails $fails:ident) => { Fails::$fails };
    (@helper) => { None };
    (@helper $helper:expr) => { Some($helper) };
}

mod float;
mod integer;
pub mod vector;

use crate::kernel::types::{Scalar, Type};

/// Which receivers a method has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `f32`, `f64`; what `f16` has of these is computed as `f32`.
    Float,
    /// `f16` alone.
    Half,
    /// `f32` alone.
    Single,
    /// `f64` alone.
    Double,
    /// Every integer.
    Integer,
    /// Signed integers.
    Signed,
    /// Unsigned integers.
    Unsigned,
    /// `u16` alone.
    ShortWord,
    /// `u32` alone.
    Word,
    /// `u64` alone.
    LongWord,
    /// `bool`, as the lanes of masks.
    Mask,
    /// Whatever can be a lane.
    Any,
}

/// What a method gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// The receiver's type.
    Same,
    /// `bool`
    Bool,
    /// `u32`
    U32,
    /// `u64`
    U64,
    /// `f16`
    F16,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// The unsigned integer of the receiver's width.
    Unsigned,
    /// The signed integer of the receiver's width.
    Signed,
    /// Of a vector a single `bool`.
    Flag,
    /// Of a vector a mask of as many lanes.
    Mask,
    /// Of a vector one of twice as many lanes.
    Double,
    /// Of a vector one of one more lane.
    More,
}

/// When a method fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fails {
    /// Never.
    Never,
    /// When the argument is zero.
    OnZero,
    /// When the argument is zero, or the result does not fit.
    OnOverflow,
    /// When the receiver is negative.
    OnNegative,
    /// When the receiver is not positive.
    OnNotPositive,
    /// When the receiver is not positive, or the argument is less than two.
    OnNoLogarithm,
}

/// One method.
#[derive(Debug, PartialEq)]
pub struct Method {
    /// Its name in Rust.
    pub name: &'static str,
    /// Which receivers have it.
    pub class: Class,
    /// The number of arguments besides the receiver.
    pub arguments: usize,
    /// What it gives.
    pub gives: Gives,
    /// When it fails.
    pub fails: Fails,
    /// How it is spelled.
    pub spelling: &'static str,
    /// A function the spelling calls.
    pub helper: Option<&'static str>,
}

/// The method of that name of a scalar.
pub fn find(scalar: Scalar, name: &str) -> Option<&'static Method> {
    let mut methods = integer::METHODS.iter().chain(float::METHODS);
    methods.find(|method| method.name == name && method.class.holds(scalar))
}

impl Method {
    /// Whether it moves lanes of vectors, or looks at their bits, without computing.
    pub fn keeps_bits(&self) -> bool {
        matches!(self.name, "selected" | "concat" | "extend" | "to_bits")
    }
}

impl Class {
    fn holds(self, scalar: Scalar) -> bool {
        match self {
            Class::Float => scalar.is_float() && scalar != Scalar::F16,
            Class::Half => scalar == Scalar::F16,
            Class::Single => scalar == Scalar::F32,
            Class::Double => scalar == Scalar::F64,
            Class::Integer => scalar.is_integer(),
            Class::Signed => scalar.is_signed(),
            Class::ShortWord => scalar == Scalar::U16,
            Class::Word => scalar == Scalar::U32,
            Class::LongWord => scalar == Scalar::U64,
            Class::Mask => scalar == Scalar::Bool,
            Class::Any => true,
            Class::Unsigned => scalar.is_integer() && !scalar.is_signed(),
        }
    }
}

impl Gives {
    /// The type given for a receiver.
    pub fn scalar(self, receiver: Scalar) -> Scalar {
        match self {
            Gives::Same | Gives::Double | Gives::More => receiver,
            Gives::Bool | Gives::Flag | Gives::Mask => Scalar::Bool,
            Gives::U32 => Scalar::U32,
            Gives::U64 => Scalar::U64,
            Gives::F16 => Scalar::F16,
            Gives::F32 => Scalar::F32,
            Gives::F64 => Scalar::F64,
            Gives::Unsigned => match receiver {
                Scalar::Isize | Scalar::Usize => Scalar::Usize,
                other => other.unsigned(),
            },
            Gives::Signed => receiver.signed(),
        }
    }

    /// The type given for a vector.
    pub fn vector(self, lane: Scalar, lanes: usize) -> Type {
        match self {
            Gives::Flag => Type::Scalar(Scalar::Bool),
            Gives::Double => Type::Vector(lane, 2 * lanes),
            Gives::More => Type::Vector(lane, lanes + 1),
            other => Type::Vector(other.scalar(lane), lanes),
        }
    }
}
