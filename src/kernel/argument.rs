//! What travels with a launch: its shape and the captured values, as data.

use super::reduction::Reduction;
use super::source::Constant;
use super::types::{LARGEST_GROUP, RUN, TILE};
use smallvec::SmallVec;
use std::ops::Range;

/// What a kernel is launched over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShapeKind {
    /// One work-item.
    Single,
    /// A range of so many dimensions; falx chooses the work-groups.
    Range(usize),
    /// A range of so many dimensions, in work-groups that the user chose.
    NdRange(usize),
}

/// The extents of one launch, padded with leading ones to three dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaunchShape {
    /// What kind.
    pub kind: ShapeKind,
    /// The extent of the launch.
    pub global: [usize; 3],
    /// The extent of a work-group; all ones unless an nd-range.
    pub local: [usize; 3],
}

/// What of a launch is run at once: all work-items with these positions along its slowest dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The first position: a multiple of [`LaunchShape::slice_step`].
    pub first: usize,
    /// One past the last: such a multiple, or the end of the launch.
    pub end: usize,
}

impl LaunchShape {
    /// The number of work-items.
    pub fn size(&self) -> usize {
        self.global.iter().product()
    }

    /// Which of the three dimensions varies slowest.
    pub fn slowest(&self) -> usize {
        match self.kind {
            ShapeKind::Single => 2,
            ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions) => 3 - dimensions.clamp(1, 3),
        }
    }

    /// All of it.
    pub fn whole(&self) -> Slice {
        Slice { first: 0, end: self.global[self.slowest()] }
    }

    /// Slices begin and end at multiples of this, or with the launch.
    pub fn slice_step(&self) -> usize {
        match self.kind {
            ShapeKind::NdRange(_) => self.local[self.slowest()].max(1),
            ShapeKind::Range(1) => LARGEST_GROUP,
            ShapeKind::Single | ShapeKind::Range(_) => 1,
        }
    }

    /// Slices whose lengths are multiples of this are run in the work-groups that all launches have.
    pub fn slice_grain(&self) -> usize {
        if self.kind == ShapeKind::Range(2) { TILE[0] } else { self.slice_step() }
    }

    /// Whether work-groups of several rows would reach beyond a slice.
    pub fn has_rows_apart(&self, slice: Slice) -> bool {
        slice != self.whole() && !(slice.end - slice.first).is_multiple_of(self.slice_grain())
    }

    /// A launch over as many work-items as a slice has.
    pub fn sliced(&self, slice: Slice) -> LaunchShape {
        let mut shape = *self;
        shape.global[self.slowest()] = slice.end - slice.first;
        shape
    }

    /// Whether nothing pads its rows and columns to the work-groups that falx chooses. Only asked of ranges of rows: in one
    /// dimension the end of the range costs nothing, so that one kernel serves for all.
    pub fn is_whole(&self) -> bool {
        let [_, rows, columns] = self.global;
        let has_rows = matches!(self.kind, ShapeKind::Range(2 | 3));
        has_rows && rows % TILE[0] == 0 && columns % TILE[1] == 0
    }

    /// Whether runs of `length` neighbours of a work-group, in the order of their linear ids, each lie in one row of it.
    pub fn has_runs_in_rows(&self, length: usize) -> bool {
        let [planes, rows, columns] = self.local;
        (planes, rows) == (1, 1) || columns % length == 0
    }

    /// How many runs of [`RUN`] neighbours a reduction makes of the launch: of each row of a range, and of each work-group of
    /// an nd-range, in the order of their linear ids; the last of a row or group may be shorter. None if it is too large to be
    /// counted, or has no work-groups.
    pub fn n_runs(&self) -> Option<usize> {
        let product = |factors: [usize; 3]| factors.into_iter().try_fold(1usize, usize::checked_mul);
        let n_items = product(self.global).filter(|n_items| *n_items <= isize::MAX as usize)?;
        let [planes, rows, columns] = self.global;
        match self.kind {
            ShapeKind::Single | ShapeKind::Range(_) => Some(planes * rows * columns.div_ceil(RUN)),
            ShapeKind::NdRange(_) => {
                let group_size = product(self.local)?;
                Some(n_items.checked_div(group_size)? * group_size.div_ceil(RUN))
            }
        }
    }

    /// The row-major positions of the work-items of a run of a range.
    pub fn items_of_run(&self, run: usize) -> Range<usize> {
        let columns = self.global[2];
        let runs_of_row = columns.div_ceil(RUN).max(1);
        let (row, column) = (run / runs_of_row, run % runs_of_row * RUN);
        let start = row * columns + column;
        start..start + RUN.min(columns - column)
    }
}

/// Where an accessor lies in its buffer, in elements. Dimensions are the accessor's own, unused ones trailing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewShape {
    /// The number of dimensions.
    pub dimensions: usize,
    /// The extent in each dimension.
    pub extent: [usize; 3],
    /// The distance between neighbours in each dimension; 1 in the last.
    pub stride: [usize; 3],
    /// The first element.
    pub base: usize,
}

impl ViewShape {
    /// A whole buffer of the given extent.
    pub fn whole<const D: usize>(range: crate::geometry::Range<D>) -> Self {
        let mut view = ViewShape { dimensions: D, extent: [1; 3], stride: [1; 3], base: 0 };
        view.extent[..D].copy_from_slice(&range.0);
        for dimension in (0..D.saturating_sub(1)).rev() {
            // Ranges too large for any memory were refused before; their strides are never used.
            view.stride[dimension] = view.stride[dimension + 1].saturating_mul(view.extent[dimension + 1]);
        }
        view
    }

    /// Whether each row begins where the one before ends.
    pub fn has_rows_in_one_piece(&self) -> bool {
        match self.dimensions {
            0 | 1 => true,
            dimensions => self.stride[dimensions - 2] == self.extent[dimensions - 1],
        }
    }

    /// The part of `range` elements from `offset` on; none if it is not inside.
    pub fn part<const D: usize>(&self, offset: [usize; D], range: [usize; D]) -> Option<Self> {
        let inside = |d: usize| offset[d].checked_add(range[d]).is_some_and(|end| end <= self.extent[d]);
        if !(0..D).all(inside) {
            return None;
        }
        let mut part = *self;
        part.base += (0..D).map(|d| offset[d] * self.stride[d]).sum::<usize>();
        part.extent[..D].copy_from_slice(&range);
        Some(part)
    }
}

/// One captured value on its way to a launch.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A scalar or an array of scalars, as its bytes on the device (`bool` as one byte, `usize` as eight).
    Value(SmallVec<[u8; 16]>),
    /// A specialization constant, which is compiled in.
    Constant(Constant),
    /// An accessor to a buffer.
    Global {
        /// The command group it was made in.
        group: u64,
        /// Which of the command group's requirements it is.
        requirement: usize,
        /// Where it lies in the buffer.
        view: ViewShape,
        /// How the host device combines what work-items leave there, where runs of them have an element together.
        reduction: Option<&'static Reduction>,
    },
    /// An accessor to local memory.
    Local {
        /// The command group it was made in.
        group: u64,
        /// The size in bytes.
        size_bytes: usize,
        /// Its extent (base 0).
        view: ViewShape,
    },
}
