//! What the loops of a kernel go through.

use super::super::current::report;
use super::super::trap::Failure;
use super::super::tree::Site;
use std::iter::StepBy;

/// `iterator.step_by(step)`; after a report zero counts as the largest step, so that the loop ends.
#[inline(always)]
pub fn step_by<I: Iterator>(iterator: I, step: usize, site: &'static Site) -> StepBy<I> {
    if step == 0 {
        report(Failure::Stated { site });
        return iterator.step_by(usize::MAX);
    }
    iterator.step_by(step)
}
