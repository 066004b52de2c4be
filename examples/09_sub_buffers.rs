//! Parts of one picture, worked on side by side: a blurred left half, a darkened right half, and a frame around both.
//!
//! Nothing says who waits for whom. The halves share no pixel, so neither waits for the other, whatever queues they are
//! on; the frame overlaps both and waits for both.
//!
//! `cargo run --release --example 09_sub_buffers`

use falx::prelude::*;
use std::error::Error;
use std::time::{Duration, Instant};

const FRAME: u8 = 255;

/// The pixel at a place, before.
fn drawn(row: usize, column: usize) -> u8 {
    (row * 7 + column * 3) as u8 / 2
}

/// Paints a picture of `n` by `n` pixels, and returns how long it took until the host had it.
pub fn run(queues: [&Queue; 2], n: usize) -> Result<Duration, Box<dyn Error>> {
    let pixels = (0..n * n).map(|i| drawn(i / n, i % n)).collect();
    let picture = Buffer::from_vec(pixels, [n, n])?.named("picture");
    let [left, right] = [0, n / 2].map(|column| picture.sub_buffer([0, column], [n, n / 2]));

    let start = Instant::now();
    blur_rows(queues[0], &left?)?;
    darken(queues[1], &right?)?;
    let rim = [([0, 0], [1, n]), ([n - 1, 0], [1, n]), ([0, 0], [n, 1]), ([0, n - 1], [n, 1])];
    for (corner, range) in rim {
        queues[0].fill(&picture.sub_buffer(corner, range)?, FRAME)?;
    }
    // Three channels of a pixel could be one element; here four pixels are, to count the white ones faster.
    let fours = picture.reinterpret::<[u8; 4], 1>(n * n / 4)?;
    let n_white: usize =
        fours.host_read()?.iter().map(|four| four.iter().filter(|p| **p == FRAME).count()).sum();
    let time = start.elapsed();

    check(&picture.host_read()?, n)?;
    if n_white < 4 * (n - 1) {
        return Err(format!("{n_white} pixels are white, but the frame has {}", 4 * (n - 1)).into());
    }
    Ok(time)
}

/// Makes each pixel the mean of itself and its right neighbour in the same part.
fn blur_rows(queue: &Queue, part: &Buffer<u8, 2>) -> falx::Result<()> {
    let [rows, columns] = part.range().0;
    let blurred = Buffer::<u8, 2>::new([rows, columns]);
    queue.submit(|h| {
        let (from, to) = (part.read(h), blurred.write(h));
        h.parallel_for(
            [rows, columns],
            kernel!(move |i: Id<2>| {
                let next = (i[1] + 1).min(columns - 1);
                to[i] = ((from[i] as u32 + from[[i[0], next]] as u32) / 2) as u8;
            }),
        )
    })?;
    queue.copy(&blurred, part)?;
    Ok(())
}

/// Halves each pixel.
fn darken(queue: &Queue, part: &Buffer<u8, 2>) -> falx::Result<()> {
    queue.submit(|h| {
        let part = part.read_write(h);
        h.parallel_for(part.range(), kernel!(move |i: Id<2>| part[i] /= 2))
    })?;
    Ok(())
}

fn check(picture: &[u8], n: usize) -> Result<(), String> {
    let expected = |row: usize, column: usize| match column {
        _ if row == 0 || row == n - 1 || column == 0 || column == n - 1 => FRAME,
        _ if column < n / 2 => {
            let next = (column + 1).min(n / 2 - 1);
            ((drawn(row, column) as u32 + drawn(row, next) as u32) / 2) as u8
        }
        _ => drawn(row, column) / 2,
    };
    match (0..n * n).find(|&i| picture[i] != expected(i / n, i % n)) {
        None => Ok(()),
        Some(i) => Err(format!("pixel {i} is {}, not {}", picture[i], expected(i / n, i % n))),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    let time = run([&queue, &Queue::on(queue.device())?], 1024)?;
    println!("painted the parts of a picture on {} in {time:.1?}", queue.device());
    println!("{} bytes were copied on falx's own account", falx::trace::totals().bytes_copied());
    Ok(())
}
