//! The methods of scalars: which there are, what they give, and how OpenCL C spells them.
//!
//! In the spelling `$0`, `$1`, `$2` are the operands (atoms when written twice), `$T` the receiver's type, `$U` the unsigned
//! type of its width, `$B` the width in bits. A spelling is a call or stands in parentheses.

use crate::kernel::types::Scalar;

/// Which receivers a method has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `f32`, `f64`
    Float,
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
    /// `u32` alone.
    Word,
    /// `u64` alone.
    LongWord,
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
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// The unsigned integer of the receiver's width.
    Unsigned,
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
    METHODS.iter().find(|method| method.name == name && method.class.holds(scalar))
}

impl Class {
    fn holds(self, scalar: Scalar) -> bool {
        match self {
            Class::Float => scalar.is_float(),
            Class::Single => scalar == Scalar::F32,
            Class::Double => scalar == Scalar::F64,
            Class::Integer => scalar.is_integer(),
            Class::Signed => scalar.is_signed(),
            Class::Word => scalar == Scalar::U32,
            Class::LongWord => scalar == Scalar::U64,
            Class::Unsigned => scalar.is_integer() && !scalar.is_signed(),
        }
    }
}

impl Gives {
    /// The type given for a receiver.
    pub fn scalar(self, receiver: Scalar) -> Scalar {
        match self {
            Gives::Same => receiver,
            Gives::Bool => Scalar::Bool,
            Gives::U32 => Scalar::U32,
            Gives::U64 => Scalar::U64,
            Gives::F32 => Scalar::F32,
            Gives::F64 => Scalar::F64,
            Gives::Unsigned => match receiver {
                Scalar::Isize | Scalar::Usize => Scalar::Usize,
                other => other.unsigned(),
            },
        }
    }
}

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

#[rustfmt::skip]
static METHODS: &[Method] = methods! {
    Float abs 0 Same "fabs($0)";
    Float min 1 Same "fmin($0, $1)";
    Float max 1 Same "fmax($0, $1)";
    Float clamp 2 Same "($0 < $1 ? $1 : ($0 > $2 ? $2 : $0))";
    Float floor 0 Same "floor($0)";
    Float ceil 0 Same "ceil($0)";
    Float trunc 0 Same "trunc($0)";
    Float round 0 Same "round($0)";
    Float round_ties_even 0 Same "rint($0)";
    Float fract 0 Same "($0 - trunc($0))";
    Float sqrt 0 Same "sqrt($0)";
    Float cbrt 0 Same "cbrt($0)";
    Float exp 0 Same "exp($0)";
    Float exp2 0 Same "exp2($0)";
    Float exp_m1 0 Same "expm1($0)";
    Float ln 0 Same "log($0)";
    Float ln_1p 0 Same "log1p($0)";
    Float log2 0 Same "log2($0)";
    Float log10 0 Same "log10($0)";
    Float log 1 Same "(log($0) / log($1))";
    Float sin 0 Same "sin($0)";
    Float cos 0 Same "cos($0)";
    Float tan 0 Same "tan($0)";
    Float asin 0 Same "asin($0)";
    Float acos 0 Same "acos($0)";
    Float atan 0 Same "atan($0)";
    Float atan2 1 Same "atan2($0, $1)";
    Float sinh 0 Same "sinh($0)";
    Float cosh 0 Same "cosh($0)";
    Float tanh 0 Same "tanh($0)";
    Float asinh 0 Same "asinh($0)";
    Float acosh 0 Same "acosh($0)";
    Float atanh 0 Same "atanh($0)";
    Float powf 1 Same "pow($0, $1)";
    Float powi 1 Same "pown($0, $1)";
    Float hypot 1 Same "hypot($0, $1)";
    Float mul_add 2 Same "fma($0, $1, $2)";
    Float copysign 1 Same "copysign($0, $1)";
    Float signum 0 Same "(isnan($0) ? $0 : copysign(($T)1, $0))";
    Float recip 0 Same "(($T)1 / $0)";
    Float rem_euclid 1 Same "falx_rem_euclid_$T($0, $1)" helper FLOAT_REM_EUCLID;
    Float div_euclid 1 Same "falx_div_euclid_$T($0, $1)" helper FLOAT_DIV_EUCLID;
    Float is_nan 0 Bool "(isnan($0) != 0)";
    Float is_infinite 0 Bool "(isinf($0) != 0)";
    Float is_finite 0 Bool "(isfinite($0) != 0)";
    Float is_normal 0 Bool "(isnormal($0) != 0)";
    Float is_sign_negative 0 Bool "(signbit($0) != 0)";
    Float is_sign_positive 0 Bool "(signbit($0) == 0)";
    Single to_radians 0 Same "($0 * 0x1.1df46ap-6f)";
    Single to_degrees 0 Same "($0 * 0x1.ca5dc2p+5f)";
    Double to_radians 0 Same "($0 * 0x1.1df46a2529d39p-6)";
    Double to_degrees 0 Same "($0 * 0x1.ca5dc1a63c1f8p+5)";
    Single to_bits 0 U32 "as_uint($0)";
    Double to_bits 0 U64 "as_ulong($0)";

    // Called by path: `f32::from_bits(bits)`.
    Word from_bits 0 F32 "as_float($0)";
    LongWord from_bits 0 F64 "as_double($0)";

    Integer min 1 Same "min($0, $1)";
    Integer max 1 Same "max($0, $1)";
    Integer clamp 2 Same "(($T)($0 < $1 ? $1 : ($0 > $2 ? $2 : $0)))";
    Integer pow 1 Same "falx_pow_$T($0, $1)" helper INTEGER_POW;
    Integer wrapping_pow 1 Same "falx_pow_$T($0, $1)" helper INTEGER_POW;
    Integer count_ones 0 U32 "((uint)popcount(($U)$0))";
    Integer count_zeros 0 U32 "((uint)popcount(($U)~$0))";
    Integer leading_zeros 0 U32 "((uint)clz(($U)$0))";
    Integer leading_ones 0 U32 "((uint)clz(($U)~$0))";
    Integer trailing_zeros 0 U32 "((uint)popcount(($U)(~($U)$0 & (($U)$0 - 1u))))";
    Integer trailing_ones 0 U32 "((uint)popcount(($U)(($U)$0 & ~(($U)$0 + 1u))))";
    Integer rotate_left 1 Same "(($T)rotate(($U)$0, ($U)($1 & ($B - 1))))";
    Integer rotate_right 1 Same "(($T)rotate(($U)$0, ($U)(($B - ($1 & ($B - 1))) & ($B - 1))))";
    Integer swap_bytes 0 Same "falx_swap_bytes_$T($0)" helper SWAP_BYTES;
    Integer reverse_bits 0 Same "falx_reverse_bits_$T($0)" helper REVERSE_BITS;
    Integer wrapping_neg 0 Same "(($T)(0u - ($U)$0))";
    Integer saturating_add 1 Same "add_sat($0, $1)";
    Integer saturating_sub 1 Same "sub_sat($0, $1)";
    Integer abs_diff 1 Unsigned "abs_diff($0, $1)";
    Integer wrapping_div 1 Same "falx_wrapping_div_$T($0, $1)" fails OnZero helper WRAPPING_DIV;
    Integer wrapping_rem 1 Same "falx_wrapping_rem_$T($0, $1)" fails OnZero helper WRAPPING_REM;
    // Not by `abs`: of the smallest value some compilers take the result for positive.
    Signed abs 0 Same "(($T)($0 < 0 ? ($U)0 - ($U)$0 : ($U)$0))";
    Signed wrapping_abs 0 Same "(($T)($0 < 0 ? ($U)0 - ($U)$0 : ($U)$0))";
    Signed unsigned_abs 0 Unsigned "(($U)($0 < 0 ? ($U)0 - ($U)$0 : ($U)$0))";
    Signed signum 0 Same "(($T)(($0 > 0) - ($0 < 0)))";
    Signed is_positive 0 Bool "($0 > 0)";
    Signed is_negative 0 Bool "($0 < 0)";
    Signed rem_euclid 1 Same "falx_rem_euclid_$T($0, $1)" fails OnOverflow helper SIGNED_REM_EUCLID;
    Signed div_euclid 1 Same "falx_div_euclid_$T($0, $1)" fails OnOverflow helper SIGNED_DIV_EUCLID;
    Unsigned rem_euclid 1 Same "(($T)($0 % $1))" fails OnZero;
    Unsigned div_euclid 1 Same "(($T)($0 / $1))" fails OnZero;
    Unsigned div_ceil 1 Same "(($T)($0 / $1 + ($0 % $1 != 0)))" fails OnZero;
    Unsigned is_power_of_two 0 Bool "($0 != 0 && ($0 & ($0 - 1)) == 0)";
};

const FLOAT_REM_EUCLID: &str = "static $T falx_rem_euclid_$T($T a, $T b)
{
    const $T r = fmod(a, b);
    return fabs(r) == fabs(b) ? copysign(($T)0, a) : r < 0 ? r + fabs(b) : r;
}";
const FLOAT_DIV_EUCLID: &str = "static $T falx_div_euclid_$T($T a, $T b)
{
    const $T q = trunc(a / b);
    const $T r = fmod(a, b);
    return r < 0 && fabs(r) != fabs(b) ? (b > 0 ? q - 1 : q + 1) : q;
}";
const INTEGER_POW: &str = "static $T falx_pow_$T($T base, uint exponent)
{
    ulong b = (ulong)base;
    ulong result = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) result *= b;
        b *= b;
    }
    return ($T)result;
}";
const SWAP_BYTES: &str = "static $T falx_swap_bytes_$T($T x)
{
    ulong result = 0;
    for (uint shift = 0; shift < $B; shift += 8) result |= ((ulong)($U)x >> shift & 255) << ($B - 8 - shift);
    return ($T)result;
}";
const REVERSE_BITS: &str = "static $T falx_reverse_bits_$T($T x)
{
    ulong result = 0;
    for (uint bit = 0; bit < $B; ++bit) result |= ((ulong)($U)x >> bit & 1) << ($B - 1 - bit);
    return ($T)result;
}";
const WRAPPING_DIV: &str = "static $T falx_wrapping_div_$T($T a, $T b)
{
    return b == ($T)-1 && ($T)-1 < 0 ? ($T)(0u - ($U)a) : ($T)(a / b);
}";
const WRAPPING_REM: &str = "static $T falx_wrapping_rem_$T($T a, $T b)
{
    return b == ($T)-1 && ($T)-1 < 0 ? ($T)0 : ($T)(a % b);
}";
const SIGNED_REM_EUCLID: &str = "static $T falx_rem_euclid_$T($T a, $T b)
{
    const $T r = a % b;
    return r < 0 ? ($T)(b < 0 ? ($U)r - ($U)b : ($U)r + ($U)b) : r;
}";
const SIGNED_DIV_EUCLID: &str = "static $T falx_div_euclid_$T($T a, $T b)
{
    const $T q = a / b;
    return a % b < 0 ? ($T)(b > 0 ? q - 1 : q + 1) : q;
}";
