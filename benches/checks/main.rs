//! What the safety of kernels costs: `cargo bench --bench checks`.
//!
//! Kernels of many kinds, each written twice: in Rust, with every check that falx makes, and in OpenCL C without any, as
//! somebody writes it who knows OpenCL well. Both have the same algorithm, data and kind of memory, and compute the same bits
//! (the OpenCL C must not contract `a * b + c`, and both say `fma` where that pays). Both have the same work-groups, but where falx
//! chooses larger ones for a large launch: by hand they have one size, that of falx on drivers which would compile again for another.
//! So what is left of a difference is what falx adds, or gains. Times are microseconds of a launch, among as many in a row as take some milliseconds; the last three those
//! of finding out which checks a launch needs: with numbers that were seen before; with new ones, about which all is decided as about
//! others; and with the first of their kind.

#[path = "../common/mod.rs"]
mod common;
mod compute;
mod data;
mod grid;
mod matrix;
mod sort;
mod stream;

use bytemuck::Pod;
use common::raw::{HandKernel, Memory};
use common::{Bench, Outcome, Row, full_or_quick, interleave, median, microseconds_each};
use falx::__private::{IntoShape, ItemOf, Launch};
use falx::prelude::*;
use falx::trace::Totals;
use falx::{Element, Handler, HostWrite};
use std::cell::{Cell, RefCell};
use std::hint::black_box;
use std::process::ExitCode;

/// How long the launches of one measurement take, at least, so that the wait for them does not count.
const ROUND_MICROSECONDS: f64 = 5000.0;

/// The kernels whose indices come from data, so that not all of them can be proven in range.
const GATHERS: [&str; 3] = ["sparse-matrix-vector", "histogram", "k-means"];

/// The columns of the table. `proven/accesses` says how many of a kernel's accesses are proven in bounds, of all.
const COLUMNS: &str = "kernel device falx_us raw_us ratio proven/accesses known_us new_us first_us";

fn main() -> ExitCode {
    common::run("microseconds", COLUMNS, |bench| {
        let pair = Pair {
            bench,
            queue: Queue::on(&bench.device)?,
            asks: Cell::default(),
            asked: RefCell::default(),
        };
        let kinds = [stream::rows, matrix::rows, grid::rows, sort::rows, data::rows, compute::rows];
        let mut all = Vec::new();
        for rows in kinds {
            all.extend(rows(&pair)?);
        }
        Ok(all)
    })
}

/// The device from both sides.
struct Pair<'b> {
    bench: &'b Bench,
    queue: Queue,
    /// Whether launches are only looked at.
    asks: Cell<bool>,
    /// The launch that was looked at last.
    asked: RefCell<Option<falx::Result<Launch>>>,
}

/// The same elements on both sides.
struct Twin<T: Element, const D: usize = 1> {
    falx: Buffer<T, D>,
    raw: Memory,
    /// What lies under `raw` on CPUs.
    _under: HostWrite<T, D>,
}

/// A kernel by hand and its launch, the sizes in OpenCL's order.
struct ByHand {
    kernel: HandKernel,
    global: Vec<usize>,
    local: Vec<usize>,
}

impl Pair<'_> {
    /// The elements given by their positions, on both sides. On CPUs both lie in falx's memory, so that alignment and the size of
    /// pages, which alone can make kernels 1.3 times as slow, are the same.
    fn twin<T: Element + Pod, const D: usize>(
        &self,
        range: impl Into<Range<D>>,
        element: impl Fn(usize) -> T,
    ) -> Outcome<Twin<T, D>> {
        let range = range.into();
        let elements: Vec<T> = (0..range.size()).map(element).collect();
        let [falx, under] = [Buffer::new(range), Buffer::new(range)];
        falx.host_write_no_init()?.copy_from_slice(&elements);
        let mut under = under.host_write_no_init()?;
        under.copy_from_slice(&elements);
        let raw = match self.bench.raw.is_cpu()? {
            // SAFETY: the twin keeps the memory as long as its kernels are launched, and nothing else uses it.
            true => unsafe { self.bench.raw.buffer_over(&mut under) }?,
            false => self.bench.raw.buffer_of(&elements)?,
        };
        Ok(Twin { falx, raw, _under: under })
    }

    /// The work-groups that falx chooses in so many dimensions where it chooses one size for all launches.
    fn local(&self, dimensions: usize) -> Outcome<Vec<usize>> {
        let row = if self.bench.raw.is_cpu()? { 512 } else { 256 };
        Ok(match dimensions {
            1 => vec![row],
            2 => vec![64, 4],
            _ => vec![64, 4, 1],
        })
    }

    /// A kernel of OpenCL C with its buffers and, after them, its numbers.
    ///
    /// # Safety
    /// The kernel takes these arguments, and stays within the buffers at this launch.
    unsafe fn by_hand(
        &self,
        (source, name): (&str, &str),
        buffers: &[&Memory],
        numbers: &[u32],
        (global, local): (&[usize], &[usize]),
    ) -> Outcome<ByHand> {
        // SAFETY: the caller's promise.
        let kernel = unsafe { self.bench.raw.kernel(source, name, buffers) }?;
        for (index, number) in (buffers.len() as u32..).zip(numbers) {
            kernel.set(index, *number)?;
        }
        Ok(ByHand { kernel, global: global.to_vec(), local: local.to_vec() })
    }

    /// Launches a kernel; or notes its launch, to ask about it.
    fn launch<S, I, K>(&self, h: &Handler, range: S, kernel: K)
    where
        S: IntoShape + Copy,
        I: ItemOf<S::Shape>,
        K: Kernel<I>,
    {
        if self.asks.get() {
            *self.asked.borrow_mut() = Some(Launch::of(kernel, range));
            return h.parallel_for(1, kernel!(|_i: usize| {}));
        }
        h.parallel_for(range, kernel);
    }

    /// Microseconds of finding out what a launch needs: with numbers that were seen before, with new ones, and with the first.
    fn evaluation(&self, group: impl Fn(&Handler)) -> Outcome<[f64; 3]> {
        self.asks.set(true);
        let submitted = self.queue.submit(group);
        self.asks.set(false);
        submitted?.wait()?;
        let launch = self.asked.take().ok_or("nothing was launched")??;
        let (known, new) = (each(|| launch.looked_up()), each(|| Some(launch.examined())));
        Ok([known, new, each(|| Some(launch.gone_through()))])
    }

    /// Runs both kernels in turn, and compares what they have made of `result`: numbers may differ by `bound`, as a part
    /// of the number or of 1.
    fn row<T: Element + Pod + Into<f64>, const D: usize>(
        &self,
        case: &'static str,
        by_hand: &ByHand,
        (result, bound): (&Twin<T, D>, f64),
        group: impl Fn(&Handler),
    ) -> Outcome<Row> {
        let falx = |n| {
            microseconds_each(n, || {
                for _ in 0..n {
                    self.queue.submit(&group)?;
                }
                Ok(self.queue.wait()?)
            })
        };
        let raw = |n| {
            microseconds_each(n, || {
                for _ in 0..n {
                    self.bench.raw.launch(&by_hand.kernel, &by_hand.global, Some(&by_hand.local))?;
                }
                self.bench.raw.finish()
            })
        };
        // The first launches of both have drivers compile.
        falx(1)?;
        raw(1)?;
        falx(1)?;
        let n = (ROUND_MICROSECONDS / raw(1)?).ceil().clamp(1.0, 64.0) as usize;
        let times = interleave(full_or_quick(61, 1), || falx(n), || raw(n))?;
        self.compare(case, result, bound)?;
        let proven = proven_of_accesses(case, &self.queue, &group)?;
        let [known, new, first] = self.evaluation(&group)?;
        let note = format!("{proven} {known:.3} {new:.2} {first:.1}");
        Ok(Row { note: Some(note), ..Row::of_times(case, times) })
    }

    fn compare<T: Element + Pod + Into<f64>, const D: usize>(
        &self,
        case: &str,
        result: &Twin<T, D>,
        bound: f64,
    ) -> Outcome {
        let found = result.falx.host_read()?;
        let mut expected = vec![T::zeroed(); found.len()];
        self.bench.raw.read(&result.raw, &mut expected)?;
        for (position, (&found, &expected)) in found.iter().zip(&expected).enumerate() {
            let (found, expected): (f64, f64) = (found.into(), expected.into());
            let is_same = (found - expected).abs() <= bound * expected.abs().max(1.0);
            if !is_same {
                return Err(format!("{case}: element {position} is {found}, and {expected} by hand").into());
            }
        }
        Ok(())
    }
}

/// Microseconds of one call of `work`.
fn each(work: impl Fn() -> Option<usize>) -> f64 {
    let calls = full_or_quick(200, 10);
    let once = |_| {
        let all = microseconds_each(calls, || {
            (0..calls).for_each(|_| _ = black_box(work()));
            Ok(())
        });
        all.unwrap_or(f64::NAN)
    };
    median((0..full_or_quick(50, 3)).map(once).collect())
}

/// How many checks of its accesses (each component of an index by itself, and divisors) a launch needs not, of how many: all, but where
/// indices come from data.
fn proven_of_accesses(case: &str, queue: &Queue, group: impl Fn(&Handler)) -> Outcome<String> {
    let before = queue.totals();
    queue.submit(group)?.wait()?;
    let Totals { checks, checks_needless, .. } = queue.totals().since(&before);
    if checks_needless < checks && !GATHERS.contains(&case) {
        return Err(format!("{case}: only {checks_needless} of {checks} checks are proven needless").into());
    }
    Ok(format!("{checks_needless}/{checks}"))
}

/// Numbers without order that are the same everywhere.
fn scattered(position: usize) -> u32 {
    let mixed = (position as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_shr(32) as u32
}

/// The same as floats from 0 to 1.
fn scattered_float(position: usize) -> f32 {
    (scattered(position) >> 8) as f32 / (1 << 24) as f32
}
