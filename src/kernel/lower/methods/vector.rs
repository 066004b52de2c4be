//! The methods and operators of vectors, by the scalar of their lanes.
//!
//! Here `$T` is the vector, `$U`, `$S` and `$I` the vectors of unsigned integers, of signed integers and of signed integers as
//! a comparison gives them, all of its lanes' width; `$C` a mask of as many lanes, `$D` the vector of twice and `$X` the one
//! of one more lane, `$E` the scalar, `$L` its smallest value.

use super::*;

/// The method or operator of that name of a vector with lanes of this scalar.
pub fn find(lane: Scalar, name: &str) -> Option<&'static Method> {
    // Vectors of halves have what those of singles have: by their methods, or by bits.
    let holds = |class: Class| class.holds(lane) || lane == Scalar::F16 && class.holds(Scalar::F32);
    METHODS.iter().find(|method| method.name == name && holds(method.class))
}

#[rustfmt::skip]
static METHODS: &[Method] = methods! {
    Float op_add 1 Same "($0 + $1)";
    Float op_subtract 1 Same "($0 - $1)";
    Float op_multiply 1 Same "($0 * $1)";
    Float op_divide 1 Same "($0 / $1)";
    Float op_remainder 1 Same "falx_remainder_$T($0, $1)" helper REMAINDER;
    Float op_negate 0 Same "(-$0)";
    // Signed integers wrap as unsigned ones do.
    Signed op_add 1 Same "as_$T(as_$U($0) + as_$U($1))";
    Signed op_subtract 1 Same "as_$T(as_$U($0) - as_$U($1))";
    Signed op_multiply 1 Same "as_$T(as_$U($0) * as_$U($1))";
    Signed op_negate 0 Same "as_$T(($U)(0) - as_$U($0))";
    Unsigned op_add 1 Same "($0 + $1)";
    Unsigned op_subtract 1 Same "($0 - $1)";
    Unsigned op_multiply 1 Same "($0 * $1)";
    Integer op_divide 1 Same "($0 / $1)" fails OnOverflow;
    Integer op_remainder 1 Same "($0 % $1)" fails OnOverflow;
    Signed divides 1 Flag "(all(($1 != ($T)(0)) & (($0 != ($T)($L)) | ($1 != ($T)(-1)))) != 0)";
    Unsigned divides 1 Flag "(all($1 != ($T)(0)) != 0)";
    Integer op_shift_left 1 Same "as_$T(as_$U($0) << (as_$U($1) & ($U)($B - 1)))";
    Integer op_shift_right 1 Same "($0 >> ($1 & ($T)($B - 1)))";
    Integer op_and 1 Same "($0 & $1)";
    Integer op_or 1 Same "($0 | $1)";
    Integer op_xor 1 Same "($0 ^ $1)";
    Integer op_not 0 Same "(~$0)";
    Mask op_and 1 Same "($0 & $1)";
    Mask op_or 1 Same "($0 | $1)";
    Mask op_xor 1 Same "($0 ^ $1)";
    Mask op_not 0 Same "(~$0)";
    Any op_equal 1 Flag "(all($0 == $1) != 0)";
    Any op_not_equal 1 Flag "(any($0 != $1) != 0)";

    Any eq 1 Mask "convert_$C($0 == $1)";
    Any ne 1 Mask "convert_$C($0 != $1)";
    Any lt 1 Mask "convert_$C($0 < $1)";
    Any le 1 Mask "convert_$C($0 <= $1)";
    Any gt 1 Mask "convert_$C($0 > $1)";
    Any ge 1 Mask "convert_$C($0 >= $1)";
    Mask any 0 Flag "(any($0) != 0)";
    Mask all 0 Flag "(all($0) != 0)";
    // What is selected stands before the mask, so that its type is `$T`.
    Any selected 2 Same "(convert_$I($2) ? $0 : $1)";

    Any concat 1 Double "(($D)($0, $1))";
    Any extend 1 More "(($X)($0, $1))";

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
    Float recip 0 Same "(($T)(1) / $0)";
    Float signum 0 Same "(isnan($0) ? $0 : copysign(($T)(1), $0))";
    Float copysign 1 Same "copysign($0, $1)";
    Float mul_add 2 Same "fma($0, $1, $2)";
    Float exp 0 Same "exp($0)";
    Float exp2 0 Same "exp2($0)";
    Float exp_m1 0 Same "expm1($0)";
    Float ln 0 Same "log($0)";
    Float ln_1p 0 Same "log1p($0)";
    Float log2 0 Same "log2($0)";
    Float log10 0 Same "log10($0)";
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
    Float hypot 1 Same "hypot($0, $1)";
    Float powf 1 Same "pow($0, $1)";
    Single to_radians 0 Same "($0 * 0x1.1df46ap-6f)";
    Single to_degrees 0 Same "($0 * 0x1.ca5dc2p+5f)";
    Double to_radians 0 Same "($0 * 0x1.1df46a2529d39p-6)";
    Double to_degrees 0 Same "($0 * 0x1.ca5dc1a63c1f8p+5)";
    Float to_bits 0 Unsigned "as_$U($0)";

    Integer min 1 Same "min($0, $1)";
    Integer max 1 Same "max($0, $1)";
    Integer clamp 2 Same "($0 < $1 ? $1 : ($0 > $2 ? $2 : $0))";
    Signed abs 0 Same "($0 < ($T)(0) ? as_$T(($U)(0) - as_$U($0)) : $0)";
    Unsigned abs 0 Same "($0)";
    Integer saturating_add 1 Same "add_sat($0, $1)";
    Integer saturating_sub 1 Same "sub_sat($0, $1)";
    Unsigned midpoint 1 Same "hadd($0, $1)";
    Signed midpoint 1 Same "(hadd($0, $1) + ((hadd($0, $1) < ($T)(0)) & ($0 ^ $1) & ($T)(1)))";
    Integer count_ones 0 Same "popcount($0)";
    Integer leading_zeros 0 Same "clz($0)";
    Integer rotate_left 1 Same "rotate($0, ($T)($1 & ($B - 1)))";
    Integer rotate_right 1 Same "rotate($0, ($T)(($B - ($1 & ($B - 1))) & ($B - 1)))";
};

/// As for scalars: some compilers take the remainder of a subnormal by itself for that number instead of zero.
const REMAINDER: &str = "static $T falx_remainder_$T($T a, $T b)
{
    const $T r = fmod(a, b);
    return fabs(r) == fabs(b) ? copysign(($T)(0), a) : r;
}";
