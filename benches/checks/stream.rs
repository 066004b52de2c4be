//! The five kernels of BabelStream, on arrays that fit into the last cache, where checks show more than in memory.

use super::common::{Outcome, Row, full_or_quick};
use super::{ByHand, Pair, Twin, scattered_float};
use falx::prelude::*;

const SOURCE: &str = include_str!("stream.cl");
const SCALE: f32 = 0.4;
/// The work-items of a group of the dot product, and the groups: not so many that all a work-item reads falls into the same few sets
/// of the caches, as with 64. Then every kernel takes twice as long, and those by hand differ by a quarter among themselves: one that is
/// told the length in 64 bits, as the kernel in Rust is, takes on Intel's runtime 1.2 times what one with 32 bits takes, and so does the
/// one in Rust.
const GROUP: usize = 256;
const N_GROUPS: usize = 63;

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    let n = full_or_quick(1 << 21, 1 << 15);
    let arrays = Arrays {
        pair,
        n,
        a: pair.twin(n, scattered_float)?,
        b: pair.twin(n, |i| scattered_float(i + n))?,
        c: pair.twin(n, |_| 0.0)?,
    };
    Ok(vec![arrays.copy()?, arrays.mul()?, arrays.add()?, arrays.triad()?, arrays.dot()?])
}

struct Arrays<'p> {
    pair: &'p Pair<'p>,
    n: usize,
    a: Twin<f32>,
    b: Twin<f32>,
    c: Twin<f32>,
}

impl Arrays<'_> {
    /// One of the kernels with one element for each work-item.
    fn by_hand(&self, name: &str, from: &[&Twin<f32>]) -> Outcome<ByHand> {
        let buffers: Vec<_> = from.iter().chain(&[&self.c]).map(|twin| &twin.raw).collect();
        let launch = (&[self.n][..], &self.pair.local(1)?[..]);
        // SAFETY: the kernels touch the element of each work-item in arrays as long as the launch.
        unsafe { self.pair.by_hand((SOURCE, name), &buffers, &[], launch) }
    }

    fn copy(&self) -> Outcome<Row> {
        let by_hand = self.by_hand("copy", &[&self.a])?;
        self.pair.row("copy", &by_hand, (&self.c, 0.0), |h| {
            let (a, c) = (self.a.falx.read(h), self.c.falx.write(h).no_init());
            self.pair.launch(h, self.n, kernel!(move |i: Id<1>| c[i] = a[i]));
        })
    }

    fn mul(&self) -> Outcome<Row> {
        let by_hand = self.by_hand("mul", &[&self.a])?;
        self.pair.row("mul", &by_hand, (&self.c, 0.0), |h| {
            let (a, c) = (self.a.falx.read(h), self.c.falx.write(h).no_init());
            self.pair.launch(h, self.n, kernel!(move |i: Id<1>| c[i] = SCALE * a[i]));
        })
    }

    fn add(&self) -> Outcome<Row> {
        let by_hand = self.by_hand("add", &[&self.a, &self.b])?;
        self.pair.row("add", &by_hand, (&self.c, 0.0), |h| {
            let (a, b, c) = (self.a.falx.read(h), self.b.falx.read(h), self.c.falx.write(h).no_init());
            self.pair.launch(h, self.n, kernel!(move |i: Id<1>| c[i] = a[i] + b[i]));
        })
    }

    fn triad(&self) -> Outcome<Row> {
        let by_hand = self.by_hand("triad", &[&self.a, &self.b])?;
        self.pair.row("triad", &by_hand, (&self.c, 0.0), |h| {
            let (a, b, c) = (self.a.falx.read(h), self.b.falx.read(h), self.c.falx.write(h).no_init());
            self.pair.launch(h, self.n, kernel!(move |i: Id<1>| c[i] = a[i] + SCALE * b[i]));
        })
    }

    fn dot(&self) -> Outcome<Row> {
        let sums = self.pair.twin(N_GROUPS, |_| 0.0)?;
        let n_items = GROUP * N_GROUPS;
        let buffers = [&self.a.raw, &self.b.raw, &sums.raw];
        let launch = (&[n_items][..], &[GROUP][..]);
        // SAFETY: the kernel gets the length of the two arrays, and a sum for each of its groups of 256.
        let by_hand =
            unsafe { self.pair.by_hand((SOURCE, "dot_of_groups"), &buffers, &[self.n as u32], launch) }?;
        self.pair.row("dot", &by_hand, (&sums, 0.0), |h| {
            let (a, b, sums) = (self.a.falx.read(h), self.b.falx.read(h), sums.falx.write(h).no_init());
            self.pair.launch(h, NdRange::new(n_items, GROUP), dot::<GROUP>(a, b, sums));
        })
    }
}

#[kernel_fn]
fn dot<const N: usize>(it: NdItem<1>, a: Read<f32>, b: Read<f32>, sums: Write<f32>) {
    let part = falx::local::<[f32; N]>();
    let local = it.local_id()[0];
    let mut sum = 0.0;
    for i in (it.global_id()[0]..a.range()[0]).step_by(it.global_range()[0]) {
        sum = a[i].mul_add(b[i], sum);
    }
    part[local] = sum;
    let mut half = N / 2;
    while half > 0 {
        it.barrier();
        if local < half {
            part[local] += part[local + half];
        }
        half /= 2;
    }
    if local == 0 {
        sums[it.group_id()[0]] = part[0];
    }
}
