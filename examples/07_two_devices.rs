//! One buffer, worked on in turn by two devices of different drivers.
//!
//! Nothing is copied by hand, and nothing says who waits for whom. Where both devices work on host memory, nothing is
//! copied at all.
//!
//! `cargo run --release --example 07_two_devices`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

/// How many times each device has its turn.
const N_TURNS: u32 = 10;

/// One step of a random sequence for each of `n` numbers, alternately on both queues.
pub fn run(queues: [&Queue; 2], n: usize) -> Result<Duration, Box<dyn Error>> {
    let numbers = Buffer::from((0..n as u32).collect::<Vec<_>>());

    let start = Instant::now();
    for _ in 0..N_TURNS {
        for queue in queues {
            queue.submit(|h| {
                let numbers = numbers.read_write(h);
                h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = numbers[i] * 1664525 + 1013904223))
            })?;
        }
    }
    let numbers = numbers.host_read()?;
    let time = start.elapsed();

    let expected = |i: usize| {
        (0..2 * N_TURNS).fold(i as u32, |number, _| number.wrapping_mul(1664525).wrapping_add(1013904223))
    };
    match (0..n).find(|&i| numbers[i] != expected(i)) {
        None => Ok(time),
        Some(i) => Err(format!("number {i} is {}, not {}", numbers[i], expected(i)).into()),
    }
}

/// Two devices of different platforms, as unlike as possible: the host device comes last.
fn two_devices(devices: &[Device]) -> Option<[&Device; 2]> {
    let mut opencl = devices.iter().filter(|device| !device.is_host());
    let first = opencl.next()?;
    let others = opencl.chain(devices.iter().filter(|device| device.is_host()));
    let second = others.into_iter().find(|device| device.platform().index != first.platform().index)?;
    Some([first, second])
}

fn main() -> Result<(), Box<dyn Error>> {
    let found = falx::devices()?;
    let Some([first, second]) = two_devices(&found) else {
        println!("there is only one device here; the example `devices` says what to install");
        return Ok(());
    };
    let (first, second) = (Queue::on(first)?, Queue::on(second)?);
    let time = run([&first, &second], 1 << 20)?;
    println!("{} and {} took turns on one buffer: {time:.1?}", first.device(), second.device());
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}
