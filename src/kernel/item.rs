//! Work-items: what a kernel knows of where it runs.

use super::argument::{LaunchShape, ShapeKind};
use super::groups::{Group, SubGroup};
use super::types::{DeviceType, ItemKind, Type};
use crate::geometry::{Id, NdRange, Range};

/// Where one work-item stands, in three dimensions (missing ones lead).
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// In the launch.
    pub global_id: [usize; 3],
    /// In its work-group.
    pub local_id: [usize; 3],
    /// The launch.
    pub shape: LaunchShape,
}

impl Position {
    /// The work-item at a row-major position of a launch.
    #[inline(always)]
    pub fn of_linear(shape: &LaunchShape, linear: usize) -> Self {
        let [_, rows, columns] = shape.global;
        let global_id = [linear / columns / rows, linear / columns % rows, linear % columns];
        Position { global_id, local_id: [0; 3], shape: *shape }
    }

    /// The row-major position in the launch.
    #[inline(always)]
    pub fn linear(&self) -> u64 {
        linear(self.global_id, self.shape.global) as u64
    }
}

/// The parameter of a kernel.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a work-item",
    note = "a kernel's parameter is `Id<D>`, `Item<D>`, `NdItem<D>`, `usize`, `[usize; D]`, or absent for a single task"
)]
pub trait WorkItem: DeviceType {
    /// The work-item at a position.
    fn at(position: &Position) -> Self;
}

/// What a launch may be over: `usize`, `[usize; D]`, [`Range`], [`NdRange`].
pub trait IntoShape {
    /// The range in its full form.
    type Shape;
    /// The extents as data.
    fn shape(self) -> LaunchShape;
}

/// A work-item that a launch over `Shape` has.
#[diagnostic::on_unimplemented(
    message = "a launch over `{Shape}` has no work-items of type `{Self}`",
    note = "`Range<D>` has `Id<D>`, `Item<D>`, `[usize; D]` and (for `D` = 1) `usize`; `NdRange<D>` has `NdItem<D>`"
)]
pub trait ItemOf<Shape>: WorkItem {}

fn last<const D: usize>(padded: [usize; 3]) -> [usize; D] {
    std::array::from_fn(|dimension| padded[3 - D + dimension])
}

#[diagnostic::do_not_recommend]
impl WorkItem for () {
    fn at(_position: &Position) {}
}
#[diagnostic::do_not_recommend]
impl WorkItem for usize {
    #[inline(always)]
    fn at(position: &Position) -> usize {
        position.global_id[2]
    }
}
#[diagnostic::do_not_recommend]
impl<const D: usize> WorkItem for [usize; D] {
    #[inline(always)]
    fn at(position: &Position) -> [usize; D] {
        last(position.global_id)
    }
}
#[diagnostic::do_not_recommend]
impl<const D: usize> WorkItem for Id<D> {
    #[inline(always)]
    fn at(position: &Position) -> Id<D> {
        Id(last(position.global_id))
    }
}

impl ItemOf<Range<1>> for usize {}
impl<const D: usize> ItemOf<Range<D>> for [usize; D] {}
impl<const D: usize> ItemOf<Range<D>> for Id<D> {}
impl<const D: usize> ItemOf<Range<D>> for Item<D> {}
impl<const D: usize> ItemOf<NdRange<D>> for NdItem<D> {}

/// A work-item of a launch over a [`Range`]: its id and the range.
///
/// Source: SYCL 2020, section 4.9.1.4.
#[derive(Clone, Copy, Debug)]
pub struct Item<const D: usize> {
    id: [usize; D],
    range: [usize; D],
}

impl<const D: usize> Item<D> {
    /// The position in the launch.
    #[inline(always)]
    pub fn id(&self) -> [usize; D] {
        self.id
    }
    /// The extent of the launch.
    #[inline(always)]
    pub fn range(&self) -> Range<D> {
        Range(self.range)
    }
    /// The row-major position in the launch.
    #[inline(always)]
    pub fn linear_id(&self) -> usize {
        linear(self.id, self.range)
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> WorkItem for Item<D> {
    #[inline(always)]
    fn at(position: &Position) -> Self {
        Item { id: last(position.global_id), range: last(position.shape.global) }
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> DeviceType for Item<D> {
    type Erased = Item<D>;
    fn describe() -> Type {
        Type::Item(ItemKind::Item, D)
    }
    fn zero() -> Self {
        Item { id: [0; D], range: [0; D] }
    }
}

/// A work-item of a launch over an [`NdRange`]: its position in the launch and in its work-group.
///
/// Source: SYCL 2020, section 4.9.1.5.
#[derive(Clone, Copy, Debug)]
pub struct NdItem<const D: usize> {
    global_id: [usize; D],
    local_id: [usize; D],
    global_range: [usize; D],
    local_range: [usize; D],
}

impl<const D: usize> NdItem<D> {
    /// The position in the launch.
    #[inline(always)]
    pub fn global_id(&self) -> [usize; D] {
        self.global_id
    }
    /// The position in the work-group.
    #[inline(always)]
    pub fn local_id(&self) -> [usize; D] {
        self.local_id
    }
    /// The position of the work-group among the work-groups.
    #[inline(always)]
    pub fn group_id(&self) -> [usize; D] {
        std::array::from_fn(|d| self.global_id[d] / self.local_range[d])
    }
    /// The extent of the launch.
    #[inline(always)]
    pub fn global_range(&self) -> Range<D> {
        Range(self.global_range)
    }
    /// The extent of a work-group.
    #[inline(always)]
    pub fn local_range(&self) -> Range<D> {
        Range(self.local_range)
    }
    /// How many work-groups there are in each dimension.
    #[inline(always)]
    pub fn group_range(&self) -> Range<D> {
        Range(std::array::from_fn(|d| self.global_range[d] / self.local_range[d]))
    }
    /// The row-major position in the launch.
    #[inline(always)]
    pub fn global_linear_id(&self) -> usize {
        linear(self.global_id, self.global_range)
    }
    /// The row-major position in the work-group.
    #[inline(always)]
    pub fn local_linear_id(&self) -> usize {
        linear(self.local_id, self.local_range)
    }
    /// The work-group that this work-item belongs to.
    #[inline(always)]
    pub fn group(&self) -> Group<D> {
        Group::of(*self)
    }
    /// The sub-group that this work-item belongs to.
    #[inline(always)]
    pub fn sub_group(&self) -> SubGroup {
        SubGroup::of(self.local_linear_id(), self.local_range().0.iter().product())
    }
    /// Has every access of this work-item to local and global memory that stands before take effect before every one that
    /// stands behind, as others see them. Waits for nobody.
    ///
    /// Source: SYCL 2020, section 4.15.1 (`atomic_fence`).
    #[inline(always)]
    pub fn fence(&self) {
        std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
    }
    /// Waits until every work-item of the work-group has come here; local and global memory are then consistent
    /// within the group. Every work-item of the group, or none, must come here.
    ///
    /// Source: SYCL 2020, section 4.17.3 (`group_barrier`).
    pub fn barrier(&self) {
        super::group::barrier();
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> WorkItem for NdItem<D> {
    #[inline(always)]
    fn at(position: &Position) -> Self {
        NdItem {
            global_id: last(position.global_id),
            local_id: last(position.local_id),
            global_range: last(position.shape.global),
            local_range: last(position.shape.local),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> DeviceType for NdItem<D> {
    type Erased = NdItem<D>;
    fn describe() -> Type {
        Type::Item(ItemKind::NdItem, D)
    }
    fn zero() -> Self {
        NdItem { global_id: [0; D], local_id: [0; D], global_range: [0; D], local_range: [0; D] }
    }
}

#[inline(always)]
pub(super) fn linear<const D: usize>(id: [usize; D], range: [usize; D]) -> usize {
    (0..D).fold(0, |linear, dimension| linear * range[dimension] + id[dimension])
}

fn padded_shape<const D: usize>(kind: ShapeKind, global: Range<D>, local: [usize; 3]) -> LaunchShape {
    LaunchShape { kind, global: global.padded(), local }
}

impl IntoShape for usize {
    type Shape = Range<1>;
    fn shape(self) -> LaunchShape {
        Range([self]).shape()
    }
}
impl<const D: usize> IntoShape for [usize; D] {
    type Shape = Range<D>;
    fn shape(self) -> LaunchShape {
        Range(self).shape()
    }
}
impl<const D: usize> IntoShape for Range<D> {
    type Shape = Range<D>;
    fn shape(self) -> LaunchShape {
        padded_shape(ShapeKind::Range(D), self, [1; 3])
    }
}
impl<const D: usize> IntoShape for NdRange<D> {
    type Shape = NdRange<D>;
    fn shape(self) -> LaunchShape {
        padded_shape(ShapeKind::NdRange(D), self.global, self.local.padded())
    }
}
