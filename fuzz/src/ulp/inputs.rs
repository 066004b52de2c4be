//! What functions are measured with: special values first, then all exponents, and where functions are hard.

use super::exact::Format;
use crate::random::Random;
use std::f64::consts::{FRAC_PI_2, PI};

/// How the operands of a function belong together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Operands {
    /// There is one.
    One,
    /// Both are any numbers.
    Any,
    /// Their exponents are close in half of the cases.
    Near,
    /// The second is such that the power of the first mostly fits.
    Power,
    /// The same, and it is an integer that fits into 32 bits.
    IntegerPower,
}

impl Operands {
    pub fn are_two(self) -> bool {
        self != Operands::One
    }
}

/// Pairs of operands, of which a function of one takes the first.
pub fn make(format: &Format, operands: Operands, count: usize, random: &mut Random) -> Vec<(f64, f64)> {
    let mut inputs = special(format, operands);
    for number in 0..count {
        let x = format.rounded(first(format, number, count, random));
        let y = format.rounded(second(format, operands, x, random));
        inputs.push((x, y));
    }
    if operands == Operands::IntegerPower {
        inputs.iter_mut().for_each(|(_, y)| *y = y.round().clamp(-2e9, 2e9) + 0.0);
        inputs.retain(|(_, y)| !y.is_nan());
        inputs.iter_mut().for_each(|(_, y)| *y = format.rounded(*y));
    }
    inputs
}

fn special(format: &Format, operands: Operands) -> Vec<(f64, f64)> {
    let power = |exponent: i32| 2f64.powi(exponent);
    let epsilon = power(1 - format.digits);
    let largest = (2.0 - epsilon) * power(format.highest);
    // Not by `powi`, which goes through an infinity.
    let least = f64::from_bits(1).max(power(format.lowest) * epsilon);
    let few = [
        0.0,
        1.0,
        1.0 + epsilon,
        1.0 - epsilon / 2.0,
        0.5,
        2.0,
        3.0,
        10.0,
        FRAC_PI_2,
        PI,
        f64::INFINITY,
        largest,
        power(format.lowest),
        least,
        power(format.lowest) - least,
        f64::NAN,
    ];
    let few: Vec<f64> = few.iter().flat_map(|&x| [format.rounded(x), format.rounded(-x)]).collect();
    let others = if operands.are_two() { &few[..] } else { &few[..1] };
    few.iter().flat_map(|&x| others.iter().map(move |&y| (x, y))).collect()
}

/// Every exponent in turn, the numbers around zero, and those at which functions are hard: near one, and near the multiples
/// of a right angle.
fn first(format: &Format, number: usize, count: usize, random: &mut Random) -> f64 {
    let turn = number / 4;
    match number % 4 {
        0 | 1 => {
            let n_exponents = (format.highest - format.lowest + 1 + format.digits) as usize;
            let place = (2 * turn + number % 4) * n_exponents.div_ceil(count.div_ceil(2).max(1)).max(1);
            let exponent = format.highest - (place % n_exponents) as i32;
            sign(random)
                * (1.0 + fraction(random))
                * 2f64.powi(exponent / 2)
                * 2f64.powi(exponent - exponent / 2)
        }
        2 => (2.0 * fraction(random) - 1.0) * [1.0, 10.0, 100.0, 750.0][turn % 4],
        _ if turn.is_multiple_of(2) => {
            sign(random) * (1.0 + sign(random) * fraction(random) * 2f64.powi(-(turn as i32 / 2 % 53)))
        }
        _ => {
            let angle = FRAC_PI_2 * (random.below(1 << (1 + turn / 2 % 20)) + 1) as f64;
            sign(random)
                * angle
                * (1.0 + sign(random) * fraction(random) * 2f64.powi(-(turn as i32 / 2 % 53)))
        }
    }
}

fn second(format: &Format, operands: Operands, x: f64, random: &mut Random) -> f64 {
    let any = |random: &mut Random| {
        let exponent = random.between(0, (format.highest - format.lowest) as usize) as i32 + format.lowest;
        sign(random) * (1.0 + fraction(random)) * 2f64.powi(exponent)
    };
    let is_any = random.chance(50);
    match operands {
        Operands::One => 1.0,
        Operands::Any => any(random),
        Operands::Near if is_any => any(random),
        Operands::Near => {
            x * sign(random) * (1.0 + fraction(random)) * 2f64.powi(random.below(16) as i32 - 8)
        }
        Operands::Power | Operands::IntegerPower if is_any && random.chance(20) => any(random),
        Operands::Power | Operands::IntegerPower => {
            let wanted = (2.0 * fraction(random) - 1.0) * f64::from(format.highest + format.digits);
            let y = wanted / x.abs().log2();
            // Of a negative number only whole powers exist.
            if x < 0.0 { y.round() } else { y }
        }
    }
}

impl Format {
    /// The nearest number of this format.
    fn rounded(&self, x: f64) -> f64 {
        if self.digits == 24 { f64::from(x as f32) } else { x }
    }
}

fn fraction(random: &mut Random) -> f64 {
    (random.bits() >> 11) as f64 / (1u64 << 53) as f64
}

fn sign(random: &mut Random) -> f64 {
    if random.chance(50) { 1.0 } else { -1.0 }
}
