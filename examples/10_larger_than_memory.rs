//! Work on four times what a device may hold: layers of a volume that seep into each other, two of them on the device at a time.
//!
//! Nothing in the program says what leaves and what comes back. The device may hold two layers; where a kernel needs another
//! one, the layer that was unused for longest goes home first.
//!
//! `FALX_MEMORY=separate cargo run --release --example 10_larger_than_memory` (without the setting, devices that work on host
//! memory in place have nothing to move, and say so)

use falx::prelude::*;
use falx::trace::totals;
use std::error::Error;
use std::time::{Duration, Instant};

const N_LAYERS: usize = 8;
const N_SWEEPS: usize = 3;

/// Lets `n` samples in each of the layers seep down `N_SWEEPS` times, and returns how long that took.
pub fn run(queue: &Queue, n: usize) -> Result<Duration, Box<dyn Error>> {
    let drawn = |layer: usize, i: usize| (layer * 1000 + i % 1000) as u32;
    let layers: Vec<Vec<u32>> =
        (0..N_LAYERS).map(|layer| (0..n).map(|i| drawn(layer, i)).collect()).collect();
    let volume: Vec<Buffer<u32>> = layers.iter().map(|layer| Buffer::from(&layer[..])).collect();

    let start = Instant::now();
    for _ in 0..N_SWEEPS {
        volume.windows(2).try_for_each(|pair| seep(queue, &pair[0], &pair[1]))?;
    }
    queue.wait()?;
    let time = start.elapsed();

    for (layer, expected) in volume.iter().zip(by_hand(layers)) {
        if *layer.host_read()? != expected[..] {
            return Err("a layer holds something else than plain computation gives".into());
        }
    }
    Ok(time)
}

fn seep(queue: &Queue, from: &Buffer<u32>, to: &Buffer<u32>) -> falx::Result<()> {
    let n = to.size();
    queue.submit(|h| {
        let (from, to) = (from.read(h), to.read_write(h));
        h.parallel_for(n, kernel!(move |i: usize| to[i] = (from[i] + 3 * to[i]) / 4))
    })?;
    Ok(())
}

/// The same, without falx.
fn by_hand(mut layers: Vec<Vec<u32>>) -> Vec<Vec<u32>> {
    for _ in 0..N_SWEEPS {
        for lower in 1..N_LAYERS {
            let (above, below) = layers.split_at_mut(lower);
            let both = above[lower - 1].iter().zip(&mut below[0]);
            both.for_each(|(from, to)| *to = (from + 3 * *to) / 4);
        }
    }
    layers
}

/// Lets `work` run while buffers may have `n_bytes` more than they have in the memory of the device, if that is its own.
fn within<R>(device: &Device, n_bytes: usize, work: impl FnOnce() -> R) -> R {
    let before = falx::memory_use(device);
    if is_in_place(device) {
        return work();
    }
    falx::set_memory_budget(device, Some(before.held_bytes + n_bytes));
    let result = work();
    falx::set_memory_budget(device, before.budget_bytes);
    result
}

fn is_in_place(device: &Device) -> bool {
    Selector::host()
        .choose(&falx::devices().unwrap_or_default())
        .is_ok_and(|host| host.memory() == device.memory())
}

fn main() -> Result<(), Box<dyn Error>> {
    let apart = falx::devices()?.into_iter().find(|device| !is_in_place(device));
    let queue = apart.map_or_else(|| Queue::new(Selector::default()), |device| Queue::on(&device))?;
    let device = queue.device();
    let (n, mib) = (1 << 20, |bytes: u64| bytes >> 20);

    let before = totals();
    let time = within(device, 2 * n * size_of::<u32>(), || run(&queue, n))?;
    let moved = totals().since(&before);
    println!("{N_LAYERS} layers of 4 MiB, {N_SWEEPS} times, on {device} in {time:.1?}");
    if is_in_place(device) {
        println!("it works on host memory in place, so that nothing moves; try FALX_MEMORY=separate");
    }
    println!("brought to the device for kernels: {} MiB", mib(moved.bytes_for_commands));
    println!("sent home to make room:            {} MiB", mib(moved.bytes_for_evictions));
    println!("brought home to be looked at:      {} MiB", mib(moved.bytes_for_host));
    Ok(())
}
