//! Kernels whose indices come from data: a histogram, and the assignment of points to the nearest center.

use super::common::{Outcome, Row, full_or_quick};
use super::{Pair, scattered, scattered_float};
use falx::prelude::*;

const SOURCE: &str = include_str!("data.cl");
const N_BINS: usize = 256;
/// The dimensions of a point.
const D: usize = 4;
const N_CENTERS: usize = 16;

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    Ok(vec![histogram(pair)?, nearest_center(pair)?])
}

fn histogram(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 19, 1 << 12);
    let words = pair.twin(n, |i| scattered(i) % N_BINS as u32)?;
    let bins = pair.twin(N_BINS, |_| 0)?;
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel is launched over the words, each of which is the number of a bin.
    let by_hand = unsafe { pair.by_hand((SOURCE, "histogram"), &[&words.raw, &bins.raw], &[], launch) }?;
    pair.row("histogram", &by_hand, (&bins, 0.0), |h| {
        let (words, bins) = (words.falx.read(h), bins.falx.read_write(h));
        pair.launch(
            h,
            n,
            kernel!(move |i: usize| {
                bins.atomic(words[i] as usize).fetch_add(1);
            }),
        );
    })
}

fn nearest_center(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 17, 1 << 12);
    let points = pair.twin([n, D], scattered_float)?;
    let centers = pair.twin([N_CENTERS, D], |i| scattered_float(i + n * D))?;
    let before = pair.twin(n, |i| scattered(i) % N_CENTERS as u32)?;
    let after = pair.twin(n, |_| 0)?;
    let buffers = [&points.raw, &centers.raw, &before.raw, &after.raw];
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel is launched over the points, each with the number of a center before and after.
    let by_hand = unsafe { pair.by_hand((SOURCE, "nearest_center"), &buffers, &[N_CENTERS as u32], launch) }?;
    pair.row("k-means", &by_hand, (&after, 0.0), |h| {
        let (points, centers) = (points.falx.read(h), centers.falx.read(h));
        let (before, after) = (before.falx.read(h), after.falx.write(h).no_init());
        pair.launch(h, n, assign(points, centers, before, after));
    })
}

#[device]
fn square_distance(points: Read<'_, f32, 2>, point: usize, centers: Read<'_, f32, 2>, center: usize) -> f32 {
    let mut sum = 0.0;
    for d in 0..D {
        let delta = points[[point, d]] - centers[[center, d]];
        sum = delta.mul_add(delta, sum);
    }
    sum
}

#[kernel_fn]
fn assign(point: usize, points: Read<f32, 2>, centers: Read<f32, 2>, before: Read<u32>, after: Write<u32>) {
    let mut best = before[point] as usize;
    let mut least = square_distance(points, point, centers, best);
    for center in 0..centers.range()[0] {
        let distance = square_distance(points, point, centers, center);
        if distance < least {
            least = distance;
            best = center;
        }
    }
    after[point] = best as u32;
}
