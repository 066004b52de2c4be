//! Draws the Mandelbrot set: one work-item for each pixel, and a PNG of the result.
//!
//! `cargo run --release --example 03_mandelbrot` writes `mandelbrot.png`.

use falx::HostRead;
use falx::prelude::*;
use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::time::{Duration, Instant};

/// After so many steps a point counts as one that never leaves.
const LIMIT: u32 = 256;
/// The upper left corner of the picture, and its height, in the complex plane.
const LEFT: f32 = -2.2;
const TOP: f32 = -1.2;
const HEIGHT: f32 = 2.4;

/// What was drawn.
pub struct Picture {
    /// For each pixel, row by row, after how many steps its point left.
    pub steps: HostRead<u32, 2>,
    /// How long drawing took.
    pub time: Duration,
}

/// After how many steps of `z = z * z + c` the point leaves the circle of radius 2, or `limit` if it has not by then.
#[device]
fn steps_until_escape(c_real: f32, c_imaginary: f32, limit: u32) -> u32 {
    let mut real = 0.0;
    let mut imaginary = 0.0;
    let mut steps = 0;
    while steps < limit && real * real + imaginary * imaginary <= 4.0 {
        let next = real * real - imaginary * imaginary + c_real;
        imaginary = 2.0 * real * imaginary + c_imaginary;
        real = next;
        steps += 1;
    }
    steps
}

/// Draws `rows` by 3/2 `rows` pixels.
pub fn run(queue: &Queue, rows: usize) -> Result<Picture, Box<dyn Error>> {
    let extent = [rows, rows * 3 / 2];
    let scale = HEIGHT / rows as f32;
    let picture = Buffer::<u32, 2>::new(extent);

    let start = Instant::now();
    queue.submit(|h| {
        let picture = picture.write(h).no_init();
        h.parallel_for(
            extent,
            kernel!(move |pixel: Id<2>| {
                let [row, column] = pixel.get();
                let [real, imaginary] = [LEFT + column as f32 * scale, TOP + row as f32 * scale];
                picture[pixel] = steps_until_escape(real, imaginary, LIMIT);
            }),
        )
    })?;
    let steps = picture.host_read()?; // Waits for the kernel.
    let time = start.elapsed();

    check(&steps, extent, scale)?;
    Ok(Picture { steps, time })
}

/// Compares some of the pixels with what the host computes: floating-point numbers are the same on every device.
fn check(steps: &[u32], extent: [usize; 2], scale: f32) -> Result<(), Box<dyn Error>> {
    for at in (0..steps.len()).step_by(7) {
        let (row, column) = (at / extent[1], at % extent[1]);
        let c = (LEFT + column as f32 * scale, TOP + row as f32 * scale);
        let mut z = (0.0f32, 0.0f32);
        let left_after = (0..LIMIT).find(|_| {
            let has_left = z.0 * z.0 + z.1 * z.1 > 4.0;
            z = (z.0 * z.0 - z.1 * z.1 + c.0, 2.0 * z.0 * z.1 + c.1);
            has_left
        });
        let expected = left_after.unwrap_or(LIMIT);
        if steps[at] != expected {
            return Err(
                format!("pixel [{row}, {column}] left after {} steps, not {expected}", steps[at]).into()
            );
        }
    }
    Ok(())
}

impl Picture {
    /// Writes the picture as a PNG: black inside, from blue to white outside.
    pub fn save(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let pixels: Vec<u8> = self.steps.iter().flat_map(|&steps| colour(steps)).collect();
        let Range([rows, columns]) = self.steps.range();
        let file = BufWriter::new(File::create(path)?);
        let mut encoder = png::Encoder::new(file, columns as u32, rows as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(())
    }
}

fn colour(steps: u32) -> [u8; 3] {
    if steps == LIMIT {
        return [0, 0, 0];
    }
    let brightness = (steps as f32 / LIMIT as f32).powf(0.4);
    [(brightness * brightness * 255.0) as u8, (brightness * 230.0) as u8, (80.0 + brightness * 175.0) as u8]
}

fn main() -> Result<(), Box<dyn Error>> {
    let queue = Queue::new(Selector::default())?;
    let picture = run(&queue, 1024)?;
    picture.save(Path::new("mandelbrot.png"))?;
    println!("drew mandelbrot.png on {} in {:.1?}", queue.device(), picture.time);
    println!("{} bytes were copied", falx::trace::totals().bytes_copied());
    Ok(())
}
