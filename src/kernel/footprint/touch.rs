//! Which elements a launch may touch, and which it certainly writes.

use super::TouchedArguments;
use super::form::{Form, Symbol};
use super::knowledge::Bounds;
use super::walk::Walk;
use crate::geometry::Block;
use crate::kernel::lower::ir::*;
use crate::kernel::touched::Touched;
use crate::kernel::types::Space;
use smallvec::SmallVec;

/// What is found of the launch's accessors, by captured argument.
#[derive(Default)]
pub(super) struct Touches {
    found: TouchedArguments,
    /// Whether something is touched of which it is not known what it is of.
    is_lost: bool,
}

/// How an element is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    Both,
}

impl Touches {
    /// What is touched of each accessor to a buffer; `None` where that may be anything.
    pub fn into_found(self) -> Option<TouchedArguments> {
        (!self.is_lost).then_some(self.found)
    }

    fn of(&mut self, argument: usize) -> &mut Touched {
        let known = self.found.iter().position(|(of, _)| *of == argument);
        let position = known.unwrap_or_else(|| {
            self.found.push((argument, Touched::NOTHING));
            self.found.len() - 1
        });
        &mut self.found[position].1
    }
}

impl Walk<'_> {
    /// An element of an accessor is used.
    pub fn touch(&mut self, accessor: AccessorId, index: &[Value], access: Access) {
        let index: SmallVec<[Form; 3]> = index.iter().map(|component| self.integer(component)).collect();
        if self.frame.function.accessors[accessor].space != Space::Global || self.knowledge.is_impossible() {
            return;
        }
        let Some(argument) = self.frame.accessors[accessor] else {
            self.touches.is_lost = true;
            return;
        };
        let block = self.around(argument, &index);
        let touched = self.touches.of(argument);
        if access != Access::Write {
            touched.reads = touched.reads.bounding(&block);
        }
        if access != Access::Read {
            touched.writes = touched.writes.bounding(&block);
        }
    }

    /// The box that an index stays in; it is in range, since it was checked or shown to be.
    fn around(&self, argument: usize, index: &[Form]) -> Block {
        padded(index.len(), |dimension| {
            let extent = self.launch.extent(argument, dimension).unwrap_or(i128::MAX);
            let bounds = self.knowledge.bounds(&index[dimension]);
            let anywhere = Bounds::new(0, extent.saturating_sub(1));
            bounds.map_or(anywhere, |bounds| bounds.common(anywhere))
        })
    }

    /// An element that every work-item of the launch writes: notes it if no element between the outermost is left out.
    pub fn fill(&mut self, accessor: AccessorId, index: &[Value]) {
        let index: SmallVec<[Form; 3]> = index.iter().map(|component| self.integer(component)).collect();
        let Some(argument) = self.frame.accessors[accessor] else { return };
        let mut used = SmallVec::new();
        let bounds: Option<SmallVec<[Bounds; 3]>> =
            index.iter().map(|component| self.covered(component, &mut used)).collect();
        let Some(bounds) = bounds else { return };
        let inside = |(dimension, bounds): (usize, &Bounds)| {
            let extent = self.launch.extent(argument, dimension);
            bounds.least >= 0 && extent.is_some_and(|extent| bounds.most < extent)
        };
        if !bounds.iter().enumerate().all(inside) {
            return;
        }
        let filled = padded(bounds.len(), |dimension| bounds[dimension]);
        self.filled.push((argument, filled));
    }

    /// The numbers that a form takes, if these are all between the outermost: as a number by its digits, each of them a
    /// position that no other component has.
    fn covered(&self, form: &Form, used: &mut SmallVec<[Symbol; 6]>) -> Option<Bounds> {
        let mut digits: SmallVec<[_; 3]> = form.terms().iter().copied().collect();
        digits.sort_unstable_by_key(|(_, coefficient)| *coefficient);
        let mut count = 1i128;
        for (symbol, coefficient) in digits {
            let values = self.launch.positions.iter().find(|(position, _)| *position == symbol)?.1;
            if used.contains(&symbol) || values > 1 && i128::from(coefficient) != count {
                return None;
            }
            used.push(symbol);
            count = count.checked_mul(values)?;
        }
        // What has one value only is zero.
        Some(Bounds::new(form.constant, form.constant.checked_add(count - 1)?))
    }

    /// What is touched, once all code was gone through; `None` where it may be anything.
    pub fn all_touched(&mut self) -> Option<TouchedArguments> {
        if self.is_exhausted() {
            return None;
        }
        let mut touches = std::mem::take(&mut self.touches);
        for (argument, filled) in std::mem::take(&mut self.filled) {
            let touched = touches.of(argument);
            touched.fills |= filled.contains(&touched.writes);
        }
        touches.into_found()
    }
}

/// A box by its bounds in each dimension, with leading dimensions of extent one.
fn padded(dimensions: usize, bounds: impl Fn(usize) -> Bounds) -> Block {
    let mut block = Block::new([0; 3], [1; 3]);
    for dimension in 0..dimensions.min(3) {
        let Bounds { least, most } = bounds(dimension);
        let number = |number: i128| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
        let place = 3 - dimensions.min(3) + dimension;
        (block.min[place], block.max[place]) = (number(least), number(most.saturating_add(1)));
    }
    block
}
