//! Adds two vectors: the smallest whole program.
//!
//! `cargo run --release --example 01_vector_add`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

/// Adds two vectors of `n` numbers and returns how long it took from the submit to the result.
pub fn run(queue: &Queue, n: usize) -> Result<Duration, Box<dyn Error>> {
    let a = Buffer::from((0..n).map(|i| i as f32).collect::<Vec<_>>());
    let b = Buffer::from(vec![0.5f32; n]);
    let c = Buffer::<f32>::new(n);

    let start = Instant::now();
    queue.submit(|h| {
        let (a, b) = (a.read(h), b.read(h));
        let c = c.write(h).no_init();
        h.parallel_for(n, kernel!(move |i: Id<1>| c[i] = a[i] + b[i]))
    })?;
    let c = c.host_read()?; // Waits for the kernel.
    let time = start.elapsed();

    match (0..n).find(|&i| c[i] != i as f32 + 0.5) {
        None => Ok(time),
        Some(i) => Err(format!("element {i} is {}, not {}", c[i], i as f32 + 0.5).into()),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    let time = run(&queue, 1 << 20)?;
    println!("added two vectors on {} in {time:.1?}", queue.device());
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}
