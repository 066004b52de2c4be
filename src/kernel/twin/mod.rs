//! The host twin: what the constructs of a kernel mean when they run as ordinary Rust on the host device.
//!
//! `falx-macros` rewrites a kernel's body in terms of these functions. They give the kernel language its meaning: integers
//! wrap whatever the build profile, shifts mask, a bad index or a division by zero is a trap and not a panic, and elements
//! are read and written with relaxed atomics, so that racing work-items are no undefined behaviour.

mod conversion;
mod ending;
mod inexact;
mod operation;
mod overflow;
mod place;
mod reference;
mod say;
mod scalar;
mod sequence;
mod slice;
#[cfg(test)]
pub(crate) mod tests;

pub use super::current::is_checked;
pub use super::enumeration::{Described as DescribedVariant, unwrap};
pub use super::groups::{agreed, broadcast};
pub use conversion::{Cast, CastAsItIs, CastOfHalf, CastOfOther, Casted, Converted, converted, same};
pub use ending::{Ranked, Total, largest, product, smallest, sum};
pub use operation::*;
pub use reference::ChangedPlace;
pub use say::{Shown, Words, panic, print};
pub use scalar::{ConstantValue, ScalarBits};
pub use sequence::{PART_OF_NOTHING, Rows, STEP_OF_ZERO, counted_from, part_length, row, step_by};
pub use slice::{
    Cut, CutMut, Lend, RANGE_OUTSIDE, Sliced, SlicedMut, SlicedRow, SlicedRowMut, cut, cut_mut, lend,
    narrowed, require_row, slice, slice_mut, slice_mut_of_row, slice_of_row,
};

use super::argument::Argument;
use super::item::WorkItem;
use super::object::{KernelFn, kernel};
use super::reduction::Slots;
use super::source::Constant;
use super::trap::TrapCell;
use super::tree::{Encoded, Kernel, Site};
use super::types::{DeviceType, Witness};

/// What a running work-item sees of its launch: where its accessors lead, and where failures go.
pub struct Environment<'e> {
    /// For each captured argument its memory; `None` for values.
    pub views: &'e [Option<View>],
    /// Where a failed check is reported.
    pub trap: &'e TrapCell,
    /// Where the work-items of reductions leave their results.
    pub slots: &'e [Slots],
}

/// The memory of one accessor: the first byte of the buffer (or of the local memory), and how many bytes there are.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The first byte.
    pub(crate) pointer: *mut u8,
    /// How many bytes may be touched.
    pub(crate) size_bytes: usize,
}

/// A value that a kernel may take from its surroundings: scalars, arrays of them, accessors.
///
/// # Safety
/// Lifetimes in the type must be mere brands: the value must stay usable when they are erased to `'static`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot travel to a device",
    label = "captured by this kernel",
    note = "kernels can take scalars, arrays, tuples, `#[device]` structs and accessors; put other data into a `falx::Buffer`"
)]
pub unsafe trait Capture: DeviceType + Send + Sync {
    /// How it travels.
    fn argument(&self) -> Argument;

    /// The value as a running work-item uses it; `position` is its position among the captured arguments.
    #[inline(always)]
    fn bind(self, environment: &Environment<'_>, position: usize) -> Self {
        let _ = (environment, position);
        self
    }
}

/// `base[index]` as a value.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot read `{Self}` at an index of type `{Index}`",
    label = "cannot be read here",
    note = "arrays take `usize`; accessors take `usize` (one dimension), `Id<D>` or `[usize; D]`; a `Write` accessor cannot be read: use `read_write`"
)]
pub trait Load<Index>: Place {
    /// The element, or zero after reporting a failed check at `site`.
    fn load(&self, index: Index, site: &'static Site) -> Self::Element;

    /// A part of the element: `base[index].field`; zero after reporting a failed check at `site`. `part` leads from an
    /// element to the part, or reports and leads nowhere.
    #[inline(always)]
    fn load_part<P: DeviceType>(
        &self,
        index: Index,
        site: &'static Site,
        part: impl Fn(&Self::Element) -> Option<&P>,
    ) -> P {
        part(&self.load(index, site)).copied().unwrap_or_else(P::zero)
    }
}

/// `base[index] = value`.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot write `{Self}` at an index of type `{Index}`",
    label = "cannot be written here",
    note = "arrays take `usize`; accessors take `usize` (one dimension), `Id<D>` or `[usize; D]`; a `Read` accessor cannot be written: use `write` or `read_write`"
)]
pub trait Store<Index>: Place {
    /// Stores, or does nothing after reporting a failed check at `site`.
    fn store(&mut self, index: Index, value: Self::Element, site: &'static Site);

    /// Stores to a part of the element and leaves the rest of it alone: `base[index].field = value`. `part` is as in
    /// [`Load::load_part`].
    fn store_part<P: DeviceType>(
        &mut self,
        index: Index,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut Self::Element) -> Option<&mut P>,
    );
}

/// `value[index]` of a value that a work-item has to itself.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot index a `{Self}` by a `{Index}`",
    label = "cannot be indexed so",
    note = "arrays take `usize`"
)]
pub trait Part<Index>: Place {
    /// The element; none after reporting a failed check at `site`.
    fn part(&self, index: Index, site: &'static Site) -> Option<&Self::Element>;
}

/// `value[index]` as a place.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot store to the elements of a `{Self}` by a `{Index}`",
    label = "cannot be stored to",
    note = "the elements of arrays can be stored to, by `usize`"
)]
pub trait PartMut<Index>: Part<Index> {
    /// The element; none after reporting a failed check at `site`.
    fn part_mut(&mut self, index: Index, site: &'static Site) -> Option<&mut Self::Element>;
}

/// `value[index]`
#[inline(always)]
pub fn part<'v, V: Part<Index> + ?Sized, Index>(
    value: &'v V,
    index: Index,
    site: &'static Site,
) -> Option<&'v V::Element> {
    value.part(index, site)
}

/// `value[index]` as a place.
#[inline(always)]
pub fn part_mut<'v, V: PartMut<Index> + ?Sized, Index>(
    value: &'v mut V,
    index: Index,
    site: &'static Site,
) -> Option<&'v mut V::Element> {
    value.part_mut(index, site)
}

/// `base.atomic(index)`.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot use `{Self}` atomically at an index of type `{Index}`",
    label = "has no atomic operations",
    note = "`ReadWrite` and local accessors to integers of 32 and 64 bits, `f32` and `f64` have atomic operations"
)]
pub trait Atomic<Index> {
    /// What the operations are called on.
    type Reference;
    /// The element; after reporting a failed check at `site`, one whose operations do nothing.
    fn atomic(&self, index: Index, site: &'static Site) -> Self::Reference;
}

/// What can be indexed in a kernel.
#[diagnostic::on_unimplemented(message = "a kernel cannot index a `{Self}`", label = "cannot be indexed")]
pub trait Place {
    /// What is at each index.
    type Element: DeviceType;
}

/// Ties a captured value to its witness and says how it travels.
#[inline(always)]
pub fn argument<T: Capture<Erased = E>, E>(value: &T, witness: Witness<E>) -> Argument {
    let _ = witness;
    value.argument()
}

/// Ties a constant to its witness and takes its bits.
#[inline(always)]
pub fn constant<T: ConstantValue<Erased = T>>(value: T, witness: Witness<T>) -> Constant {
    let _ = witness;
    Constant::of(value)
}

/// The body of a kernel, in front of all else, so that rustc knows what the witnesses have seen when it meets their list.
#[inline(always)]
pub fn body<I: WorkItem, F: Fn(&Environment<'_>, I)>(body: F) -> F {
    body
}

/// A kernel without a name that does nothing.
static FAILED: Encoded<Kernel> = Encoded::new("0  0  0 0 Wild 0 0 None ", &[], &[]);

/// Stands for a kernel that did not compile, so that what surrounds it is still checked.
pub fn failed<I: WorkItem>() -> KernelFn<I, for<'e> fn(&Environment<'e>, I), (), 0, 0> {
    fn nothing<I>(_environment: &Environment<'_>, _item: I) {}
    // SAFETY: `nothing` captures nothing.
    unsafe { kernel(&FAILED, (), [], [], nothing) }
}
