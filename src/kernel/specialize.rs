//! `SpecConstant`: a number that is compiled into a kernel, and that each launch may choose anew.

use super::argument::Argument;
use super::source::Constant;
use super::twin::{Capture, ConstantValue, ScalarBits, Words};
use super::types::{DeviceType, Type};

/// A specialization constant: captured by a kernel, its value is compiled in, as if it were a `const`; another launch may
/// have another value.
///
/// Inside the kernel, and outside, [`get`](SpecConstant::get) reads it. Use it for what decides how a kernel is compiled:
/// lengths of inner loops, sizes of tiles, which of several ways is taken. To change it between launches,
/// [`set`](SpecConstant::set) it, or capture another.
///
/// Cost: none inside the kernel. The first launch with a new value compiles the kernel once more for the device, which
/// takes a driver tens to hundreds of milliseconds; falx keeps what it compiled for the 64 values that a kernel was last
/// launched with on a device, so a value that changes with every launch belongs into an ordinary variable.
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let sums = Buffer::<u32>::new(4);
/// let mut terms = SpecConstant::new(3u32);
/// for expected in [3, 10] {
///     queue.submit(|h| {
///         let sums = sums.write(h).no_init();
///         h.parallel_for(4, kernel!(move |i: usize| {
///             let mut sum = 0;
///             for k in 0..terms.get() {
///                 sum += k;
///             }
///             sums[i] = sum;
///         }))
///     })?;
///     assert_eq!(*sums.host_read()?, [expected; 4]);
///     terms.set(5);
/// }
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.9.5 (`specialization_id`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SpecConstant<T>(T);

impl<T: ConstantValue + ScalarBits> SpecConstant<T> {
    /// A constant of this value.
    pub const fn new(value: T) -> Self {
        SpecConstant(value)
    }

    /// The value.
    #[inline(always)]
    pub const fn get(&self) -> T {
        self.0
    }

    /// Changes the value for launches that are submitted from now on.
    pub fn set(&mut self, value: T) {
        self.0 = value;
    }
}

#[diagnostic::do_not_recommend]
impl<T: ConstantValue + ScalarBits> DeviceType for SpecConstant<T> {
    type Erased = SpecConstant<T>;
    fn describe() -> Type {
        match T::describe() {
            Type::Scalar(scalar) => Type::Specialized(scalar),
            other => other,
        }
    }
    fn zero() -> Self {
        SpecConstant(T::zero())
    }
    fn append_words(value: Self, words: &mut Words) {
        T::append_words(value.0, words);
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the type is nothing but a number and has no lifetime.
unsafe impl<T: ConstantValue + ScalarBits + Send + Sync> Capture for SpecConstant<T> {
    fn argument(&self) -> Argument {
        Argument::Constant(Constant::of(self.0))
    }
}
