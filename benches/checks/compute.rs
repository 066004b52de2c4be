//! Kernels that compute more than they touch: bodies that attract each other, options, and the Mandelbrot set.

use super::common::{Outcome, Row, full_or_quick};
use super::{Pair, scattered_float};
use falx::prelude::*;

const SOURCE: &str = include_str!("compute.cl");
const SOFTENING: f32 = 0.01;
const RATE: f32 = 0.02;
const VOLATILITY: f32 = 0.3;
/// After so many steps a point counts as one that never leaves.
const LIMIT: u32 = 128;

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    Ok(vec![n_body(pair)?, black_scholes(pair)?, mandelbrot(pair)?])
}

fn n_body(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(2048, 512);
    let body = |i| F32x4::from([0, 1, 2, 3].map(|lane| scattered_float(4 * i + lane)));
    let (bodies, forces) = (pair.twin(n, body)?, pair.twin([n, 3], |_| 0.0)?);
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel gets the number of bodies, over which it is launched; each has a force.
    let by_hand =
        unsafe { pair.by_hand((SOURCE, "n_body"), &[&bodies.raw, &forces.raw], &[n as u32], launch) }?;
    pair.row("n-body", &by_hand, (&forces, 0.0), |h| {
        let (bodies, forces) = (bodies.falx.read(h), forces.falx.write(h).no_init());
        pair.launch(h, n, pull(bodies, forces));
    })
}

#[kernel_fn]
fn pull(i: usize, bodies: Read<F32x4>, forces: Write<f32, 2>) {
    let own = bodies[i];
    let (mut x, mut y, mut z) = (0.0, 0.0, 0.0);
    for k in 0..bodies.range()[0] {
        let other = bodies[k];
        let (dx, dy, dz) = (other.x - own.x, other.y - own.y, other.z - own.z);
        let square = dx.mul_add(dx, dy.mul_add(dy, dz.mul_add(dz, SOFTENING)));
        let strength = other.w / (square * square.sqrt());
        x = dx.mul_add(strength, x);
        y = dy.mul_add(strength, y);
        z = dz.mul_add(strength, z);
    }
    forces[[i, 0]] = x;
    forces[[i, 1]] = y;
    forces[[i, 2]] = z;
}

/// The normal distribution up to `x`, by the polynomial of Abramowitz and Stegun.
#[device]
fn normal(x: f32) -> f32 {
    let k = 1.0 / (1.0 + 0.231_641_9 * x.abs());
    let tail = 0.398_942_3
        * (-0.5 * x * x).exp()
        * (k * (0.319_381_53
            + k * (-0.356_563_78 + k * (1.781_477_9 + k * (-1.821_255_9 + k * 1.330_274_5)))));
    if x > 0.0 { 1.0 - tail } else { tail }
}

fn black_scholes(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 17, 1 << 12);
    let prices = pair.twin(n, |i| 5.0 + 25.0 * scattered_float(i))?;
    let strikes = pair.twin(n, |i| 1.0 + 99.0 * scattered_float(i + n))?;
    let years = pair.twin(n, |i| 0.25 + 9.75 * scattered_float(i + 2 * n))?;
    let (calls, puts) = (pair.twin(n, |_| 0.0)?, pair.twin(n, |_| 0.0)?);
    let buffers = [&prices.raw, &strikes.raw, &years.raw, &calls.raw, &puts.raw];
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel touches the element of each work-item in arrays as long as the launch.
    let by_hand = unsafe { pair.by_hand((SOURCE, "black_scholes"), &buffers, &[], launch) }?;
    pair.row("black-scholes", &by_hand, (&puts, 0.0), |h| {
        let (prices, strikes, years) = (prices.falx.read(h), strikes.falx.read(h), years.falx.read(h));
        let (calls, puts) = (calls.falx.write(h).no_init(), puts.falx.write(h).no_init());
        pair.launch(h, n, price_options(prices, strikes, years, calls, puts));
    })
}

#[kernel_fn]
fn price_options(
    i: usize,
    prices: Read<f32>,
    strikes: Read<f32>,
    years: Read<f32>,
    calls: Write<f32>,
    puts: Write<f32>,
) {
    let (price, strike, year) = (prices[i], strikes[i], years[i]);
    let root = year.sqrt();
    let d1 = ((price / strike).ln() + (RATE + 0.5 * VOLATILITY * VOLATILITY) * year) / (VOLATILITY * root);
    let d2 = d1 - VOLATILITY * root;
    let discount = strike * (-RATE * year).exp();
    calls[i] = price * normal(d1) - discount * normal(d2);
    puts[i] = discount * (1.0 - normal(d2)) - price * (1.0 - normal(d1));
}

fn mandelbrot(pair: &Pair<'_>) -> Outcome<Row> {
    let [rows, columns] = [full_or_quick(256, 64), full_or_quick(384, 128)];
    let picture = pair.twin([rows, columns], |_| 0)?;
    let numbers = [rows as u32, columns as u32, LIMIT];
    let launch = (&[columns, rows][..], &pair.local(2)?[..]);
    // SAFETY: the kernel gets the extents of the picture, over which it is launched.
    let by_hand = unsafe { pair.by_hand((SOURCE, "mandelbrot"), &[&picture.raw], &numbers, launch) }?;
    let scale = 2.4 / rows as f32;
    pair.row("mandelbrot", &by_hand, (&picture, 0.0), |h| {
        let picture = picture.falx.write(h).no_init();
        pair.launch(h, [rows, columns], draw(picture, scale, LIMIT));
    })
}

#[kernel_fn]
fn draw(pixel: Id<2>, picture: Write<u32, 2>, scale: f32, limit: u32) {
    let [row, column] = pixel.get();
    let [c_real, c_imaginary] = [-2.2 + column as f32 * scale, -1.2 + row as f32 * scale];
    let (mut real, mut imaginary) = (0.0, 0.0);
    let mut steps = 0;
    while steps < limit && real * real + imaginary * imaginary <= 4.0 {
        let next = real * real - imaginary * imaginary + c_real;
        imaginary = 2.0 * real * imaginary + c_imaginary;
        real = next;
        steps += 1;
    }
    picture[pixel] = steps;
}
