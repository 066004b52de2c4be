//! Algorithms on buffers, fast and the same on every device.

use crate::backend::{Sum, Summand};
use crate::error::Result;
use crate::execute::{SumWork, Work};
use crate::memory::{Buffer, Element, Read, Write};
use crate::queue::{Handler, Queue};

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
    let length = buffer.size();
    if length == 0 {
        return Ok(T::default());
    }
    let run = length.div_ceil(N_PARTIALS).max(SHORTEST_RUN).next_multiple_of(64);
    let n_items = length.div_ceil(run);
    let total = Buffer::<T>::new(1);
    let pass = |length, run, n_items| Sum { summand: T::SUMMAND, first: 0, length, run, n_items };
    if n_items == 1 {
        queue.submit(|h| add(h, &buffer.read(h), &total.write(h).no_init(), pass(length, run, 1)))?;
    } else {
        let partials = Buffer::<T>::new(n_items);
        queue
            .submit(|h| add(h, &buffer.read(h), &partials.write(h).no_init(), pass(length, run, n_items)))?;
        queue.submit(|h| add(h, &partials.read(h), &total.write(h).no_init(), pass(n_items, n_items, 1)))?;
    }
    Ok(total.host_read()?[0])
}

fn add<T: Element, const D: usize>(handler: &Handler, from: &Read<'_, T, D>, to: &Write<'_, T>, sum: Sum) {
    handler.device_work("sum", (from.group, from.requirement), (to.group, to.requirement), |from, to| {
        Work::Sum(Box::new(SumWork { from: from.storage, to: to.storage, sum }))
    });
}
