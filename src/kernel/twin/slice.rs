//! Slices, and references to elements, of what a work-item has to itself and of what it shares.

use super::super::current::{is_inside, report};
use super::super::group::halt;
use super::super::message::{Format, Message, Piece};
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;
use super::PartMut;
use super::say::{Shown, panic};

/// What a range says that does not lie inside.
pub static RANGE_OUTSIDE: Message = Message {
    pieces: &[
        Piece::Text("range "),
        Piece::Value { argument: 0, format: Format::PLAIN },
        Piece::Text(".."),
        Piece::Value { argument: 1, format: Format::PLAIN },
        Piece::Text(" out of range "),
        Piece::Value { argument: 2, format: Format::PLAIN },
        Piece::Text(" in `"),
        Piece::Subject,
        Piece::Text("`"),
    ],
};

/// The first element and the number of elements of a range; ends the work-item unless it lies inside of `length`.
#[inline(always)]
pub fn narrowed(start: usize, end: Option<usize>, length: usize, site: &'static Site) -> (usize, usize) {
    let end = end.unwrap_or(length);
    if start > end || end > length {
        let shown = Shown::new().with(start).with(end).with(length);
        panic(site, &RANGE_OUTSIDE, shown);
    }
    (start, end - start)
}

/// What `&base[range]` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot borrow a slice of a `{Self}`",
    label = "has no slices that can be borrowed",
    note = "`&a[m..n]` is for arrays of the work-item's own; write `a.slice(m..n)` for an accessor, whose slices are `falx::Slice`s"
)]
pub trait Cut {
    /// What it consists of.
    type Element;
    /// All of it.
    fn elements(&self) -> &[Self::Element];
}

/// What `&mut base[range]` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot borrow a slice of a `{Self}` by `&mut`",
    label = "has no slices that can be borrowed",
    note = "`&mut a[m..n]` is for arrays of the work-item's own; write `a.slice_mut(m..n)` for an accessor, whose slices are `falx::SliceMut`s"
)]
pub trait CutMut: Cut {
    /// All of it.
    fn elements_mut(&mut self) -> &mut [Self::Element];
}

macro_rules! cut {
    ([$($generics:tt)*] $ty:ty: $element:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Cut for $ty {
            type Element = $element;
            #[inline(always)]
            fn elements(&self) -> &[$element] {
                self
            }
        }
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> CutMut for $ty {
            #[inline(always)]
            fn elements_mut(&mut self) -> &mut [$element] {
                self
            }
        }
    };
}
cut!([T] [T]: T);
cut!([T, const N: usize] [T; N]: T);

#[diagnostic::do_not_recommend]
impl<V: Cut + ?Sized> Cut for &V {
    type Element = V::Element;
    #[inline(always)]
    fn elements(&self) -> &[V::Element] {
        (**self).elements()
    }
}
#[diagnostic::do_not_recommend]
impl<V: Cut + ?Sized> Cut for &mut V {
    type Element = V::Element;
    #[inline(always)]
    fn elements(&self) -> &[V::Element] {
        (**self).elements()
    }
}
#[diagnostic::do_not_recommend]
impl<V: CutMut + ?Sized> CutMut for &mut V {
    #[inline(always)]
    fn elements_mut(&mut self) -> &mut [V::Element] {
        (**self).elements_mut()
    }
}

/// `&base[start..end]`
#[inline(always)]
pub fn cut<'v, V: Cut<Element = T> + ?Sized, T>(
    base: &'v V,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> &'v [T] {
    let elements = base.elements();
    let (start, length) = narrowed(start, end, elements.len(), site);
    &elements[start..start + length]
}

/// `&mut base[start..end]`
#[inline(always)]
pub fn cut_mut<'v, V: CutMut<Element = T> + ?Sized, T>(
    base: &'v mut V,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> &'v mut [T] {
    let elements = base.elements_mut();
    let (start, length) = narrowed(start, end, elements.len(), site);
    &mut elements[start..start + length]
}

/// What `base.slice(range)` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot take a slice of a `{Self}`",
    label = "has no slices",
    note = "arrays, slices, local memory, and accessors of one dimension that can be read have slices"
)]
pub trait Sliced<'v> {
    /// The slice.
    type Slice;
    /// Takes the elements from `start` on.
    fn slice(&'v self, start: usize, end: Option<usize>, site: &'static Site) -> Self::Slice;
}

/// What `base.slice_mut(range)` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot take a slice of a `{Self}` to change it",
    label = "has no slices that can be changed",
    note = "arrays, `SliceMut`s, local memory and `ReadWrite` accessors of one dimension have such slices"
)]
pub trait SlicedMut<'v> {
    /// The slice.
    type Slice;
    /// Takes the elements from `start` on.
    fn slice_mut(&'v mut self, start: usize, end: Option<usize>, site: &'static Site) -> Self::Slice;
}

/// `base.slice(start..end)`
#[inline(always)]
pub fn slice<'v, V: Sliced<'v> + ?Sized>(
    base: &'v V,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> V::Slice {
    base.slice(start, end, site)
}

/// `base.slice_mut(start..end)`
#[inline(always)]
pub fn slice_mut<'v, V: SlicedMut<'v> + ?Sized>(
    base: &'v mut V,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> V::Slice {
    base.slice_mut(start, end, site)
}

/// What `base.slice(row, range)` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot take a slice of a row `{Row}` of a `{Self}`",
    label = "has no such rows",
    note = "local memory, and accessors that can be read, have rows: `a.slice([i], ..)` with two dimensions, `a.slice([i, j], ..)` with three"
)]
pub trait SlicedRow<Row> {
    /// The slice.
    type Slice;
    /// Takes the elements of a row from `start` on.
    fn slice_of_row(&self, row: Row, start: usize, end: Option<usize>, site: &'static Site) -> Self::Slice;
}

/// What `base.slice_mut(row, range)` is taken of.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot take a slice of a row `{Row}` of a `{Self}` to change it",
    label = "has no such rows that can be changed",
    note = "local memory and `ReadWrite` accessors have: `a.slice_mut([i], ..)` with two dimensions, `a.slice_mut([i, j], ..)` with three"
)]
pub trait SlicedRowMut<Row> {
    /// The slice.
    type Slice;
    /// Takes the elements of a row from `start` on.
    fn slice_mut_of_row(
        &mut self,
        row: Row,
        start: usize,
        end: Option<usize>,
        site: &'static Site,
    ) -> Self::Slice;
}

/// `base.slice(row, start..end)`
#[inline(always)]
pub fn slice_of_row<V: SlicedRow<Row>, Row>(
    base: &V,
    row: Row,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> V::Slice {
    base.slice_of_row(row, start, end, site)
}

/// `base.slice_mut(row, start..end)`
#[inline(always)]
pub fn slice_mut_of_row<V: SlicedRowMut<Row>, Row>(
    base: &mut V,
    row: Row,
    start: usize,
    end: Option<usize>,
    site: &'static Site,
) -> V::Slice {
    base.slice_mut_of_row(row, start, end, site)
}

/// Ends the work-item unless there is a row at these indices.
#[inline(always)]
pub fn require_row<const N: usize>(row: [usize; N], extents: [usize; N], site: &'static Site) {
    if row.iter().zip(&extents).all(|(index, extent)| index < extent) {
        return;
    }
    let padded = |from: [usize; N]| std::array::from_fn(|k| from.get(k).map_or(0, |value| *value as u64));
    report(Failure::Index { site, dimensions: N, index: padded(row), length: padded(extents) });
    assert!(is_inside(), "row {row:?} out of range {extents:?} in `{}`", site.subject);
    halt()
}

/// What has elements that a mutable reference can lead to.
#[diagnostic::on_unimplemented(
    message = "a kernel cannot borrow an element of a `{Self}` by `&mut`",
    label = "its elements cannot be borrowed",
    note = "other work-items may use the elements of an accessor: copy one with `let mut x = a[i];`, pass `&mut x`, and store it with `a[i] = x;`"
)]
pub trait Lend<Index>: PartMut<Index> {}
#[diagnostic::do_not_recommend]
impl<Index, V: PartMut<Index> + ?Sized> Lend<Index> for V {}

/// `&mut base[index].field`: `part` leads from the element to the part. Ends the work-item after a failed check.
#[inline(always)]
pub fn lend<'v, V: Lend<Index> + ?Sized, Index, P>(
    base: &'v mut V,
    index: Index,
    site: &'static Site,
    part: impl FnOnce(&'v mut V::Element) -> Option<&'v mut P>,
) -> &'v mut P
where
    V::Element: DeviceType,
{
    match base.part_mut(index, site).and_then(part) {
        Some(part) => part,
        None => {
            assert!(is_inside(), "index out of range in `{}`", site.subject);
            halt()
        }
    }
}
