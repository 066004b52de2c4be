//! The methods of integers.

use super::*;

#[rustfmt::skip]
pub static METHODS: &[Method] = methods! {
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
    // Hidden as every negation: see `emit/counted.rs`.
    Integer wrapping_neg 0 Same "(($T)convert_$U(($U)(0u - ($U)$0)))";
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
    Integer saturating_mul 1 Same "falx_saturating_mul_$T($0, $1)" helper SATURATING_MUL;
    Integer saturating_pow 1 Same "falx_saturating_pow_$T($0, $1)" helper SATURATING_POW;
    Integer saturating_div 1 Same "falx_saturating_div_$T($0, $1)" fails OnZero helper SATURATING_DIV;
    Signed saturating_neg 0 Same "sub_sat(($T)0, $0)";
    Signed saturating_abs 0 Same "(($T)($0 < 0 ? sub_sat(($T)0, $0) : $0))";
    Signed wrapping_rem_euclid 1 Same "falx_wrapping_rem_euclid_$T($0, $1)" fails OnZero helper WRAPPING_REM_EUCLID;
    Signed wrapping_div_euclid 1 Same "falx_wrapping_div_euclid_$T($0, $1)" fails OnZero helper WRAPPING_DIV_EUCLID;
    Unsigned wrapping_rem_euclid 1 Same "(($T)($0 % $1))" fails OnZero;
    Unsigned wrapping_div_euclid 1 Same "(($T)($0 / $1))" fails OnZero;
    Integer unbounded_shl 1 Same "(($T)($1 < $B ? ($U)$0 << $1 : 0))";
    Unsigned unbounded_shr 1 Same "(($T)($1 < $B ? $0 >> $1 : 0))";
    Signed unbounded_shr 1 Same "(($T)($0 >> min($1, $B - 1u)))";
    Unsigned cast_signed 0 Signed "(($S)$0)";
    Signed cast_unsigned 0 Unsigned "(($U)$0)";
    Unsigned wrapping_add_signed 1 Same "(($T)($0 + ($U)$1))";
    Signed wrapping_add_unsigned 1 Same "(($T)(($U)$0 + $1))";
    Signed wrapping_sub_unsigned 1 Same "(($T)(($U)$0 - $1))";
    Unsigned wrapping_sub_signed 1 Same "(($T)($0 - ($U)$1))";
    Unsigned saturating_sub_signed 1 Same "(($T)($1 < 0 ? add_sat($0, ($U)(0u - ($U)$1)) : sub_sat($0, ($U)$1)))";
    Unsigned saturating_add_signed 1 Same "(($T)($1 < 0 ? sub_sat($0, ($U)(0u - ($U)$1)) : add_sat($0, ($U)$1)))";
    Signed saturating_add_unsigned 1 Same "falx_saturating_add_unsigned_$T($0, $1)" helper SATURATING_ADD_UNSIGNED;
    Signed saturating_sub_unsigned 1 Same "falx_saturating_sub_unsigned_$T($0, $1)" helper SATURATING_SUB_UNSIGNED;
    Unsigned midpoint 1 Same "hadd($0, $1)";
    Signed midpoint 1 Same "falx_midpoint_$T($0, $1)" helper SIGNED_MIDPOINT;
    Unsigned next_power_of_two 0 Same "falx_next_power_of_two_$T($0)" helper NEXT_POWER_OF_TWO;
    Unsigned next_multiple_of 1 Same "(($T)($0 % $1 == 0 ? $0 : $0 + ($1 - $0 % $1)))" fails OnZero;
    Unsigned is_multiple_of 1 Bool "($1 == 0 ? $0 == 0 : $0 % $1 == 0)";
    Unsigned isqrt 0 Same "falx_isqrt_$T($0)" helper SQUARE_ROOT;
    Signed isqrt 0 Same "falx_isqrt_$T($0)" fails OnNegative helper SQUARE_ROOT;
    Integer ilog2 0 U32 "((uint)($B - 1 - clz(($U)$0)))" fails OnNotPositive;
    Integer ilog10 0 U32 "falx_ilog_$T($0, ($T)10)" fails OnNotPositive helper LOGARITHM;
    Integer ilog 1 U32 "falx_ilog_$T($0, $1)" fails OnNoLogarithm helper LOGARITHM;
    // Devices and hosts of falx are little-endian.
    Integer to_le 0 Same "($0)";
    Integer to_be 0 Same "falx_swap_bytes_$T($0)" helper SWAP_BYTES;
    // Called by path: `u32::from_be(bits)`.
    Integer from_le 0 Same "($0)";
    Integer from_be 0 Same "falx_swap_bytes_$T($0)" helper SWAP_BYTES;
};

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
const SATURATING_MUL: &str = "static $T falx_saturating_mul_$T($T a, $T b)
{
    const $T low = ($T)((ulong)($U)a * ($U)b);
    const $T high = mul_hi(a, b);
    const $T largest = ($T)(($U)~($U)0 >> (($T)-1 < 0));
    if (($T)-1 < 0) return high == ($T)(low >> ($B - 1)) ? low : (a < 0) == (b < 0) ? largest : ($T)(-largest - 1);
    return high == 0 ? low : largest;
}";
const SATURATING_POW: &str = "static $T falx_saturating_pow_$T($T base, uint exponent)
{
    const $T largest = ($T)(($U)~($U)0 >> (($T)-1 < 0));
    const $T limit = ($T)-1 < 0 && base < 0 && (exponent & 1) ? ($T)(-largest - 1) : largest;
    $T b = base;
    $T result = 1;
    while (exponent != 0) {
        if (exponent & 1) {
            const $T low = ($T)((ulong)($U)result * ($U)b);
            if (mul_hi(result, b) != (($T)-1 < 0 ? ($T)(low >> ($B - 1)) : 0)) return limit;
            result = low;
        }
        exponent >>= 1;
        if (exponent != 0) {
            const $T low = ($T)((ulong)($U)b * ($U)b);
            if (mul_hi(b, b) != (($T)-1 < 0 ? ($T)(low >> ($B - 1)) : 0)) return limit;
            b = low;
        }
    }
    return result;
}";
const SATURATING_DIV: &str = "static $T falx_saturating_div_$T($T a, $T b)
{
    const $T largest = ($T)(($U)~($U)0 >> 1);
    return ($T)-1 < 0 && b == ($T)-1 && a == ($T)(-largest - 1) ? largest : ($T)(a / b);
}";
const WRAPPING_REM_EUCLID: &str = "static $T falx_wrapping_rem_euclid_$T($T a, $T b)
{
    const $T r = b == -1 ? 0 : a % b;
    return r < 0 ? ($T)(b < 0 ? ($U)r - ($U)b : ($U)r + ($U)b) : r;
}";
const WRAPPING_DIV_EUCLID: &str = "static $T falx_wrapping_div_euclid_$T($T a, $T b)
{
    if (b == -1) return ($T)(0u - ($U)a);
    const $T q = a / b;
    return a % b < 0 ? ($T)(b > 0 ? q - 1 : q + 1) : q;
}";
const SATURATING_ADD_UNSIGNED: &str = "static $T falx_saturating_add_unsigned_$T($T a, $U b)
{
    const $T sum = ($T)(($U)a + b);
    return sum < a ? ($T)(($U)~($U)0 >> 1) : sum;
}";
const SATURATING_SUB_UNSIGNED: &str = "static $T falx_saturating_sub_unsigned_$T($T a, $U b)
{
    const $T difference = ($T)(($U)a - b);
    return difference > a ? ($T)((($U)~($U)0 >> 1) + 1) : difference;
}";
const SIGNED_MIDPOINT: &str = "static $T falx_midpoint_$T($T a, $T b)
{
    const $T below = hadd(a, b);
    return ($T)(below + (below < 0 && ((a ^ b) & 1)));
}";
const NEXT_POWER_OF_TWO: &str = "static $T falx_next_power_of_two_$T($T x)
{
    if (x <= 1) return 1;
    const $T zeros = clz(($T)(x - 1));
    return zeros == 0 ? 0 : ($T)(($T)1 << ($B - zeros));
}";
const SQUARE_ROOT: &str = "static $T falx_isqrt_$T($T x)
{
    ulong rest = (ulong)x;
    ulong root = 0;
    for (ulong bit = 1UL << ($B - 2); bit != 0; bit >>= 2) {
        if (rest >= root + bit) {
            rest -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return ($T)root;
}";
const LOGARITHM: &str = "static uint falx_ilog_$T($T x, $T base)
{
    uint power = 0;
    for (; x >= base; x /= base) ++power;
    return power;
}";
