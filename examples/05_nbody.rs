//! Bodies that attract each other: every body feels every other, step by step.
//!
//! `cargo run --release --example 05_nbody`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

/// The length of a step.
const STEP: f32 = 0.01;
/// Keeps the force finite between bodies that meet.
const SOFTENING: f32 = 0.05;

/// Where each body is and its mass: `x`, `y`, `z`, `mass`.
fn places(n: usize) -> Vec<f32> {
    (0..n)
        .flat_map(|i| {
            let (turn, height) = (i as f32 * 2.399_963, 1.0 - 2.0 * (i as f32 + 0.5) / n as f32);
            let radius = (1.0 - height * height).sqrt();
            [radius * turn.cos(), radius * turn.sin(), height, 1.0 / n as f32]
        })
        .collect()
}

/// Adds to a body's velocity what all bodies pull at it in one step.
#[kernel_fn]
fn pull(body: usize, place: Read<f32, 2>, velocity: ReadWrite<f32, 2>) {
    let [x, y, z] = [place[[body, 0]], place[[body, 1]], place[[body, 2]]];
    let mut pull_x = 0.0;
    let mut pull_y = 0.0;
    let mut pull_z = 0.0;
    for other in 0..place.range()[0] {
        let dx = place[[other, 0]] - x;
        let dy = place[[other, 1]] - y;
        let dz = place[[other, 2]] - z;
        let square = dx * dx + dy * dy + dz * dz + SOFTENING * SOFTENING;
        let strength = place[[other, 3]] / (square * square.sqrt());
        pull_x += dx * strength;
        pull_y += dy * strength;
        pull_z += dz * strength;
    }
    velocity[[body, 0]] += pull_x * STEP;
    velocity[[body, 1]] += pull_y * STEP;
    velocity[[body, 2]] += pull_z * STEP;
}

/// Follows `n` bodies for `n_steps` steps.
pub fn run(queue: &Queue, n: usize, n_steps: usize) -> Result<Duration, Box<dyn Error>> {
    let place = Buffer::from_vec(places(n), [n, 4])?;
    let velocity = Buffer::from_vec(vec![0.0f32; n * 3], [n, 3])?;

    let start = Instant::now();
    for _ in 0..n_steps {
        queue.submit(|h| {
            let (place, velocity) = (place.read(h), velocity.read_write(h));
            h.parallel_for(n, pull(place, velocity))
        })?;
        queue.submit(|h| {
            let (place, velocity) = (place.read_write(h), velocity.read(h));
            h.parallel_for([n, 3], kernel!(move |at: Id<2>| place[at] += velocity[at] * STEP))
        })?;
    }
    let found = place.host_read()?;
    let time = start.elapsed();

    // Square roots and divisions may differ in the last bit of a float on some devices; the bound leaves room for that
    // in every step.
    let bound = 1e-5 * n_steps as f32;
    let expected = plain(n, n_steps);
    match (0..found.len()).find(|&i| (found[i] - expected[i]).abs() > bound) {
        None => Ok(time),
        Some(i) => Err(format!("body {} is at {}, not {}", i / 4, found[i], expected[i]).into()),
    }
}

/// The same on the host.
fn plain(n: usize, n_steps: usize) -> Vec<f32> {
    let mut place = places(n);
    let mut velocity = vec![[0.0f32; 3]; n];
    for _ in 0..n_steps {
        for (body, velocity) in place.chunks(4).zip(&mut velocity) {
            let mut pull = [0.0; 3];
            for other in place.chunks(4) {
                let apart: [f32; 3] = std::array::from_fn(|axis| other[axis] - body[axis]);
                let square = apart.iter().map(|apart| apart * apart).sum::<f32>() + SOFTENING * SOFTENING;
                let strength = other[3] / (square * square.sqrt());
                (0..3).for_each(|axis| pull[axis] += apart[axis] * strength);
            }
            (0..3).for_each(|axis| velocity[axis] += pull[axis] * STEP);
        }
        for (body, velocity) in place.chunks_mut(4).zip(&velocity) {
            (0..3).for_each(|axis| body[axis] += velocity[axis] * STEP);
        }
    }
    place
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    let (n, n_steps) = (2048, 10);
    let time = run(&queue, n, n_steps)?;
    let pairs = (n * n * n_steps) as f64;
    println!("{n_steps} steps of {n} bodies on {} in {time:.1?}", queue.device());
    println!("{:.0} million pairs a second", pairs / time.as_secs_f64() / 1e6);
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}
