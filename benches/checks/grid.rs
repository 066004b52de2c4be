//! Neighbours in grids: stencils in two and three dimensions, and a convolution that repeats what stands at the borders.

use super::common::{Outcome, Row, full_or_quick};
use super::{Pair, scattered_float};
use falx::prelude::*;

const SOURCE: &str = include_str!("grid.cl");
/// How far the stencil of eighth order reaches.
const REACH: usize = 4;
const WEIGHTS: [f32; REACH + 1] = [-2.847_222, 1.6, -0.2, 0.025_396_825, -0.001_785_714_3];
/// How far the convolution reaches.
const RADIUS: usize = 8;
const MASK: usize = 2 * RADIUS + 1;

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    Ok(vec![stencil_2d(pair)?, stencil_3d(pair)?, convolution(pair)?])
}

fn stencil_2d(pair: &Pair<'_>) -> Outcome<Row> {
    let inner = [full_or_quick(1024, 64), full_or_quick(2048, 64)];
    let whole = inner.map(|extent| extent + 2);
    let (now, next) = (pair.twin(whole, scattered_float)?, pair.twin(whole, |_| 0.0)?);
    let launch = (&[inner[1], inner[0]][..], &pair.local(2)?[..]);
    // SAFETY: the kernel gets the length of a row, and is launched over all but the border, one element wide.
    let by_hand =
        unsafe { pair.by_hand((SOURCE, "stencil_2d"), &[&now.raw, &next.raw], &[whole[1] as u32], launch) }?;
    pair.row("stencil-2d", &by_hand, (&next, 0.0), |h| {
        let (now, next) = (now.falx.read(h), next.falx.write(h));
        pair.launch(
            h,
            inner,
            kernel!(move |[row, column]: [usize; 2]| {
                let [y, x] = [row + 1, column + 1];
                next[[y, x]] = 0.2
                    * (now[[y, x]] + now[[y - 1, x]] + now[[y + 1, x]] + now[[y, x - 1]] + now[[y, x + 1]]);
            }),
        );
    })
}

fn stencil_3d(pair: &Pair<'_>) -> Outcome<Row> {
    let inner = [full_or_quick(64, 4), full_or_quick(64, 4), full_or_quick(128, 64)];
    let whole = inner.map(|extent| extent + 2 * REACH);
    let (now, next) = (pair.twin(whole, scattered_float)?, pair.twin(whole, |_| 0.0)?);
    let numbers = [whole[1] as u32, whole[2] as u32];
    let launch = (&[inner[2], inner[1], inner[0]][..], &pair.local(3)?[..]);
    // SAFETY: the kernel gets the extents, and is launched over all but the border, four elements wide.
    let by_hand = unsafe { pair.by_hand((SOURCE, "stencil_3d"), &[&now.raw, &next.raw], &numbers, launch) }?;
    pair.row("stencil-3d", &by_hand, (&next, 0.0), |h| {
        let (now, next) = (now.falx.read(h), next.falx.write(h));
        pair.launch(h, inner, eighth_order(now, next));
    })
}

#[kernel_fn]
fn eighth_order(at: [usize; 3], now: Read<f32, 3>, next: Write<f32, 3>) {
    let [z, y, x] = [at[0] + REACH, at[1] + REACH, at[2] + REACH];
    let mut sum = 3.0 * WEIGHTS[0] * now[[z, y, x]];
    for r in 1..=REACH {
        let near = now[[z, y, x - r]]
            + now[[z, y, x + r]]
            + now[[z, y - r, x]]
            + now[[z, y + r, x]]
            + now[[z - r, y, x]]
            + now[[z + r, y, x]];
        sum = WEIGHTS[r].mul_add(near, sum);
    }
    next[[z, y, x]] = sum;
}

fn convolution(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 19, 1 << 12);
    let (from, to) = (pair.twin(n, scattered_float)?, pair.twin(n, |_| 0.0)?);
    let mask = pair.twin(MASK, |i| 1.0 / (1 + i) as f32)?;
    let buffers = [&from.raw, &mask.raw, &to.raw];
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel gets the length of the arrays it is launched over; the mask has 17 elements.
    let by_hand = unsafe { pair.by_hand((SOURCE, "convolution"), &buffers, &[n as u32], launch) }?;
    pair.row("convolution", &by_hand, (&to, 0.0), |h| {
        let (from, mask, to) = (from.falx.read(h), mask.falx.read(h), to.falx.write(h).no_init());
        let last = n as i32 - 1;
        pair.launch(
            h,
            n,
            kernel!(move |i: usize| {
                let mut sum = 0.0;
                for k in 0..MASK {
                    let at = (i as i32 + k as i32 - RADIUS as i32).clamp(0, last);
                    sum = mask[k].mul_add(from[at as usize], sum);
                }
                to[i] = sum;
            }),
        );
    })
}
