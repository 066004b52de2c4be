//! Algorithms on buffers, fast and the same on every device.

use crate::backend::{Sum, Summand};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{SumWork, Work};
use crate::memory::{Buffer, Element};
use crate::queue::{Handler, Queue};
use smallvec::{SmallVec, smallvec};

/// How many partial sums there are at most.
const N_PARTIALS: usize = 2048;
/// The fewest elements worth a partial sum of their own.
const SHORTEST_RUN: usize = 1024;

mod sealed {
    pub trait Sealed {
        const SUMMAND: crate::backend::Summand;
    }
}

/// A number that [`sum`] can add up: `i32`, `u32`, `i64`, `u64`, `f32` and `f64`.
pub trait Summable: Element + Default + sealed::Sealed {}

macro_rules! summable {
    ($($ty:ty => $summand:ident),*) => { $(
        impl sealed::Sealed for $ty {
            const SUMMAND: Summand = Summand::$summand;
        }
        impl Summable for $ty {}
    )* };
}
summable!(i32 => I32, u32 => U32, i64 => I64, u64 => U64, f32 => F32, f64 => F64);

/// The sum of all elements of a buffer; zero if there are none. Waits for it.
///
/// Integers wrap. Floats are added in an order that depends on their number alone, so the sum is the same on every
/// device, and more exact than adding them one after the other.
///
/// Cost: one pass over the elements at the speed of memory, and two launches.
///
/// # Errors
/// As for [`Buffer::host_read`].
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let numbers = Buffer::from((1..=100).collect::<Vec<i64>>());
/// assert_eq!(falx::algorithm::sum(&queue, &numbers)?, 5050);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn sum<T: Summable, const D: usize>(queue: &Queue, buffer: &Buffer<T, D>) -> Result<T> {
    let buffer = in_one_run(queue, buffer)?;
    total(queue, buffer.size(), |h| smallvec![buffer.read(h).named()])
}

/// The elements of a buffer in memory of their own, unless they lie at its beginning, one after the other.
fn in_one_run<T: Element, const D: usize>(queue: &Queue, buffer: &Buffer<T, D>) -> Result<Buffer<T, D>> {
    if buffer.is_at_the_beginning() {
        return Ok(buffer.clone());
    }
    let copy = Buffer::new(buffer.range());
    queue.copy(buffer, &copy)?;
    Ok(copy)
}

/// The sum of the products of the elements of two buffers of one size, the dot product; zero if there are none. Waits
/// for it. Everything said of [`sum`] holds.
///
/// # Errors
/// [`ErrorKind::LengthMismatch`] if the sizes differ; else as for [`Buffer::host_read`].
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let (a, b) = (Buffer::from(vec![1.0f32, 2.0, 3.0]), Buffer::from(vec![4.0f32, 5.0, 6.0]));
/// assert_eq!(falx::algorithm::dot(&queue, &a, &b)?, 32.0);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn dot<T: Summable, const D: usize>(queue: &Queue, a: &Buffer<T, D>, b: &Buffer<T, D>) -> Result<T> {
    if a.size() != b.size() {
        let text = format!(
            "the dot product of buffer `{}` of {} elements and buffer `{}` of {} elements; both must have the same size",
            a.name(),
            a.size(),
            b.name(),
            b.size()
        );
        return Err(Error::new(ErrorKind::LengthMismatch, text));
    }
    let (a, b) = (in_one_run(queue, a)?, in_one_run(queue, b)?);
    total(queue, a.size(), |h| smallvec![a.read(h).named(), b.read(h).named()])
}

/// A requirement: its command group and its position in it.
type Named = (u64, usize);

/// Sums `length` elements (or products) of the accessors that `inputs` makes.
fn total<T: Summable>(
    queue: &Queue,
    length: usize,
    inputs: impl Fn(&Handler) -> SmallVec<[Named; 2]>,
) -> Result<T> {
    if length == 0 {
        return Ok(T::default());
    }
    let run = length.div_ceil(N_PARTIALS).max(SHORTEST_RUN).next_multiple_of(64);
    let n_items = length.div_ceil(run);
    let total = Buffer::<T>::new(1);
    let pass = |length, run, n_items| Sum { summand: T::SUMMAND, first: 0, length, run, n_items };
    if n_items == 1 {
        queue.submit(|h| add(h, inputs(h), total.write(h).no_init().named(), pass(length, run, 1)))?;
    } else {
        let partials = Buffer::<T>::new(n_items);
        queue
            .submit(|h| add(h, inputs(h), partials.write(h).no_init().named(), pass(length, run, n_items)))?;
        let last = pass(n_items, n_items, 1);
        queue.submit(|h| {
            add(h, smallvec![partials.read(h).named()], total.write(h).no_init().named(), last)
        })?;
    }
    Ok(total.host_read()?[0])
}

fn add(handler: &Handler, from: SmallVec<[Named; 2]>, to: Named, sum: Sum) {
    handler.device_work("sum", &from, to, |from, to| {
        let from = from.into_iter().map(|pending| pending.portion).collect();
        Work::Sum(Box::new(SumWork { from, to: to.portion, sum }))
    });
}
