//! The functions: as a kernel computes them, as std does, and exactly.

use super::exact::{BITS, ROUNDING, Value, number};
use super::inputs::Operands;
use astro_float_num::Consts;
use falx::{Buffer, Queue, kernel};

/// Runs a function on a device, for all pairs of operands.
type Run = fn(&Queue, &[(f64, f64)]) -> falx::Result<Vec<f64>>;

/// A function of one or two floats.
pub struct Function {
    pub name: &'static str,
    /// How far OpenCL lets it stray, in ulp.
    pub bound: f64,
    pub operands: Operands,
    /// In `f32`; operands and results are given as the doubles of the same value.
    pub single: Run,
    /// In `f64`.
    pub double: Run,
    pub plain: fn(f64, f64) -> f64,
    /// For operands that are neither zero nor infinite.
    pub exact: fn(&Value, &Value, &mut Consts) -> Value,
}

macro_rules! launch {
    ($ty:ident |$x:ident, $y:ident| $body:expr) => {
        |queue, inputs| {
            let left = Buffer::from(inputs.iter().map(|input| input.0 as $ty).collect::<Vec<_>>());
            let right = Buffer::from(inputs.iter().map(|input| input.1 as $ty).collect::<Vec<_>>());
            let out = Buffer::<$ty>::new(inputs.len());
            queue.submit(|h| {
                let (left, right, out) = (left.read(h), right.read(h), out.write(h).no_init());
                h.parallel_for(
                    inputs.len(),
                    kernel!(move |i: usize| {
                        let $x = left[i];
                        let $y = right[i];
                        let _ = $y;
                        out[i] = $body;
                    }),
                )
            })?;
            Ok(out.host_read()?.iter().map(|&result| f64::from(result)).collect())
        }
    };
}

macro_rules! functions {
    ($($name:literal $bound:literal $operands:ident |$x:ident, $y:ident| $body:expr => $exact:expr;)*) => {
        /// All that are measured.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            bound: $bound,
            operands: Operands::$operands,
            single: launch!(f32 |$x, $y| $body),
            double: launch!(f64 |$x, $y| $body),
            plain: |$x, $y| {
                let _ = $y;
                $body
            },
            exact: $exact,
        }),*];
    };
}

functions! {
    "/" 0.5 Any |x, y| x / y => |x, y, _| x.div(y, BITS, ROUNDING);
    "sqrt" 0.5 One |x, y| x.sqrt() => |x, _, _| x.sqrt(BITS, ROUNDING);
    "recip" 0.5 One |x, y| x.recip() => |x, _, _| x.reciprocal(BITS, ROUNDING);
    "sin" 4.0 One |x, y| x.sin() => |x, _, c| x.sin(BITS, ROUNDING, c);
    "cos" 4.0 One |x, y| x.cos() => |x, _, c| x.cos(BITS, ROUNDING, c);
    "tan" 5.0 One |x, y| x.tan() => |x, _, c| x.tan(BITS, ROUNDING, c);
    "asin" 4.0 One |x, y| x.asin() => |x, _, c| x.asin(BITS, ROUNDING, c);
    "acos" 4.0 One |x, y| x.acos() => |x, _, c| x.acos(BITS, ROUNDING, c);
    "atan" 5.0 One |x, y| x.atan() => |x, _, c| x.atan(BITS, ROUNDING, c);
    "atan2" 6.0 Near |x, y| x.atan2(y) => arc_of_two;
    "sinh" 4.0 One |x, y| x.sinh() => |x, _, c| x.sinh(BITS, ROUNDING, c);
    "cosh" 4.0 One |x, y| x.cosh() => |x, _, c| x.cosh(BITS, ROUNDING, c);
    "tanh" 5.0 One |x, y| x.tanh() => |x, _, c| x.tanh(BITS, ROUNDING, c);
    "asinh" 4.0 One |x, y| x.asinh() => |x, _, c| x.asinh(BITS, ROUNDING, c);
    "acosh" 4.0 One |x, y| x.acosh() => |x, _, c| x.acosh(BITS, ROUNDING, c);
    "atanh" 5.0 One |x, y| x.atanh() => |x, _, c| x.atanh(BITS, ROUNDING, c);
    "exp" 3.0 One |x, y| x.exp() => |x, _, c| x.exp(BITS, ROUNDING, c);
    "exp2" 3.0 One |x, y| x.exp2() => |x, _, c| power(&number(2.0), x, c);
    "exp_m1" 3.0 One |x, y| x.exp_m1() => exponential_less_one;
    "ln" 3.0 One |x, y| x.ln() => |x, _, c| x.ln(BITS, ROUNDING, c);
    "ln_1p" 2.0 One |x, y| x.ln_1p() => logarithm_of_one_more;
    "log2" 3.0 One |x, y| x.log2() => |x, _, c| x.log2(BITS, ROUNDING, c);
    "log10" 3.0 One |x, y| x.log10() => |x, _, c| x.log10(BITS, ROUNDING, c);
    "cbrt" 2.0 One |x, y| x.cbrt() => |x, _, _| x.cbrt(BITS, ROUNDING);
    "hypot" 4.0 Near |x, y| x.hypot(y) => hypotenuse;
    "powf" 16.0 Power |x, y| x.powf(y) => power;
    "powi" 16.0 IntegerPower |x, y| x.powi(y as i32) => power;
}

fn arc_of_two(y: &Value, x: &Value, constants: &mut Consts) -> Value {
    let arc = y.abs().div(&x.abs(), BITS, ROUNDING).atan(BITS, ROUNDING, constants);
    let arc = match x.is_negative() {
        true => constants.pi(BITS, ROUNDING).sub(&arc, BITS, ROUNDING),
        false => arc,
    };
    if y.is_negative() { arc.neg() } else { arc }
}

/// Below this exponent the square of a number no longer counts beside it, and the cube not beside the square.
const TINY: i32 = -70;

fn is_tiny(x: &Value) -> bool {
    x.exponent().is_some_and(|exponent| exponent < TINY)
}

/// `x + x * x / 2`, or with a minus.
fn two_terms(x: &Value, sign: f64) -> Value {
    let square = x.mul(x, BITS, ROUNDING).mul(&number(sign / 2.0), BITS, ROUNDING);
    x.add(&square, BITS, ROUNDING)
}

fn exponential_less_one(x: &Value, _: &Value, constants: &mut Consts) -> Value {
    match is_tiny(x) {
        true => two_terms(x, 1.0),
        false => x.exp(BITS, ROUNDING, constants).sub(&number(1.0), BITS, ROUNDING),
    }
}

fn logarithm_of_one_more(x: &Value, _: &Value, constants: &mut Consts) -> Value {
    match is_tiny(x) {
        true => two_terms(x, -1.0),
        false => x.add(&number(1.0), BITS, ROUNDING).ln(BITS, ROUNDING, constants),
    }
}

fn hypotenuse(x: &Value, y: &Value, _: &mut Consts) -> Value {
    let square = |x: &Value| x.mul(x, BITS, ROUNDING);
    square(x).add(&square(y), BITS, ROUNDING).sqrt(BITS, ROUNDING)
}

/// Of a negative number only whole powers exist. What is far beyond all floats, or below them, need not be exact.
fn power(x: &Value, y: &Value, constants: &mut Consts) -> Value {
    let exponent = x.abs().log2(BITS, ROUNDING, constants).mul(y, BITS, ROUNDING);
    let limit = number(5000.0);
    let result = match exponent.abs_cmp(&limit) {
        Some(..=0) => exponent,
        _ if exponent.is_negative() => limit.neg(),
        _ => limit,
    };
    let result = number(2.0).pow(&result, BITS, ROUNDING, constants);
    match x.is_negative() {
        true if !y.is_int() => number(f64::NAN),
        true if y.mul(&number(0.5), BITS, ROUNDING).is_int() => result,
        true => result.neg(),
        false => result,
    }
}
