//! What the loops of a kernel go through.

use super::super::message::{Message, Piece};
use super::super::tree::Site;
use super::say::{Shown, panic};
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
