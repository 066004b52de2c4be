//! The types that parameters of OpenCL C kernels have, and what they are in Rust.

/// A number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Scalar {
    Char,
    UChar,
    Short,
    UShort,
    Int,
    UInt,
    Long,
    ULong,
    Float,
    Double,
}

/// Where a pointer leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// `__global`
    Global,
    /// `__constant`
    Constant,
    /// `__local`
    Local,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number, or a vector of so many.
    Value(Scalar, usize),
    /// A pointer to such.
    Pointer {
        /// Where it leads.
        space: Space,
        /// Whether what it leads to is `const`.
        is_const: bool,
        /// What it leads to.
        scalar: Scalar,
        /// How many of them make a vector; 1 for a number.
        lanes: usize,
    },
}

impl Scalar {
    /// The scalar that these words name, in any order that C allows: `unsigned int`, `uint`, `long`.
    pub(crate) fn of(words: &[&str]) -> Option<Scalar> {
        let is_unsigned = words.contains(&"unsigned");
        let rest: Vec<&str> =
            words.iter().copied().filter(|word| !["unsigned", "signed", "int"].contains(word)).collect();
        let signed = match rest.as_slice() {
            [] => Scalar::Int,
            ["char"] => Scalar::Char,
            ["short"] => Scalar::Short,
            ["long"] => Scalar::Long,
            [single] if words.len() == 1 => return Scalar::single(single),
            _ => return None,
        };
        Some(if is_unsigned { signed.to_unsigned() } else { signed })
    }

    fn single(word: &str) -> Option<Scalar> {
        Some(match word {
            "uchar" => Scalar::UChar,
            "ushort" => Scalar::UShort,
            "uint" => Scalar::UInt,
            "ulong" => Scalar::ULong,
            "float" => Scalar::Float,
            "double" => Scalar::Double,
            _ => return None,
        })
    }

    fn to_unsigned(self) -> Scalar {
        match self {
            Scalar::Char => Scalar::UChar,
            Scalar::Short => Scalar::UShort,
            Scalar::Int => Scalar::UInt,
            Scalar::Long => Scalar::ULong,
            other => other,
        }
    }

    /// The name in Rust.
    pub fn rust(self) -> &'static str {
        match self {
            Scalar::Char => "i8",
            Scalar::UChar => "u8",
            Scalar::Short => "i16",
            Scalar::UShort => "u16",
            Scalar::Int => "i32",
            Scalar::UInt => "u32",
            Scalar::Long => "i64",
            Scalar::ULong => "u64",
            Scalar::Float => "f32",
            Scalar::Double => "f64",
        }
    }
}

/// A number or a vector in Rust. A vector of three takes the room of four.
pub(crate) fn element(scalar: Scalar, lanes: usize) -> String {
    match lanes {
        1 => scalar.rust().to_owned(),
        3 => format!("[{}; 4]", scalar.rust()),
        lanes => format!("[{}; {lanes}]", scalar.rust()),
    }
}
