//! What a submit costs beside the same work written by hand on OpenCL: `cargo bench --bench submit`.
//!
//! Times are microseconds: of one submit (`empty`, `three-accessors`, `spaced`, `submit-wait`, `host-access`), of one buffer
//! and the kernel over it (`fresh-64MiB`; `kept-64MiB` without the memory), of a hundred launches over ranges never seen
//! before (`new-ranges`) and of the same hundred again (`known-ranges`).

mod common;

use common::raw::{HandKernel, Raw};
use common::{Bench, Outcome, Row, full_or_quick, interleave, microseconds_each, warm_up_memory};
use falx::prelude::*;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// What a small kernel runs over.
const N_ITEMS: usize = 256;
/// 64 MiB of four bytes each.
const N_FRESH: usize = 1 << 24;
/// Elements for which the kernels are built as for `N_FRESH`: PoCL builds them anew from 65535 work-items on. Their memory is too
/// little for huge pages.
const N_WARM: usize = 1 << 17;

const SOURCE: &str = "
    kernel void empty() {}

    kernel void blend(global const float *a, global const float *b, global float *c, float keep) {
        size_t i = get_global_id(0);
        c[i] = keep * c[i] + a[i] * b[i];
    }

    kernel void ramp(global uint *c, uint n) {
        size_t i = get_global_id(0);
        if (i < n) c[i] = i;
    }

    kernel void ramp2(global uint *c, uint rows, uint columns) {
        size_t row = get_global_id(1), column = get_global_id(0);
        if (row < rows && column < columns) c[row * columns + column] = row + column;
    }

    kernel void ramp3(global uint *c, uint planes, uint rows, uint columns) {
        size_t plane = get_global_id(2), row = get_global_id(1), column = get_global_id(0);
        if (plane < planes && row < rows && column < columns)
            c[(plane * rows + row) * columns + column] = plane + row + column;
    }";

fn main() -> ExitCode {
    common::run("microseconds", common::COLUMNS, |bench| {
        let mut rows = fresh(bench)?; // First, while no memory has been touched.
        rows.insert(0, empty(bench)?);
        rows.insert(1, three_accessors(bench)?);
        rows.insert(2, spaced(bench)?);
        rows.insert(3, submit_wait(bench)?);
        rows.insert(4, host_access(bench)?);
        rows.extend(new_ranges(bench)?);
        Ok(rows)
    })
}

/// An empty kernel, many times, then one wait.
fn empty(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(10_000, 100);
    let queue = Queue::on(&bench.device)?;
    let falx = || {
        microseconds_each(n, || {
            for _ in 0..n {
                queue.submit(|h| h.single_task(kernel!(|| {})))?;
            }
            Ok(queue.wait()?)
        })
    };
    // SAFETY: the kernel has no arguments and touches nothing.
    let work = unsafe { bench.raw.kernel(SOURCE, "empty", &[]) }?;
    let raw = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|_| bench.raw.launch(&work, &[1], None))?;
            bench.raw.finish()
        })
    };
    Ok(Row::of_times("empty", interleave(full_or_quick(11, 1), falx, raw)?))
}

/// What `three-accessors`, `submit-wait` and `host-access` submit: every launch depends on the one before.
struct Blend {
    queue: Queue,
    a: Buffer<f32>,
    b: Buffer<f32>,
    c: Buffer<f32>,
}

impl Blend {
    fn on(bench: &Bench) -> Outcome<Blend> {
        let ones = || Buffer::from(vec![1.0f32; N_ITEMS]);
        Ok(Blend { queue: Queue::on(&bench.device)?, a: ones(), b: ones(), c: ones() })
    }

    fn submit(&self, keep: f32) -> Outcome {
        self.queue.submit(|h| {
            let (a, b, c) = (self.a.read(h), self.b.read(h), self.c.read_write(h));
            h.parallel_for(N_ITEMS, kernel!(move |i: Id<1>| c[i] = keep * c[i] + a[i] * b[i]))
        })?;
        Ok(())
    }
}

/// The same by hand.
struct HandBlend<'r> {
    raw: &'r Raw,
    work: HandKernel,
    c: common::raw::Memory,
}

impl<'r> HandBlend<'r> {
    fn on(raw: &'r Raw) -> Outcome<Self> {
        let ones = || raw.buffer_of(&[1.0f32; N_ITEMS]);
        let (a, b, c) = (ones()?, ones()?, ones()?);
        // SAFETY: `submit` sets the one scalar, a float, and launches over `N_ITEMS` items, the length of the buffers.
        let work = unsafe { raw.kernel(SOURCE, "blend", &[&a, &b, &c]) }?;
        Ok(HandBlend { raw, work, c })
    }

    fn submit(&self, keep: f32) -> Outcome {
        self.work.set(3, keep)?;
        self.raw.launch(&self.work, &[N_ITEMS], None)
    }
}

/// A scalar that differs from submit to submit, as a time step does.
fn keep(step: usize) -> f32 {
    0.25 + (step % 16) as f32 / 64.0
}

/// Many dependent submits, then one wait.
fn three_accessors(bench: &Bench) -> Outcome<Row> {
    chain(bench, "three-accessors", None)
}

/// `three-accessors` beside a program by hand that does something else for a microsecond between its launches, as every
/// program but a benchmark does. Where that alone costs several microseconds, the driver's threads fall asleep between
/// launches and are woken for each, or they share a core with the program.
fn spaced(bench: &Bench) -> Outcome<Row> {
    chain(bench, "spaced", Some(Duration::from_micros(1)))
}

/// Many dependent submits, then one wait; by hand with a pause before each.
fn chain(bench: &Bench, case: &'static str, pause: Option<Duration>) -> Outcome<Row> {
    let n = full_or_quick(10_000, 100);
    let (blend, by_hand) = (Blend::on(bench)?, HandBlend::on(&bench.raw)?);
    let falx = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|step| blend.submit(keep(step)))?;
            Ok(blend.queue.wait()?)
        })
    };
    let raw = || {
        microseconds_each(n, || {
            for step in 0..n {
                pause.into_iter().for_each(spin);
                by_hand.submit(keep(step))?;
            }
            bench.raw.finish()
        })
    };
    Ok(Row::of_times(case, interleave(full_or_quick(11, 1), falx, raw)?))
}

/// Keeps the thread busy.
fn spin(time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {}
}

/// A wait after every submit.
fn submit_wait(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(1_000, 20);
    let (blend, by_hand) = (Blend::on(bench)?, HandBlend::on(&bench.raw)?);
    let falx = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|step| {
                blend.submit(keep(step))?;
                Ok(blend.queue.wait()?)
            })
        })
    };
    let raw = || {
        microseconds_each(n, || {
            (0..n).try_for_each(|step| {
                by_hand.submit(keep(step))?;
                bench.raw.finish()
            })
        })
    };
    Ok(Row::of_times("submit-wait", interleave(full_or_quick(21, 1), falx, raw)?))
}

/// The host looks at the result of every kernel.
fn host_access(bench: &Bench) -> Outcome<Row> {
    let n = full_or_quick(1_000, 20);
    let (blend, by_hand) = (Blend::on(bench)?, HandBlend::on(&bench.raw)?);
    let (mut of_falx, mut of_raw) = (0.0f32, [0.0f32; N_ITEMS]);
    let falx = || {
        microseconds_each(n, || {
            for step in 0..n {
                blend.submit(keep(step))?;
                of_falx = blend.c.host_read()?[0];
            }
            Ok(())
        })
    };
    let raw = || {
        microseconds_each(n, || {
            for step in 0..n {
                by_hand.submit(keep(step))?;
                // Faster than to map and unmap as little as this.
                bench.raw.read(&by_hand.c, &mut of_raw)?;
            }
            Ok(())
        })
    };
    let row = Row::of_times("host-access", interleave(full_or_quick(21, 1), falx, raw)?);
    if (of_falx - of_raw[0]).abs() > 1e-6 {
        return Err(format!("falx computed {of_falx}, the program by hand {}", of_raw[0]).into());
    }
    Ok(row)
}

/// A new buffer of 64 MiB, a kernel that writes it, a wait, and the buffer is dropped: the first time, and again. Beside
/// them the same kernel over a buffer that is kept (`kept-64MiB`): what is left of the time when memory costs nothing.
fn fresh(bench: &Bench) -> Outcome<Vec<Row>> {
    let queue = Queue::on(&bench.device)?;
    let over = |c: &Buffer<u32>| -> Outcome {
        queue.submit(|h| {
            let c = c.write(h).no_init();
            h.parallel_for(c.range(), kernel!(move |i: Id<1>| c[i] = i[0] as u32))
        })?;
        Ok(queue.wait()?)
    };
    let falx = |n: usize| microseconds_each(1, || over(&Buffer::<u32>::new(n)));
    let placeholder = bench.raw.buffer::<u32>(1)?;
    // SAFETY: the scalar is the buffer's length, past which the kernel does not write; both are set before each launch.
    let mut work = unsafe { bench.raw.kernel(SOURCE, "ramp", &[&placeholder]) }?;
    let mut raw = |n: usize| {
        microseconds_each(1, || {
            work.set_buffer(0, bench.raw.buffer::<u32>(n)?)?;
            work.set(1, n as u32)?;
            bench.raw.launch(&work, &[n], Some(&[LOCAL]))?;
            bench.raw.finish()?;
            work.set_buffer(0, std::rc::Rc::clone(&placeholder))
        })
    };
    // Both kernels are built, and run once, before anything is measured.
    falx(N_WARM)?;
    raw(N_WARM)?;
    warm_up_memory()?;
    let of_falx = falx(N_FRESH)?;
    warm_up_memory()?;
    let first = (of_falx, raw(N_FRESH)?);
    let reused = interleave(full_or_quick(11, 1), || falx(N_FRESH), || raw(N_FRESH))?;
    let c = Buffer::<u32>::new(N_FRESH);
    work.set_buffer(0, bench.raw.buffer::<u32>(N_FRESH)?)?;
    let by_hand = || {
        bench.raw.launch(&work, &[N_FRESH], Some(&[LOCAL]))?;
        bench.raw.finish()
    };
    let kept = interleave(
        full_or_quick(11, 1),
        || microseconds_each(1, || over(&c)),
        || microseconds_each(1, by_hand),
    )?;
    Ok(vec![
        Row::of_times("fresh-64MiB", reused),
        Row::of_times("fresh-64MiB-first", first),
        Row::of_times("kept-64MiB", kept),
    ])
}

/// The work-group size of the programs by hand, kept so that the driver compiles once.
const LOCAL: usize = 64;

/// How many ranges of each number of dimensions `new-ranges` launches.
const N_RANGES: [usize; 3] = [34, 33, 33];

/// A range of each number of dimensions, a different one for each `k`: short rows and long ones.
struct Extents {
    line: usize,
    rows: [usize; 2],
    planes: [usize; 3],
}

impl Extents {
    fn nth(k: usize) -> Extents {
        Extents { line: 1000 + 37 * k, rows: [20 + k, 3 + 17 * k], planes: [2 + k % 5, 7 + k, 1 + 7 * k] }
    }
}

/// What both sides of `new-ranges` can launch.
trait Ramps {
    fn line(&self, n: usize) -> Outcome;
    fn rows(&self, extent: [usize; 2]) -> Outcome;
    fn planes(&self, extent: [usize; 3]) -> Outcome;
    fn wait(&self) -> Outcome;

    /// How long the hundred ranges take that come after the first, which compiles the kernels; then how long they take
    /// again.
    fn microseconds(&self) -> Outcome<[f64; 2]> {
        let first = Extents::nth(0);
        self.line(first.line)?;
        self.rows(first.rows)?;
        self.planes(first.planes)?;
        self.wait()?;
        let all = || {
            microseconds_each(1, || {
                (1..=N_RANGES[0]).try_for_each(|k| self.line(Extents::nth(k).line))?;
                (1..=N_RANGES[1]).try_for_each(|k| self.rows(Extents::nth(k).rows))?;
                (1..=N_RANGES[2]).try_for_each(|k| self.planes(Extents::nth(k).planes))?;
                self.wait()
            })
        };
        Ok([all()?, all()?])
    }
}

/// A hundred ranges of one, two and three dimensions, none seen before. By hand they are padded to whole work-groups
/// of one size, with the true extents as arguments, so that the driver compiles nothing either.
///
/// Measured once: the second time (`known-ranges`), no range is new, so what remains then is the work itself.
fn new_ranges(bench: &Bench) -> Outcome<[Row; 2]> {
    let last = Extents::nth(N_RANGES[0]);
    let size = last.line.max(last.rows.iter().product()).max(6 * last.planes[1] * last.planes[2]);
    let ramps = FalxRamps { queue: Queue::on(&bench.device)?, c: Buffer::new(size) };
    let by_hand = HandRamps::on(&bench.raw, size)?;
    let ([falx_new, falx_known], [raw_new, raw_known]) = (ramps.microseconds()?, by_hand.microseconds()?);
    Ok([
        Row::of_times("new-ranges", (falx_new, raw_new)),
        Row::of_times("known-ranges", (falx_known, raw_known)),
    ])
}

struct FalxRamps {
    queue: Queue,
    c: Buffer<u32>,
}

impl Ramps for FalxRamps {
    fn line(&self, n: usize) -> Outcome {
        self.queue.submit(|h| {
            let c = self.c.write(h).no_init();
            h.parallel_for(n, kernel!(move |i: Id<1>| c[i] = i[0] as u32))
        })?;
        Ok(())
    }

    fn rows(&self, extent: [usize; 2]) -> Outcome {
        let columns = extent[1];
        self.queue.submit(|h| {
            let c = self.c.write(h).no_init();
            h.parallel_for(extent, kernel!(move |i: Id<2>| c[i[0] * columns + i[1]] = (i[0] + i[1]) as u32))
        })?;
        Ok(())
    }

    fn planes(&self, extent: [usize; 3]) -> Outcome {
        let [_, rows, columns] = extent;
        self.queue.submit(|h| {
            let c = self.c.write(h).no_init();
            h.parallel_for(
                extent,
                kernel!(
                    move |i: Id<3>| c[(i[0] * rows + i[1]) * columns + i[2]] = (i[0] + i[1] + i[2]) as u32
                ),
            )
        })?;
        Ok(())
    }

    fn wait(&self) -> Outcome {
        Ok(self.queue.wait()?)
    }
}

/// The three kernels of `new-ranges`, by hand.
struct HandRamps<'r> {
    raw: &'r Raw,
    line: HandKernel,
    rows: HandKernel,
    planes: HandKernel,
}

impl<'r> HandRamps<'r> {
    fn on(raw: &'r Raw, size: usize) -> Outcome<Self> {
        let buffer = raw.buffer::<u32>(size)?;
        let kernel = |name| {
            // SAFETY: the kernels write below the product of the extents that `padded` sets, which is at most `size`.
            unsafe { raw.kernel(SOURCE, name, &[&buffer]) }
        };
        Ok(HandRamps { raw, line: kernel("ramp")?, rows: kernel("ramp2")?, planes: kernel("ramp3")? })
    }

    fn padded(&self, work: &HandKernel, extents: &[usize], global: &[usize], local: &[usize]) -> Outcome {
        for (index, &extent) in (1..).zip(extents) {
            work.set(index, extent as u32)?;
        }
        self.raw.launch(work, global, Some(local))
    }
}

impl Ramps for HandRamps<'_> {
    fn line(&self, n: usize) -> Outcome {
        self.padded(&self.line, &[n], &[n.next_multiple_of(LOCAL)], &[LOCAL])
    }

    fn rows(&self, [rows, columns]: [usize; 2]) -> Outcome {
        self.padded(&self.rows, &[rows, columns], &[columns.next_multiple_of(LOCAL), rows], &[LOCAL, 1])
    }

    fn planes(&self, [planes, rows, columns]: [usize; 3]) -> Outcome {
        let global = [columns.next_multiple_of(LOCAL), rows, planes];
        self.padded(&self.planes, &[planes, rows, columns], &global, &[LOCAL, 1, 1])
    }

    fn wait(&self) -> Outcome {
        self.raw.finish()
    }
}
