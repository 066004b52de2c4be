//! What the loops of a kernel go through.

use super::super::current::report;
use super::super::message::{Message, Piece};
use super::super::trap::Failure;
use super::super::tree::Site;
use super::Load;
use super::say::{Shown, panic};
use crate::num::Integer;
use std::iter::StepBy;

/// What a step of zero says.
pub static STEP_OF_ZERO: Message =
    Message { pieces: &[Piece::Text("a step of zero in `"), Piece::Subject, Piece::Text("`")] };

/// `iterator.step_by(step)`
#[inline(always)]
pub fn step_by<I: Iterator>(iterator: I, step: usize, site: &'static Site) -> StepBy<I> {
    if step == 0 {
        panic(site, &STEP_OF_ZERO, Shown::new());
    }
    iterator.step_by(step)
}

/// `start..`, which goes on with the smallest behind the largest, as every addition in kernels.
#[inline(always)]
pub fn counted_from<T: Integer>(start: T) -> impl Iterator<Item = T> + Clone + use<T> {
    std::iter::successors(Some(start), |number| Some(number.wrapping_add(T::ONE)))
}

/// What a part of no elements says.
pub static PART_OF_NOTHING: Message =
    Message { pieces: &[Piece::Text("parts of zero elements in `"), Piece::Subject, Piece::Text("`")] };

/// The length of the parts in `array.windows(length)`.
#[inline(always)]
pub fn part_length(length: usize, site: &'static Site) -> usize {
    if length == 0 {
        panic(site, &PART_OF_NOTHING, Shown::new());
    }
    length
}

/// An accessor of two dimensions whose rows can be read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no rows that a kernel can read",
    note = "`Read`, `ReadWrite` and `Local` accessors of two dimensions have"
)]
pub trait Rows: Load<[usize; 2]> + Copy {
    /// How many rows and columns there are.
    fn extent(&self) -> [usize; 2];
}

/// `accessor.row(row)`: its elements, or none after a report if there is no such row.
#[inline(always)]
pub fn row<A: Rows>(
    accessor: &A,
    row: usize,
    site: &'static Site,
) -> impl ExactSizeIterator<Item = A::Element> + DoubleEndedIterator + Clone + use<A> {
    let ([rows, columns], accessor) = (accessor.extent(), *accessor);
    let length = if row < rows { columns } else { 0 };
    if row >= rows {
        let (index, length) = ([row as u64, 0, 0], [rows as u64, 0, 0]);
        report(Failure::Index { site, dimensions: 1, index, length });
    }
    (0..length).map(move |column| accessor.load([row, column], site))
}
