//! Functions of floats that std gives less exactly than OpenCL promises, as the host device computes them.
//!
//! Everything goes through `f64`, so that singles are nearly always correctly rounded. The formulas are those of fdlibm,
//! which lose nothing where std's cancel or overflow.

use std::f64::consts::LN_2;

/// Beyond this the one under the root no longer counts.
const LARGE: f64 = (1u64 << 28) as f64;

/// The inverse of `sinh`.
pub fn asinh(x: f64) -> f64 {
    let size = x.abs();
    let result = if size > LARGE {
        size.ln() + LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size)).ln()
    } else {
        (size + size * size / (1.0 + (1.0 + size * size).sqrt())).ln_1p()
    };
    result.copysign(x)
}

/// The inverse of `cosh`; not a number below one.
pub fn acosh(x: f64) -> f64 {
    // The formulas would give infinities for large negative numbers.
    if x < 1.0 {
        return f64::NAN;
    }
    if x > LARGE {
        return x.ln() + LN_2;
    }
    if x > 2.0 {
        return (2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt())).ln();
    }
    let above = x - 1.0;
    (above + (2.0 * above + above * above).sqrt()).ln_1p()
}

/// The inverse of `tanh`; not a number outside of -1 to 1.
pub fn atanh(x: f64) -> f64 {
    let size = x.abs();
    let double = size + size;
    let inner = if size < 0.5 { double + double * size / (1.0 - size) } else { double / (1.0 - size) };
    (0.5 * inner.ln_1p()).copysign(x)
}

/// `x` to the power of an integer. Few factors are multiplied, as kernels do for literals; std would also multiply many.
#[inline(always)]
pub fn powi(x: f64, exponent: i32) -> f64 {
    match exponent {
        0 => 1.0,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        -1 => 1.0 / x,
        other => x.powf(f64::from(other)),
    }
}

/// The same for singles: the products rounded like those of a kernel.
#[inline(always)]
pub fn powi_single(x: f32, exponent: i32) -> f32 {
    match exponent {
        0 => 1.0,
        1 => x,
        2 => x * x,
        3 => x * x * x,
        -1 => 1.0 / x,
        other => f64::from(x).powf(f64::from(other)) as f32,
    }
}
