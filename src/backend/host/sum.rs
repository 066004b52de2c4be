//! Sums on the host, in the order of additions that `kernels/reduce.cl` has, so that floats come out the same.

use super::host_memory;
use super::memory::HostMemory;
use super::transfer::check_end;
use crate::backend::{Memory, Sum, Summand};
use crate::error::{Error, ErrorKind, Result};
use std::ops::{Add, Mul};
use std::sync::Arc;

/// One pass of a sum.
pub(super) struct SumJob {
    from: Arc<HostMemory>,
    with: Option<Arc<HostMemory>>,
    to: Arc<HostMemory>,
    sum: Sum,
}

impl SumJob {
    /// # Safety
    /// `to` is untouched by others until the job has run, and `from` is not written.
    pub(super) unsafe fn new(from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Self> {
        let (first, with) = match from {
            [first] => (host_memory(first)?, None),
            [first, with, ..] => (host_memory(first)?, Some(host_memory(with)?)),
            [] => return Err(Error::new(ErrorKind::Invalid, "a sum of nothing")),
        };
        let (from, to) = (first, host_memory(to)?);
        let size_bytes = size_bytes(sum.summand);
        let reach = |count: Option<usize>| {
            count
                .and_then(|count| count.checked_mul(size_bytes))
                .ok_or_else(|| Error::new(ErrorKind::Invalid, "a sum reaches further than any memory"))
        };
        let end_bytes = reach(sum.first.checked_add(sum.length))?;
        check_end(end_bytes, &from)?;
        with.as_ref().map_or(Ok(()), |with| check_end(end_bytes, with))?;
        check_end(reach(Some(sum.n_items))?, &to)?;
        Ok(SumJob { from, with, to, sum: *sum })
    }

    pub(super) fn run(self) -> Result<()> {
        match self.sum.summand {
            // Signed integers are summed as unsigned ones, whose overflow wraps.
            Summand::I32 | Summand::U32 => self.pass::<u32, 16>(u32::wrapping_add, u32::wrapping_mul),
            Summand::I64 | Summand::U64 => self.pass::<u64, 8>(u64::wrapping_add, u64::wrapping_mul),
            Summand::F32 => self.pass::<f32, 16>(f32::add, f32::mul),
            Summand::F64 => self.pass::<f64, 8>(f64::add, f64::mul),
        }
        Ok(())
    }

    fn pass<T: Copy + Default, const LANES: usize>(&self, add: fn(T, T) -> T, multiply: fn(T, T) -> T) {
        let Sum { first, length, run, n_items, .. } = self.sum;
        let elements_of = |memory: &HostMemory| {
            let start = memory.pointer().cast::<T>().wrapping_add(first);
            // SAFETY: `new` checked that the elements lie inside the memory and was promised that nobody writes them;
            // memory of a buffer is initialised and aligned for its elements.
            unsafe { std::slice::from_raw_parts(start.cast_const(), length) }
        };
        let elements = elements_of(&self.from);
        let factors = self.with.as_deref().map(elements_of);
        for item in 0..n_items {
            let begin = item.saturating_mul(run).min(length);
            let end = begin.saturating_add(run).min(length);
            let factors = factors.map(|factors| &factors[begin..end]);
            let partial = sum_of::<T, LANES>(&elements[begin..end], factors, add, multiply);
            // SAFETY: `new` checked that element `item` lies inside the memory and was promised that it is this job's.
            unsafe { self.to.pointer().cast::<T>().add(item).write(partial) };
        }
    }
}

fn size_bytes(summand: Summand) -> usize {
    match summand {
        Summand::I32 | Summand::U32 | Summand::F32 => 4,
        Summand::I64 | Summand::U64 | Summand::F64 => 8,
    }
}

/// Four vectors of `LANES` sums, added up pairwise at the end.
fn sum_of<T: Copy + Default, const LANES: usize>(
    elements: &[T],
    factors: Option<&[T]>,
    add: impl Fn(T, T) -> T,
    multiply: impl Fn(T, T) -> T,
) -> T {
    let mut sums = [[T::default(); LANES]; 4];
    for (number, run) in elements.chunks(4 * LANES).enumerate() {
        let mut padded = [T::default(); 64];
        padded[..run.len()].copy_from_slice(run);
        if let Some(factors) = factors {
            for (element, factor) in padded.iter_mut().zip(&factors[number * 4 * LANES..][..run.len()]) {
                *element = multiply(*element, *factor);
            }
        }
        for (vector, lanes) in sums.iter_mut().zip(padded.chunks_exact(LANES)) {
            for (sum, element) in vector.iter_mut().zip(lanes) {
                *sum = add(*sum, *element);
            }
        }
    }
    let [a, b, c, d] = sums;
    let mut all: [T; LANES] = std::array::from_fn(|lane| add(add(a[lane], b[lane]), add(c[lane], d[lane])));
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            all[lane] = add(all[lane], all[lane + half]);
        }
        half /= 2;
    }
    all[0]
}
