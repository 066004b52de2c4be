//! Memory bandwidth beside the same kernels written by hand on OpenCL: `cargo bench --bench stream`.
//!
//! The operations are those of the STREAM benchmark and a dot product, on arrays of 2^25 floats; GB/s counts every array
//! read or written once.

mod common;

use common::raw::{HandKernel, Memory};
use common::{Bench, Outcome, Row, full_or_quick, interleave, microseconds_each};
use falx::prelude::*;
use std::process::ExitCode;

const SCALE: f32 = 0.4;
/// How many parts the arrays of a dot product are cut into by hand, one for each work-item.
const N_PARTS: usize = 2048;

const SOURCE: &str = "
    kernel void copy(global const float *a, global const float *b, global float *c) {
        size_t i = get_global_id(0);
        c[i] = a[i];
    }

    kernel void mul(global const float *a, global const float *b, global float *c) {
        size_t i = get_global_id(0);
        c[i] = 0.4f * a[i];
    }

    kernel void add(global const float *a, global const float *b, global float *c) {
        size_t i = get_global_id(0);
        c[i] = a[i] + b[i];
    }

    kernel void triad(global const float *a, global const float *b, global float *c) {
        size_t i = get_global_id(0);
        c[i] = a[i] + 0.4f * b[i];
    }

    // Each work-item sums a part of its own, in 32 sums, so that vector units and caches are used well.
    kernel void dot_of_parts(global const float *a, global const float *b, global float *c, uint part) {
        size_t at = get_global_id(0) * part;
        float16 low = 0, high = 0;
        for (uint i = 0; i < part; i += 32) {
            low += vload16(0, a + at + i) * vload16(0, b + at + i);
            high += vload16(0, a + at + i + 16) * vload16(0, b + at + i + 16);
        }
        float16 sum16 = low + high;
        float8 sum8 = sum16.lo + sum16.hi;
        float4 sum4 = sum8.lo + sum8.hi;
        float2 sum2 = sum4.lo + sum4.hi;
        c[get_global_id(0)] = sum2.x + sum2.y;
    }

    // Neighbouring work-items read neighbouring floats, as GPUs want it.
    kernel void dot_of_strides(global const float *a, global const float *b, global float *c, uint part) {
        size_t n = get_global_size(0);
        float sum = 0;
        for (size_t i = get_global_id(0), end = n * part; i < end; i += n) sum += a[i] * b[i];
        c[get_global_id(0)] = sum;
    }";

fn main() -> ExitCode {
    common::run("GB/s", common::COLUMNS, |bench| {
        let arrays = Arrays::on(bench)?;
        Ok(vec![
            arrays.row("copy", 2, || arrays.copy())?,
            arrays.row("mul", 2, || arrays.mul())?,
            arrays.row("add", 3, || arrays.add())?,
            arrays.row("triad", 3, || arrays.triad())?,
            arrays.dot_row()?,
        ])
    })
}

/// The arrays of both sides.
struct Arrays<'b> {
    bench: &'b Bench,
    n: usize,
    queue: Queue,
    a: Buffer<f32>,
    b: Buffer<f32>,
    c: Buffer<f32>,
    by_hand: [Memory; 3],
}

impl<'b> Arrays<'b> {
    fn on(bench: &'b Bench) -> Outcome<Self> {
        let n = full_or_quick(1 << 25, 1 << 16);
        let (a, b): (Vec<f32>, Vec<f32>) =
            (0..n).map(|i| (((i % 7) as f32) / 8.0, ((i % 5) as f32) / 4.0)).unzip();
        let by_hand = [bench.raw.buffer_of(&a)?, bench.raw.buffer_of(&b)?, bench.raw.buffer::<f32>(n)?];
        let queue = Queue::on(&bench.device)?;
        Ok(Arrays { bench, n, queue, a: Buffer::from(a), b: Buffer::from(b), c: Buffer::new(n), by_hand })
    }

    fn copy(&self) -> falx::Result<Event> {
        self.queue.submit(|h| {
            let (a, c) = (self.a.read(h), self.c.write(h).no_init());
            h.parallel_for(self.n, kernel!(move |i: Id<1>| c[i] = a[i]))
        })
    }

    fn mul(&self) -> falx::Result<Event> {
        let scale = SCALE;
        self.queue.submit(|h| {
            let (a, c) = (self.a.read(h), self.c.write(h).no_init());
            h.parallel_for(self.n, kernel!(move |i: Id<1>| c[i] = scale * a[i]))
        })
    }

    fn add(&self) -> falx::Result<Event> {
        self.queue.submit(|h| {
            let (a, b, c) = (self.a.read(h), self.b.read(h), self.c.write(h).no_init());
            h.parallel_for(self.n, kernel!(move |i: Id<1>| c[i] = a[i] + b[i]))
        })
    }

    fn triad(&self) -> falx::Result<Event> {
        let scale = SCALE;
        self.queue.submit(|h| {
            let (a, b, c) = (self.a.read(h), self.b.read(h), self.c.write(h).no_init());
            h.parallel_for(self.n, kernel!(move |i: Id<1>| c[i] = a[i] + scale * b[i]))
        })
    }

    /// The work by hand: `name` with the three arrays.
    fn kernel(&self, name: &str) -> Outcome<HandKernel> {
        let [a, b, c] = &self.by_hand;
        // SAFETY: the elementwise kernels run over `n` items, the arrays' length; the dot products over `N_PARTS` items,
        // whose parts, set by `dot_row`, make up `n` together.
        unsafe { self.bench.raw.kernel(SOURCE, name, &[a, b, c]) }
    }

    fn gigabytes_per_second(&self, n_arrays: usize, microseconds: f64) -> f64 {
        (n_arrays * self.n * size_of::<f32>()) as f64 / microseconds / 1e3
    }

    fn row(
        &self,
        case: &'static str,
        n_arrays: usize,
        submit: impl Fn() -> falx::Result<Event>,
    ) -> Outcome<Row> {
        let work = self.kernel(case)?;
        let falx = || {
            let time = microseconds_each(1, || {
                submit()?;
                Ok(self.queue.wait()?)
            })?;
            Ok(self.gigabytes_per_second(n_arrays, time))
        };
        let raw = || {
            let time = microseconds_each(1, || {
                self.bench.raw.launch(&work, &[self.n], None)?;
                self.bench.raw.finish()
            })?;
            Ok(self.gigabytes_per_second(n_arrays, time))
        };
        let rates = interleave(full_or_quick(21, 1), falx, raw)?;
        self.check(case)?;
        Ok(Row::of_rates(case, rates))
    }

    /// Both sides have computed the same.
    fn check(&self, case: &str) -> Outcome {
        let mut expected = vec![0.0; self.n];
        self.bench.raw.read(&self.by_hand[2], &mut expected)?;
        let found = self.c.host_read()?;
        match (0..self.n).find(|&i| (found[i] - expected[i]).abs() > 1e-6) {
            None => Ok(()),
            Some(i) => Err(format!("{case}: element {i} is {} and {} by hand", found[i], expected[i]).into()),
        }
    }

    fn dot_row(&self) -> Outcome<Row> {
        let work = self.kernel(if self.bench.raw.is_cpu()? { "dot_of_parts" } else { "dot_of_strides" })?;
        work.set(3, (self.n / N_PARTS) as u32)?;
        let (mut of_falx, mut of_raw) = (0.0, 0.0);
        let falx = || {
            let time = microseconds_each(1, || {
                of_falx = f64::from(falx::algorithm::dot(&self.queue, &self.a, &self.b)?);
                Ok(())
            })?;
            Ok(self.gigabytes_per_second(2, time))
        };
        let raw = || {
            let mut sums = [0.0f32; N_PARTS];
            let time = microseconds_each(1, || {
                self.bench.raw.launch(&work, &[N_PARTS], None)?;
                self.bench.raw.read(&self.by_hand[2], &mut sums)?;
                of_raw = sums.iter().map(|&sum| f64::from(sum)).sum();
                Ok(())
            })?;
            Ok(self.gigabytes_per_second(2, time))
        };
        let rates = interleave(full_or_quick(21, 1), falx, raw)?;
        if (of_falx / of_raw - 1.0).abs() > 1e-3 {
            return Err(format!("dot: {of_falx}, and {of_raw} by hand").into());
        }
        Ok(Row::of_rates("dot", rates))
    }
}
