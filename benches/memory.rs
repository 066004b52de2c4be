//! What buffers cost beside the same work written by hand on OpenCL: `cargo bench --bench memory`.
//!
//! Times are microseconds. `life-4KiB`: a buffer made of a `Vec`, a kernel over it, its elements read by the host, and the
//! buffer dropped; by hand over the same memory. `empty-4KiB`: a buffer made and dropped. `fresh-64MiB`: a buffer without
//! contents and a kernel that writes it, the first time; `reused-64MiB`: each time after. `vec-64MiB`: a `Vec` as a buffer, a
//! kernel, read back. `ranged-256`, `ranged-4096`: so many kernels, each on a block of one buffer of its own. `host-access`: a
//! kernel on 4 KiB, then the host reads them. `over-budget`: a kernel over each of eight buffers in turn, where two have room;
//! by hand each is written to the device, worked on and read back. Only on devices with a memory of their own: see
//! `FALX_MEMORY=separate`. `pool`: a buffer of 64 KiB made, written by a kernel and dropped, by hand allocated anew each time; and
//! what a million buffers of random sizes, a thousand at a time, find in falx's pool and leave there. With
//! `FALX_MEMORY=separate` that is the pool of device memory, else that of host memory.

mod common;

use common::raw::{HandKernel, Raw};
use common::{Bench, Outcome, Row, full_or_quick, interleave, microseconds_each, warm_up_memory};
use falx::prelude::*;
use std::cell::RefCell;
use std::process::ExitCode;
use std::rc::Rc;

/// 4 KiB of floats.
const N_SMALL: usize = 1 << 10;
/// 64 MiB of four bytes each.
const N_LARGE: usize = 1 << 24;
/// Elements for which kernels are built as for `N_LARGE`: PoCL builds them anew from 65535 work-items on. Their memory is too little
/// for huge pages.
const N_WARM: usize = 1 << 17;
/// How many elements a block of `ranged` has.
const BLOCK: usize = 64;
/// The work-group size of the programs by hand.
const LOCAL: usize = 64;

const SOURCE: &str = "
    kernel void twice(global float *c, uint n) {
        size_t i = get_global_id(0);
        if (i < n) c[i] = 2 * c[i];
    }

    kernel void ramp(global uint *c, uint n) {
        size_t i = get_global_id(0);
        if (i < n) c[i] = i;
    }

    kernel void block(global float *c, uint first) {
        size_t i = get_global_id(0);
        c[first + i] = 2 * c[first + i];
    }";

fn main() -> ExitCode {
    common::run("microseconds", common::COLUMNS, |bench| {
        let [fresh, reused] = large_without_contents(bench)?; // First, while no memory has been touched.
        let mut rows = vec![
            life(bench)?,
            empty(bench)?,
            fresh,
            reused,
            large_vec(bench)?,
            ranged(bench, "ranged-256", 256)?,
            ranged(bench, "ranged-4096", full_or_quick(4096, 256))?,
            host_access(bench)?,
            pool(bench)?,
        ];
        rows.extend(over_budget(bench)?);
        Ok(rows)
    })
}

fn double(queue: &Queue, c: &Buffer<f32>) -> Outcome {
    let n = c.size();
    queue.submit(|h| {
        let c = c.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| c[i] = 2.0 * c[i]))
    })?;
    Ok(())
}

/// The kernel `name` by hand, over one buffer and with one number.
fn by_hand(raw: &Raw, name: &str, n: usize) -> Outcome<HandKernel> {
    let placeholder = raw.buffer::<f32>(n)?;
    // SAFETY: the kernels write below the number that is set before each launch, or for `block` less than a block behind it;
    // every buffer that they are given has as many elements.
    unsafe { raw.kernel(SOURCE, name, &[&placeholder]) }
}

/// By hand: `elements` as a buffer where they lie, the kernel over them, and mapped for the host, which reads one.
fn hand_life(raw: &Raw, work: &RefCell<HandKernel>, elements: &mut [f32]) -> Outcome {
    let n = elements.len();
    // SAFETY: the elements outlive the buffer, which the next one replaces before they are touched again.
    let buffer = unsafe { raw.buffer_over(elements) }?;
    let mut work = work.borrow_mut();
    work.set_buffer(0, Rc::clone(&buffer))?;
    work.set(1, n as u32)?;
    raw.launch(&work, &[n], Some(&[LOCAL]))?;
    raw.read_mapped::<f32>(&buffer, n)?;
    // The elements may only go when the driver is done with them.
    raw.finish()?;
    work.set_buffer(0, raw.buffer::<f32>(1)?)
}

fn life(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(2_000, 20);
    let queue = Queue::on(&bench.device)?;
    let falx = || {
        microseconds_each(n, || {
            for _ in 0..n {
                let buffer = Buffer::from(vec![0.5; N_SMALL]);
                double(&queue, &buffer)?;
                std::hint::black_box(buffer.host_read()?[0]);
            }
            Ok(())
        })
    };
    let work = RefCell::new(by_hand(&bench.raw, "twice", N_SMALL)?);
    let raw = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|_| hand_life(&bench.raw, &work, &mut vec![0.5; N_SMALL]))
        })
    };
    Ok(Row::of_times("life-4KiB", interleave(full_or_quick(11, 1), falx, raw)?))
}

fn empty(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(100_000, 100);
    let falx = || {
        microseconds_each(n, || {
            (0..n).for_each(|_| drop(std::hint::black_box(Buffer::<f32>::new(N_SMALL))));
            Ok(())
        })
    };
    let raw = || microseconds_each(n, || (0..n).try_for_each(|_| bench.raw.buffer::<f32>(N_SMALL).map(drop)));
    Ok(Row::of_times("empty-4KiB", interleave(full_or_quick(11, 1), falx, raw)?))
}

fn large_without_contents(bench: &Bench) -> Outcome<[Row; 2]> {
    let queue = Queue::on(&bench.device)?;
    let falx = |n: usize| {
        microseconds_each(1, || {
            let c = Buffer::<u32>::new(n);
            queue.submit(|h| {
                let c = c.write(h).no_init();
                h.parallel_for(n, kernel!(move |i: usize| c[i] = i as u32))
            })?;
            Ok(queue.wait()?)
        })
    };
    let work = RefCell::new(by_hand(&bench.raw, "ramp", 1)?);
    let raw = |n: usize| {
        microseconds_each(1, || {
            let mut work = work.borrow_mut();
            work.set_buffer(0, bench.raw.buffer::<u32>(n)?)?;
            work.set(1, n as u32)?;
            bench.raw.launch(&work, &[n], Some(&[LOCAL]))?;
            bench.raw.finish()?;
            work.set_buffer(0, bench.raw.buffer::<u32>(1)?)
        })
    };
    // Both kernels are built, and run once, before anything is measured.
    falx(N_WARM)?;
    raw(N_WARM)?;
    warm_up_memory()?;
    let of_falx = falx(N_LARGE)?;
    warm_up_memory()?;
    let first = (of_falx, raw(N_LARGE)?);
    let reused = interleave(full_or_quick(11, 1), || falx(N_LARGE), || raw(N_LARGE))?;
    Ok([Row::of_times("fresh-64MiB", first), Row::of_times("reused-64MiB", reused)])
}

/// The same vector each time, since touching a fresh one would cost more than all else.
fn large_vec(bench: &Bench) -> Outcome<Row> {
    let queue = Queue::on(&bench.device)?;
    let vec = RefCell::new(vec![0.5f32; N_LARGE]);
    let falx = || {
        let elements = vec.take();
        let mut given_back = Vec::new();
        let time = microseconds_each(1, || {
            let buffer = Buffer::from(elements);
            double(&queue, &buffer)?;
            given_back = buffer.into_vec()?;
            Ok(())
        });
        vec.replace(given_back);
        time
    };
    let work = RefCell::new(by_hand(&bench.raw, "twice", 1)?);
    let raw = || microseconds_each(1, || hand_life(&bench.raw, &work, &mut vec.borrow_mut()));
    Ok(Row::of_times("vec-64MiB", interleave(full_or_quick(11, 1), falx, raw)?))
}

/// All `n` kernels together, and the wait for them.
fn ranged(bench: &Bench, case: &'static str, n: usize) -> Outcome<Row> {
    let queue = Queue::on(&bench.device)?;
    let buffer = Buffer::from(vec![0.5f32; n * BLOCK]);
    let falx = || {
        microseconds_each(1, || {
            for block in 0..n {
                queue.submit(|h| {
                    let part = buffer.read_write(h).region(block * BLOCK, BLOCK);
                    h.parallel_for(BLOCK, kernel!(move |i: usize| part[i] = 2.0 * part[i]))
                })?;
            }
            Ok(queue.wait()?)
        })
    };
    let mut work = by_hand(&bench.raw, "block", 1)?;
    work.set_buffer(0, bench.raw.buffer_of(&vec![0.5f32; n * BLOCK])?)?;
    let raw = || {
        microseconds_each(1, || {
            for block in 0..n {
                work.set(1, (block * BLOCK) as u32)?;
                bench.raw.launch(&work, &[BLOCK], Some(&[LOCAL]))?;
            }
            bench.raw.finish()
        })
    };
    Ok(Row::of_times(case, interleave(full_or_quick(11, 1), falx, raw)?))
}

fn host_access(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(2_000, 20);
    let queue = Queue::on(&bench.device)?;
    let buffer = Buffer::from(vec![0.5f32; N_SMALL]);
    let falx = || {
        microseconds_each(n, || {
            for _ in 0..n {
                double(&queue, &buffer)?;
                std::hint::black_box(buffer.host_read()?[0]);
            }
            Ok(())
        })
    };
    let mut elements = vec![0.5f32; N_SMALL];
    // SAFETY: the elements outlive the buffer and are touched only through it.
    let memory = unsafe { bench.raw.buffer_over(&mut elements) }?;
    let mut work = by_hand(&bench.raw, "twice", 1)?;
    work.set_buffer(0, Rc::clone(&memory))?;
    work.set(1, N_SMALL as u32)?;
    let raw = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|_| {
                bench.raw.launch(&work, &[N_SMALL], Some(&[LOCAL]))?;
                bench.raw.read_mapped::<f32>(&memory, N_SMALL).map(drop)
            })
        })
    };
    let times = interleave(full_or_quick(11, 1), falx, raw)?;
    drop((work, memory));
    drop(elements);
    Ok(Row::of_times("host-access", times))
}

/// How many buffers `over-budget` works on; there is room for a quarter of them.
const N_TURNS: usize = 8;

/// One turn through all buffers: each comes to the device, and each leaves it for another.
fn over_budget(bench: &Bench) -> Outcome<Option<Row>> {
    let (device, n) = (&bench.device, full_or_quick(1 << 22, N_SMALL));
    if Selector::host().choose(&falx::devices()?)?.memory() == device.memory() {
        return Ok(None);
    }
    let queue = Queue::on(device)?;
    queue.wait()?;
    let before = falx::memory_use(device);
    falx::set_memory_budget(device, Some(before.held_bytes + N_TURNS / 4 * n * size_of::<f32>()));
    let buffers: Vec<_> = (0..N_TURNS).map(|_| Buffer::from(vec![0.5f32; n])).collect();
    let falx = || {
        microseconds_each(1, || {
            buffers.iter().try_for_each(|buffer| double(&queue, buffer))?;
            Ok(queue.wait()?)
        })
    };
    let elements = RefCell::new(vec![vec![0.5f32; n]; N_TURNS]);
    let memory = bench.raw.buffer::<f32>(n)?;
    let mut work = by_hand(&bench.raw, "twice", 1)?;
    work.set_buffer(0, Rc::clone(&memory))?;
    work.set(1, n as u32)?;
    let raw = || {
        microseconds_each(1, || {
            for elements in elements.borrow_mut().iter_mut() {
                bench.raw.write(&memory, elements)?;
                bench.raw.launch(&work, &[n], Some(&[LOCAL]))?;
                bench.raw.read(&memory, elements)?;
            }
            Ok(())
        })
    };
    let times = interleave(full_or_quick(11, 1), falx, raw)?;
    falx::set_memory_budget(device, before.budget_bytes);
    Ok(Some(Row::of_times("over-budget", times)))
}
fn pool(bench: &Bench) -> Outcome<Row> {
    let (n_cycles, n) = (full_or_quick(2_000, 20), 1 << 14);
    let queue = Queue::on(&bench.device)?;
    let cycle = || {
        let c = Buffer::<u32>::new(n);
        queue.submit(|h| {
            let c = c.write(h).no_init();
            h.parallel_for(n, kernel!(move |i: usize| c[i] = i as u32))
        })?;
        Ok(queue.wait()?)
    };
    let falx = || microseconds_each(n_cycles, || (0..n_cycles).try_for_each(|_| cycle()));
    let work = RefCell::new(by_hand(&bench.raw, "ramp", 1)?);
    work.borrow_mut().set(1, n as u32)?;
    let raw = || {
        microseconds_each(n_cycles, || {
            (0..n_cycles).try_for_each(|_| {
                let mut work = work.borrow_mut();
                work.set_buffer(0, bench.raw.buffer::<u32>(n)?)?;
                bench.raw.launch(&work, &[n], Some(&[LOCAL]))?;
                bench.raw.finish()
            })
        })
    };
    let times = interleave(full_or_quick(11, 1), falx, raw)?;
    Ok(Row { note: Some(random_buffers(&queue)?), ..Row::of_times("pool", times) })
}

/// Makes buffers of random sizes, of all orders of magnitude up to 4 MiB alike, has a command touch each, and drops another one
/// that was picked at random.
fn random_buffers(queue: &Queue) -> Outcome<String> {
    let (n_cycles, n_held) = (full_or_quick(1_000_000, 300), full_or_quick(1_000, 20));
    let mut state = 1u64;
    let mut below = move |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % n as u64) as usize
    };
    let before = falx::pool_use(queue.device());
    let (mut held, mut worst) = (Vec::new(), 0.0f64);
    for cycle in 0..n_cycles {
        let magnitude = 1 << below(22);
        let bytes = Buffer::<u8>::new(magnitude + below(magnitude));
        queue.submit(|h| h.fill(&bytes.write(h).region(0, 1), 1))?;
        held.push(bytes);
        if held.len() > n_held {
            held.swap_remove(below(held.len()));
        }
        if cycle % 100 == 0 {
            queue.wait()?;
            let is_full = cycle > 2 * n_held;
            worst = if is_full { worst.max(falx::pool_use(queue.device()).fragmentation()) } else { worst };
        }
    }
    drop(held);
    queue.wait()?;
    let after = falx::pool_use(queue.device());
    let (n_taken, n_reused) = (after.n_taken - before.n_taken, after.n_reused - before.n_reused);
    let reuse = 100.0 * n_reused as f64 / n_taken as f64;
    let left = after.live_bytes as i64 - before.live_bytes as i64;
    Ok(format!(
        "# {n_cycles} random: {reuse:.1} % reused, at most {:.1} % fragmented, {left} bytes left",
        100.0 * worst
    ))
}
