//! Reductions in the manner of SYCL: a launch whose work-items combine values into a few results.
//!
//! Each work-item combines its values, and each run of neighbours leaves theirs in an element; commands that follow combine
//! runs of neighbouring elements until one is left, and that with what the result's buffer holds. So the order depends on the
//! launch alone.

use super::event::Event;
use super::handler::Handler;
use super::queue::Queue;
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{Combine, IntoShape, ItemOf, Kernel, LaunchShape, Operator, RUN, ViewShape, operator};
use crate::memory::{Buffer, Element, Reducer};
use falx_macros::kernel;
use std::marker::PhantomData;

/// What is done on the queue of a command, in order, because it belongs to it.
#[derive(Default)]
pub(super) struct Companions {
    pub(super) before: Vec<Companion>,
    pub(super) after: Vec<Companion>,
}

/// What is done before or after the command of a group, on its queue.
pub(super) type Companion = Box<dyn FnOnce(&Queue) -> Result<Event>>;

/// A buffer of one element that a launch combines values into: see
/// [`Handler::parallel_for_reduce`](crate::Handler::parallel_for_reduce).
pub struct Reduction<'b, T, O> {
    buffer: &'b Buffer<T>,
    identity: T,
    starts_over: bool,
    operator: PhantomData<fn(O)>,
}

impl<T, O> Reduction<'_, T, O> {
    /// Begins with the value that changes nothing (zero for a sum), not with what the buffer holds.
    ///
    /// Source: SYCL 2020, section 4.9.2.2 (`property::reduction::initialize_to_identity`).
    #[must_use]
    pub fn initialize_to_identity(self) -> Self {
        Reduction { starts_over: true, ..self }
    }
}

impl<T: Element, O> Reduction<'_, T, O> {
    /// Refuses a result that cannot be had, before anything is launched for it.
    fn check(&self) -> Result<()> {
        let (name, n_elements) = (self.buffer.name(), self.buffer.size());
        if n_elements != 1 {
            let text = format!(
                "a reduction gives one value, but buffer `{name}` has {n_elements} elements; use a buffer of one element"
            );
            return Err(Error::new(ErrorKind::Invalid, text));
        }
        if !self.starts_over && self.buffer.written_bytes() == 0 {
            let text = format!(
                "a reduction begins with what buffer `{name}` holds, which nothing has written; call `initialize_to_identity` on it \
                 to begin with the value that changes nothing, or make the buffer from data"
            );
            return Err(Error::new(ErrorKind::Uninitialized, text));
        }
        Ok(())
    }
}

macro_rules! reductions {
    ($($name:ident $operator:ident $what:literal;)*) => { $(
        #[doc = concat!("Combines values into the ", $what, " of them and of what the buffer's only element is.")]
        pub fn $name<T: Element + Combine>(buffer: &Buffer<T>) -> Reduction<'_, T, operator::$operator>
        where
            operator::$operator: Operator<T>,
        {
            let identity = <operator::$operator as Operator<T>>::identity().unwrap_or_else(T::zero);
            Reduction { buffer, identity, starts_over: false, operator: PhantomData }
        }
    )* };
}
reductions! {
    sum Sum "sum";
    product Product "product";
    min Min "smallest";
    max Max "largest";
    and And "bitwise and";
    or Or "bitwise or";
    xor Xor "bitwise exclusive or";
}

/// Combines values by an operator of the program's own, which [`operator!`](crate::operator) makes, of them and of what the
/// buffer's only element is.
///
/// `identity` is a value that changes nothing: `operator(identity, x)` is `x`. The operator should give the same however the
/// values are grouped; where it does not, as sums of floats do not, the order that
/// [`parallel_for_reduce`](crate::Handler::parallel_for_reduce) promises decides. Elements may be of any type that a buffer
/// holds.
///
/// ```
/// use falx::prelude::*;
/// use falx::reduction::reduction;
///
/// #[device]
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// struct Peak {
///     height: f32,
///     place: u32,
/// }
///
/// let heights = Buffer::from(vec![0.5f32, 2.0, -1.0, 2.0]);
/// let none = Peak { height: f32::NEG_INFINITY, place: u32::MAX };
/// let peak = Buffer::from(vec![none]);
/// let higher = operator!(|a: Peak, b: Peak| {
///     if b.height > a.height || b.height == a.height && b.place < a.place { b } else { a }
/// });
/// Queue::new(Selector::default())?.submit(|h| {
///     let heights = heights.read(h);
///     h.parallel_for_reduce(4, reduction(&peak, none, higher), |peak| {
///         kernel!(move |i: usize| peak.combine(Peak { height: heights[i], place: i as u32 }))
///     })
/// })?;
/// assert_eq!(peak.host_read()?[0], Peak { height: 2.0, place: 1 });
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.9.2.1 (`reduction` with an identity and a combiner).
pub fn reduction<T: Element, O: Operator<T>>(
    buffer: &Buffer<T>,
    identity: T,
    operator: O,
) -> Reduction<'_, T, O> {
    let _ = operator;
    Reduction { buffer, identity, starts_over: false, operator: PhantomData }
}

mod sealed {
    pub trait Sealed {}
}

/// One [`Reduction`], or a tuple of up to four.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of reductions",
    note = "write `sum(&buffer)`, or a tuple of up to four such: `(sum(&a), max(&b))`"
)]
pub trait Reductions: sealed::Sealed {
    /// What the kernel combines values into: a [`Reducer`], or a tuple of such.
    type Reducers<'h>;

    /// Prepares for a launch.
    #[doc(hidden)]
    fn open(self, handler: &Handler, shape: LaunchShape) -> Result<Self::Reducers<'_>>;
}

impl<T, O> sealed::Sealed for Reduction<'_, T, O> {}
impl<T: Element, O: Operator<T>> Reductions for Reduction<'_, T, O> {
    type Reducers<'h> = Reducer<'h, T, O>;

    fn open(self, handler: &Handler, shape: LaunchShape) -> Result<Reducer<'_, T, O>> {
        self.check()?;
        // A range that is too large to be counted is refused when it is launched.
        let n_parts = shape.n_runs().unwrap_or(0);
        let parts = Buffer::<T>::new(n_parts.max(1));
        let identity = self.identity;
        if O::identity().is_none() {
            let parts = parts.clone();
            handler.precede(Box::new(move |queue| fill(queue, &parts, identity)));
        }
        let reducer = reducer_over::<T, O, true>(handler, &parts);
        let ending = Ending { result: self.buffer.clone(), identity, starts_over: self.starts_over };
        handler.follow(Box::new(move |queue| ending.finish::<O>(queue, parts, n_parts)));
        Ok(reducer)
    }
}

macro_rules! tuples {
    ($($name:ident $position:tt),+) => {
        impl<$($name),+> sealed::Sealed for ($($name,)+) {}
        impl<$($name: Reductions),+> Reductions for ($($name,)+) {
            type Reducers<'h> = ($($name::Reducers<'h>,)+);

            fn open(self, handler: &Handler, shape: LaunchShape) -> Result<Self::Reducers<'_>> {
                Ok(($(self.$position.open(handler, shape)?,)+))
            }
        }
    };
}
tuples!(A 0);
tuples!(A 0, B 1);
tuples!(A 0, B 1, C 2);
tuples!(A 0, B 1, C 2, D 3);

impl Handler {
    /// Runs a kernel for each item of `range` that combines values into results: each result is the only element of a buffer.
    ///
    /// `reductions` is one of [`sum(&buffer)`](crate::reduction::sum), `product`, `min`, `max`, `and`, `or`, `xor`, or of an
    /// operator of the program's own ([`reduction`](crate::reduction::reduction)), or a tuple of up to four. `kernel` gets what the kernel combines into, in the same form: a [`Reducer`](crate::Reducer) each, which
    /// the kernel captures. A result begins with what its buffer holds, unless
    /// [`initialize_to_identity`](crate::reduction::Reduction::initialize_to_identity) says otherwise.
    ///
    /// The bits are the same on every device. A work-item combines its values in the order of its program, from the value that
    /// changes nothing (zero for a sum) on. Runs of 32 work-items are combined, each from that value on, in the order of their
    /// linear ids: of neighbours in a row of the range, or, over an `NdRange`, in a work-group; where a row or a group ends, a run
    /// does. Then runs of 32 such results are combined in the order of the rows or groups, and so on, until one is left. What the
    /// buffer held is combined with that.
    ///
    /// Memory, for as long as the command runs: for each reduction one element for each run. The event is that of the last of
    /// several commands.
    ///
    /// ```
    /// use falx::prelude::*;
    /// use falx::reduction::{max, sum};
    /// let data = Buffer::from(vec![3i32, -1, 4, 1]);
    /// let (total, most) = (Buffer::from(vec![100]), Buffer::<i32>::new(1));
    /// Queue::new(Selector::default())?.submit(|h| {
    ///     let data = data.read(h);
    ///     let reductions = (sum(&total), max(&most).initialize_to_identity());
    ///     h.parallel_for_reduce(4, reductions, |(total, most)| {
    ///         kernel!(move |i: Id<1>| {
    ///             total.combine(data[i]);
    ///             most.combine(data[i]);
    ///         })
    ///     })
    /// })?;
    /// assert_eq!((total.host_read()?[0], most.host_read()?[0]), (107, 4));
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::Invalid`] if a result's buffer has not exactly one element; [`ErrorKind::Uninitialized`] if a
    /// result is to begin with what its buffer holds, which nothing has written; else as for
    /// [`parallel_for`](Self::parallel_for).
    ///
    /// Source: SYCL 2020, section 4.9.2.
    pub fn parallel_for_reduce<'h, S, I, R, F, K>(&'h self, range: S, reductions: R, kernel: F)
    where
        S: IntoShape,
        I: ItemOf<S::Shape>,
        R: Reductions,
        F: FnOnce(R::Reducers<'h>) -> K,
        K: Kernel<I>,
    {
        let shape = range.shape();
        if let Some(reducers) = self.requirements().note(reductions.open(self, shape)) {
            kernel(reducers).with_object(self.runs(), |object| self.launch(shape, object));
        }
    }

    /// Has something done before the command, on its queue.
    fn precede(&self, companion: Companion) {
        self.companions.borrow_mut().before.push(companion);
    }

    /// Has something done after the command, on its queue.
    fn follow(&self, companion: Companion) {
        self.companions.borrow_mut().after.push(companion);
    }

    /// What belongs to the command.
    pub(super) fn take_companions(&mut self) -> Companions {
        std::mem::take(self.companions.get_mut())
    }
}

/// A reducer that begins anew in every element of `parts`; where the operator's type does not tell as what, the elements
/// hold it.
fn reducer_over<'h, T: Element, O: Operator<T>, const BY_RUNS: bool>(
    handler: &'h Handler,
    parts: &Buffer<T>,
) -> Reducer<'h, T, O, BY_RUNS> {
    let view = ViewShape::whole(parts.range());
    match O::identity() {
        Some(_) => Reducer::over(parts.write(handler).no_init().named(), view),
        None => Reducer::over(parts.read_write(handler).named(), view),
    }
}

/// Sets every element, of whatever size.
fn fill<T: Element>(queue: &Queue, buffer: &Buffer<T>, value: T) -> Result<Event> {
    match size_of::<T>() {
        1 | 2 | 4 | 8 | 16 => queue.fill(buffer, value),
        _ => queue.copy(&Buffer::from(vec![value; buffer.size()]), buffer),
    }
}

/// What becomes of the work-items' results.
struct Ending<T> {
    result: Buffer<T>,
    identity: T,
    starts_over: bool,
}

impl<T: Element> Ending<T> {
    /// Combines the first `count` elements of `parts`, and that with the element of the result.
    fn finish<O: Operator<T>>(self, queue: &Queue, mut parts: Buffer<T>, mut count: usize) -> Result<Event> {
        while count > 1 {
            (parts, count) = (self.shorten::<O>(queue, &parts, count)?, count.div_ceil(RUN));
        }
        if self.starts_over {
            self.begin::<O>(queue, &self.result)?;
            return queue.submit(|h| {
                let (parts, total) = (parts.read(h), reducer_over::<T, O, false>(h, &self.result));
                h.parallel_for(
                    1,
                    kernel!(move |i: usize| if i < count {
                        total.combine(parts[i])
                    }),
                );
            });
        }
        queue.submit(|h| {
            let (parts, accessor) = (parts.read(h), self.result.read_write(h));
            let view = ViewShape::whole(self.result.range());
            let total: Reducer<'_, T, O, false, true> = Reducer::over(accessor.named(), view);
            h.parallel_for(
                1,
                kernel!(move |i: usize| if i < count {
                    total.combine(parts[i])
                }),
            );
        })
    }

    /// Combines each run of neighbouring elements into one.
    fn shorten<O: Operator<T>>(&self, queue: &Queue, parts: &Buffer<T>, count: usize) -> Result<Buffer<T>> {
        let shorter = Buffer::<T>::new(count.div_ceil(RUN));
        self.begin::<O>(queue, &shorter)?;
        queue.submit(|h| {
            let (parts, total) = (parts.read(h), reducer_over::<T, O, false>(h, &shorter));
            h.parallel_for(
                shorter.size(),
                kernel!(move |i: usize| {
                    for k in 0..RUN {
                        let at = i * RUN + k;
                        if at < count {
                            total.combine(parts[at]);
                        }
                    }
                }),
            );
        })?;
        Ok(shorter)
    }

    /// Writes the value that changes nothing where a reducer cannot tell it.
    fn begin<O: Operator<T>>(&self, queue: &Queue, buffer: &Buffer<T>) -> Result<()> {
        match O::identity() {
            Some(_) => Ok(()),
            None => fill(queue, buffer, self.identity).map(drop),
        }
    }
}
