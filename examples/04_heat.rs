//! Heat spreading along a rod: a thousand steps between two buffers that change places.
//!
//! Every step reads what the step before wrote. Nobody says so: the accessors do, and the queue keeps the order.
//!
//! `cargo run --release --example 04_heat`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

/// How much of the difference to its neighbours a cell takes over in one step; stable below one half.
const RATE: f32 = 0.25;

/// A cold rod with a hot end.
fn rod(n_cells: usize) -> Vec<f32> {
    let mut cells = vec![0.0; n_cells];
    cells[0] = 100.0;
    cells
}

/// Follows a rod of `n_cells` cells, at least 3, for `n_steps` steps; its two ends keep their temperature.
pub fn run(queue: &Queue, n_cells: usize, n_steps: usize) -> Result<Duration, Box<dyn Error>> {
    let mut now = Buffer::from(rod(n_cells));
    let mut next = Buffer::from(rod(n_cells));

    let start = Instant::now();
    for _ in 0..n_steps {
        queue.submit(|h| {
            let now = now.read(h);
            let next = next.write(h);
            h.parallel_for(
                n_cells - 2,
                kernel!(move |i: usize| {
                    let [left, here, right] = [now[i], now[i + 1], now[i + 2]];
                    next[i + 1] = here + RATE * (left - 2.0 * here + right);
                }),
            )
        })?;
        std::mem::swap(&mut now, &mut next);
    }
    let cells = now.host_read()?;
    let time = start.elapsed();

    let expected = plain(n_cells, n_steps);
    match (0..n_cells).find(|&i| cells[i] != expected[i]) {
        None => Ok(time),
        Some(i) => Err(format!("cell {i} has {} degrees, not {}", cells[i], expected[i]).into()),
    }
}

/// The same on the host.
fn plain(n_cells: usize, n_steps: usize) -> Vec<f32> {
    let (mut now, mut next) = (rod(n_cells), rod(n_cells));
    for _ in 0..n_steps {
        for i in 1..n_cells - 1 {
            next[i] = now[i] + RATE * (now[i - 1] - 2.0 * now[i] + now[i + 1]);
        }
        std::mem::swap(&mut now, &mut next);
    }
    now
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    let n_steps = 1000;
    let time = run(&queue, 10_000, n_steps)?;
    println!(
        "{n_steps} steps of heat on {} in {time:.1?}, {:.1?} each",
        queue.device(),
        time / n_steps as u32
    );
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}
