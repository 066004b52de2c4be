//! The methods of floats.

use super::*;

#[rustfmt::skip]
pub static METHODS: &[Method] = methods! {
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
    Half to_bits 0 Unsigned "($0)";
    Half is_normal 0 Bool "(($0 & 0x7c00) != 0 && ($0 & 0x7c00) != 0x7c00)";
    // Called by path: `f32::from_bits(bits)`.
    ShortWord from_bits 0 F16 "($0)";
    Word from_bits 0 F32 "as_float($0)";
    LongWord from_bits 0 F64 "as_double($0)";
    Float next_up 0 Same "falx_next_up_$T($0)" helper NEXT_UP;
    Float next_down 0 Same "(-falx_next_up_$T(-$0))" helper NEXT_UP;
    Single is_subnormal 0 Bool "($0 != 0 && fabs($0) < 0x1p-126f)";
    Double is_subnormal 0 Bool "($0 != 0 && fabs($0) < 0x1p-1022)";
    // As Rust does on every 64-bit host.
    Single midpoint 1 Same "((float)(((double)$0 + (double)$1) / 2))";
    Double midpoint 1 Same "falx_midpoint($0, $1)" helper MIDPOINT;
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
const NEXT_UP: &str = "static $T falx_next_up_$T($T x)
{
    if (isnan(x) || (isinf(x) && x > 0)) return x;
    const $U bits = as_$U(x);
    if (x == 0) return as_$T(($U)1);
    return as_$T(x > 0 ? bits + 1 : bits - 1);
}";
const MIDPOINT: &str = "static double falx_midpoint(double a, double b)
{
    const double small = 0x1p-1021;
    const double large = 0x1.fffffffffffffp+1022;
    if (fabs(a) <= large && fabs(b) <= large) return (a + b) / 2;
    if (fabs(a) < small) return a + b / 2;
    if (fabs(b) < small) return a / 2 + b;
    return a / 2 + b / 2;
}";
