//! Unified shared memory: a signal that host and device share is smoothed by way of memory that is the device's own.
//!
//! `cargo run --release --example 08_usm`

use falx::prelude::*;
use falx::usm::{self, Shared, UsmKind, UsmSlice, UsmVec};
use std::error::Error;
use std::time::{Duration, Instant};

/// The mean of each element and its neighbours, with a weight of two for itself.
fn smooth(queue: &Queue, from: &UsmSlice<u32>, to: &UsmSlice<u32>) -> falx::Result<Event> {
    let n = from.len();
    queue.submit(|h| {
        // A kernel sees unified shared memory as it sees buffers, with every index proved or checked.
        let (from, to) = (from.read(h), to.write(h).no_init());
        h.parallel_for(
            n,
            kernel!(move |i: usize| {
                let left = from[if i == 0 { 0 } else { i - 1 }];
                let right = from[if i + 1 == n { i } else { i + 1 }];
                to[i] = (left + 2 * from[i] + right) / 4;
            }),
        )
    })
}

/// The same on the host.
fn smoothed(signal: &[u32]) -> Vec<u32> {
    let last = signal.len() - 1;
    let around = |i: usize| (signal[i.saturating_sub(1)], signal[i], signal[(i + 1).min(last)]);
    (0..=last).map(around).map(|(left, own, right)| (left + 2 * own + right) / 4).collect()
}

/// Smooths a signal of `n` elements `2 * n_rounds` times.
pub fn run(queue: &Queue, n: usize, n_rounds: usize) -> Result<Duration, Box<dyn Error>> {
    let device = queue.device();
    let signal = UsmVec::<u32, Shared>::new(device, n)?;
    let scratch = usm::device::<u32>(device, n)?;

    // The host's turn: a guard is a slice, and commands that need the elements wait until it is dropped.
    signal.host_write()?.iter_mut().enumerate().for_each(|(i, sample)| *sample = 1000 * (i as u32 % 7));
    let mut expected = signal.to_vec()?;

    let start = Instant::now();
    for _ in 0..n_rounds {
        // No events: what waits for what follows from the elements.
        smooth(queue, &signal, &scratch)?;
        smooth(queue, &scratch, &signal)?;
    }
    // Copies go between any two parts, and are ordered like kernels.
    let ends = usm::host::<u32>(device, 2)?;
    queue.memcpy(&ends.slice(..1)?, &signal.slice(..1)?)?;
    queue.memcpy(&ends.slice(1..)?, &signal.slice(n - 1..)?)?;
    let ends = ends.host_read()?;
    let time = start.elapsed();

    (0..2 * n_rounds).for_each(|_| expected = smoothed(&expected));
    if *signal.host_read()? != *expected || *ends != [expected[0], expected[n - 1]] {
        return Err("the smoothed signal is not what the host computes".into());
    }
    Ok(time)
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    println!("on {}, whose", queue.device());
    for kind in [UsmKind::Device, UsmKind::Host, UsmKind::Shared] {
        println!("  {kind} memory comes from {}", queue.device().usm(kind));
    }
    let (n, n_rounds) = (1 << 20, 10);
    println!("{n} elements smoothed {} times in {:?}", 2 * n_rounds, run(&queue, n, n_rounds)?);
    Ok(())
}
