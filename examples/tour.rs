//! A tour of falx: every device of this machine runs a short version of every example, and each result is checked.
//!
//! `cargo run --release --example tour` works without OpenCL, too, and writes `mandelbrot.png`.

#![allow(dead_code)] // The examples' own `main`s.

#[path = "04_heat.rs"]
mod heat;
#[path = "10_larger_than_memory.rs"]
mod larger_than_memory;
#[path = "03_mandelbrot.rs"]
mod mandelbrot;
#[path = "02_matrix_multiply.rs"]
mod matrix_multiply;
#[path = "05_nbody.rs"]
mod nbody;
#[path = "09_sub_buffers.rs"]
mod sub_buffers;
#[path = "07_two_devices.rs"]
mod two_devices;
#[path = "08_usm.rs"]
mod usm;
#[path = "01_vector_add.rs"]
mod vector_add;
#[path = "06_word_count.rs"]
mod word_count;

use falx::prelude::*;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

type Outcome = Result<Duration, Box<dyn Error>>;
type Stop = (&'static str, fn(&Queue) -> Outcome);

/// What the tour shows on every device, and how long it took by itself.
const STOPS: [Stop; 10] = [
    ("vector add, 1 Mi floats", |queue| vector_add::run(queue, 1 << 20)),
    ("matrix multiply, 256 x 256", |queue| Ok(matrix_multiply::run(queue, 256)?[0])),
    ("the same in tiles", |queue| Ok(matrix_multiply::run(queue, 256)?[1])),
    ("mandelbrot, 720 x 480", |queue| {
        let picture = mandelbrot::run(queue, 480)?;
        picture.save(Path::new("mandelbrot.png"))?;
        Ok(picture.time)
    }),
    ("heat, 1000 steps", |queue| heat::run(queue, 4096, 1000)),
    ("n-body, 512 bodies, 10 steps", |queue| nbody::run(queue, 512, 10)),
    ("unified shared memory, 64 Ki", |queue| usm::run(queue, 1 << 16, 10)),
    ("word count, a short story", |queue| Ok(word_count::run(queue, word_count::SAMPLE)?.1)),
    ("parts of a picture, 256 x 256", |queue| sub_buffers::run([queue, &Queue::on(queue.device())?], 256)),
    ("layers in turns, 8 x 64 Ki, twice", |queue| larger_than_memory::run(queue, 1 << 16)),
];

fn main() -> ExitCode {
    let found = match falx::devices() {
        Ok(found) => found,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("Devices");
    println!("{}", falx::list_devices(&found));
    for problem in falx::platform_problems() {
        println!("{problem}");
    }
    let mut n_failures = found.iter().map(show).sum::<usize>();
    n_failures += show_together(&found);
    if n_failures > 0 {
        println!("\n{n_failures} failed");
        return ExitCode::FAILURE;
    }
    println!("\nAll results are right. mandelbrot.png shows what was drawn last.");
    ExitCode::SUCCESS
}

/// Runs all examples on one device, and returns how many failed.
fn show(device: &Device) -> usize {
    heading(&device.to_string());
    let queue = match Queue::on(device) {
        Ok(queue) => queue,
        Err(error) => {
            println!("  {error}");
            return 1;
        }
    };
    let in_place = works_in_place(device);
    STOPS.iter().map(|(name, run)| line(name, in_place, || run(&queue))).sum()
}

/// Lets every two devices of different platforms work on one buffer in turn.
fn show_together(devices: &[Device]) -> usize {
    let mut n_failures = 0;
    for (position, first) in devices.iter().enumerate() {
        for second in devices[position + 1..].iter().filter(|second| second.platform() != first.platform()) {
            heading(&format!("{first} and {second}"));
            n_failures += line("one buffer in turn", works_in_place(first) && works_in_place(second), || {
                two_devices::run([&Queue::on(first)?, &Queue::on(second)?], 1 << 16)
            });
        }
    }
    n_failures
}

/// Whether the device works on host memory, so that not a byte need be copied.
fn works_in_place(device: &Device) -> bool {
    matches!(device.kind(), DeviceKind::Host | DeviceKind::Cpu)
}

fn heading(of: &str) {
    println!("\n{of}");
    println!("  {:30} {:>12} {:>12} {:>14}  check", "", "first", "again", "bytes copied");
}

/// Runs an example twice, since the first launch of a kernel compiles it, and prints its line of the table. Returns 1 if
/// it failed.
fn line(name: &str, in_place: bool, run: impl Fn() -> Outcome) -> usize {
    let before = falx::trace::totals();
    let outcome = run().and_then(|first| Ok((first, run()?)));
    let n_copied = falx::trace::totals().since(&before).bytes_copied();
    match outcome {
        Ok((first, again)) => {
            let is_right = !in_place || n_copied == 0;
            let check = if is_right { "ok" } else { "needless copies" };
            println!(
                "  {name:30} {:>12} {:>12} {n_copied:>14}  {check}",
                format!("{first:.1?}"),
                format!("{again:.1?}")
            );
            usize::from(!is_right)
        }
        Err(error) => {
            println!("  {name:30} {error}");
            1
        }
    }
}
