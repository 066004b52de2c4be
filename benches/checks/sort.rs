//! Steps of a bitonic sort and of a prefix sum, whose partners lie at a distance that the launch is told.

use super::common::{Outcome, Row, full_or_quick};
use super::{Pair, scattered};
use falx::prelude::*;

const SOURCE: &str = include_str!("sort.cl");

pub fn rows(pair: &Pair<'_>) -> Outcome<Vec<Row>> {
    Ok(vec![bitonic_step(pair)?, scan_step(pair)?])
}

fn bitonic_step(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 21, 1 << 12);
    let (distance, run) = (n / 16, n / 4);
    let data = pair.twin(n, scattered)?;
    let launch = (&[n][..], &pair.local(1)?[..]);
    let numbers = [distance as u32, run as u32];
    // SAFETY: the distance is a power of two below the length, another one, so partners lie within the array.
    let by_hand = unsafe { pair.by_hand((SOURCE, "bitonic_step"), &[&data.raw], &numbers, launch) }?;
    pair.row("bitonic-step", &by_hand, (&data, 0.0), |h| {
        let data = data.falx.read_write(h);
        pair.launch(
            h,
            n,
            kernel!(move |i: usize| {
                let partner = i ^ distance;
                if partner > i {
                    let (low, high) = (data[i].min(data[partner]), data[i].max(data[partner]));
                    let is_rising = i & run == 0;
                    data[i] = if is_rising { low } else { high };
                    data[partner] = if is_rising { high } else { low };
                }
            }),
        );
    })
}

fn scan_step(pair: &Pair<'_>) -> Outcome<Row> {
    let n = full_or_quick(1 << 21, 1 << 12);
    let distance = n / 64;
    let (from, to) = (pair.twin(n, |i| scattered(i) >> 16)?, pair.twin(n, |_| 0)?);
    let launch = (&[n][..], &pair.local(1)?[..]);
    // SAFETY: the kernel is launched over the length of both arrays and looks back only.
    let by_hand =
        unsafe { pair.by_hand((SOURCE, "scan_step"), &[&from.raw, &to.raw], &[distance as u32], launch) }?;
    pair.row("scan-step", &by_hand, (&to, 0.0), |h| {
        let (from, to) = (from.falx.read(h), to.falx.write(h).no_init());
        pair.launch(
            h,
            n,
            kernel!(
                move |i: usize| to[i] = if i >= distance { from[i] + from[i - distance] } else { from[i] }
            ),
        );
    })
}
