//! Work on four times what a device may hold: layers of a volume that seep into each other, two of them on the device at a time.
//!
//! Nothing in the program says what leaves and what comes back. The device may hold two layers; where a kernel needs another
//! one, the layer that was unused for longest goes home first. Whether each layer is a buffer, or all are parts of one that is
//! larger than the device, makes no difference. Nor does it when one launch goes over all layers at once: it is done layer by layer
//! then, since falx knows which elements each part of it touches.
//!
//! `FALX_MEMORY=separate cargo run --release --example 10_larger_than_memory` (without the setting, devices that work on host
//! memory in place have nothing to move, and say so)

use falx::prelude::*;
use falx::trace::{Totals, totals};
use std::error::Error;
use std::time::{Duration, Instant};

const N_LAYERS: usize = 8;
const N_SWEEPS: usize = 3;

/// How the layers are kept.
#[derive(Clone, Copy, Debug)]
enum Kept {
    Apart,
    InOneBuffer,
}

/// Lets `n` samples in each of the layers seep down, kept in either way, and returns how long that took.
pub fn run(queue: &Queue, n: usize) -> Result<Duration, Box<dyn Error>> {
    Ok(run_kept(queue, n, Kept::Apart)? + run_kept(queue, n, Kept::InOneBuffer)? + run_at_once(queue, n)?)
}

/// Lets every layer take from the one above, in one launch over all of them.
fn run_at_once(queue: &Queue, n: usize) -> Result<Duration, Box<dyn Error>> {
    let samples: Vec<u32> = (0..N_LAYERS * n).map(|i| drawn(i, n)).collect();
    let (from, to) =
        (Buffer::from_vec(samples.clone(), [N_LAYERS, n])?, Buffer::<u32, 2>::new([N_LAYERS, n]));
    let start = Instant::now();
    let event = queue.submit(|h| {
        let (from, to) = (from.read(h), to.write(h).no_init());
        h.parallel_for(
            [N_LAYERS, n],
            kernel!(move |at: Id<2>| {
                let [layer, i] = at.get();
                to[at] = if layer == 0 { from[at] } else { (from[[layer - 1, i]] + 3 * from[at]) / 4 };
            }),
        )
    })?;
    event.wait()?;
    let time = start.elapsed();
    let above = |i: usize| if i < n { samples[i] } else { samples[i - n] };
    let expected = (0..samples.len()).map(|i| (above(i) + 3 * samples[i]) / 4);
    if !to.host_read()?.iter().copied().eq(expected) {
        return Err("a layer holds something else than plain computation gives".into());
    }
    Ok(time)
}

/// What sample `i` is at first, of layers of `n`.
fn drawn(i: usize, n: usize) -> u32 {
    (i / n * 1000 + i % 1000) as u32
}

fn run_kept(queue: &Queue, n: usize, kept: Kept) -> Result<Duration, Box<dyn Error>> {
    let samples: Vec<u32> = (0..N_LAYERS * n).map(|i| drawn(i, n)).collect();
    let layers: Vec<Buffer<u32>> = match kept {
        Kept::Apart => samples.chunks(n).map(|layer| Buffer::from(layer.to_vec())).collect(),
        Kept::InOneBuffer => {
            let volume = Buffer::from(samples.clone());
            (0..N_LAYERS).map(|layer| volume.sub_buffer(layer * n, n)).collect::<falx::Result<_>>()?
        }
    };

    let start = Instant::now();
    for _ in 0..N_SWEEPS {
        layers.windows(2).try_for_each(|pair| seep(queue, &pair[0], &pair[1]))?;
    }
    queue.wait()?;
    let time = start.elapsed();

    for (layer, expected) in layers.iter().zip(by_hand(samples, n).chunks(n)) {
        if *layer.host_read()? != *expected {
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
fn by_hand(mut samples: Vec<u32>, n: usize) -> Vec<u32> {
    for _ in 0..N_SWEEPS {
        for i in n..samples.len() {
            samples[i] = (samples[i - n] + 3 * samples[i]) / 4;
        }
    }
    samples
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
    if is_in_place(device) {
        println!("{device} works on host memory in place, so that nothing moves; try FALX_MEMORY=separate");
    }
    let n = 1 << 20;
    for kept in [Kept::Apart, Kept::InOneBuffer] {
        let before = totals();
        let time = within(device, 2 * n * size_of::<u32>(), || run_kept(&queue, n, kept))?;
        let moved = totals().since(&before);
        println!("{N_LAYERS} layers of 4 MiB, {kept:?}, {N_SWEEPS} times, on {device} in {time:.1?}");
        print(&moved);
    }
    let before = totals();
    // Room for what one layer is made of: itself, its own source and the one above.
    let time = within(device, 3 * n * size_of::<u32>(), || run_at_once(&queue, n))?;
    println!("{N_LAYERS} layers of 4 MiB, in one launch, on {device} in {time:.1?}");
    print(&totals().since(&before));
    Ok(())
}

fn print(moved: &Totals) {
    println!("  brought to the device for kernels: {} MiB", moved.bytes_for_commands >> 20);
    println!("  sent home to make room:            {} MiB", moved.bytes_for_evictions >> 20);
    println!("  brought home to be looked at:      {} MiB", moved.bytes_for_host >> 20);
}
