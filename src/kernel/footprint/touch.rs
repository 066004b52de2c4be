//! Which elements a launch may touch, and which it certainly writes.

use super::form::{Form, Symbol};
use super::knowledge::Bounds;
use super::number::Number;
use super::walk::Walk;
use crate::geometry::Block;
use crate::kernel::lower::ir::*;
use crate::kernel::touched::Touched;
use crate::kernel::types::Space;
use smallvec::SmallVec;
use std::cmp::Ordering;

/// What is found of the launch's accessors.
#[derive(Default)]
pub(super) struct Touches {
    found: Vec<Touch<Number>>,
    /// Whether something is touched of which it is not known what it is of.
    is_lost: bool,
}

/// What is found of the accessor that a captured argument is.
#[derive(Clone, Copy)]
pub(super) struct Touch<N> {
    argument: usize,
    reads: Option<Sides<N>>,
    writes: Option<Sides<N>>,
    /// Whether all of the latter is written.
    fills: bool,
}

/// The first and the last place of a box in each dimension; in leading ones both are zero.
pub(super) type Sides<N> = [(N, N); 3];

/// How an element is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
    Both,
}

impl Touches {
    fn of(&mut self, argument: usize) -> &mut Touch<Number> {
        let known = self.found.iter().position(|touch| touch.argument == argument);
        let position = known.unwrap_or_else(|| {
            self.found.push(Touch { argument, reads: None, writes: None, fills: false });
            self.found.len() - 1
        });
        &mut self.found[position]
    }
}

impl<N: Copy> Touch<N> {
    /// The same by other numbers.
    pub fn map<M>(&self, number: &mut impl FnMut(N) -> Option<M>) -> Option<Touch<M>> {
        let mut sides = |sides: Option<Sides<N>>| -> Option<Option<Sides<M>>> {
            let Some([planes, rows, columns]) = sides else { return Some(None) };
            let mut side = |(first, last)| Some((number(first)?, number(last)?));
            Some(Some([side(planes)?, side(rows)?, side(columns)?]))
        };
        let (reads, writes) = (sides(self.reads)?, sides(self.writes)?);
        Some(Touch { argument: self.argument, reads, writes, fills: self.fills })
    }

    pub fn each(&mut self, mut work: impl FnMut(&mut N)) {
        for (first, last) in self.reads.iter_mut().chain(&mut self.writes).flatten() {
            work(first);
            work(last);
        }
    }
}

impl Touch<i128> {
    pub fn touched(&self) -> (usize, Touched) {
        let number = |number: i128| usize::try_from(number.max(0)).unwrap_or(usize::MAX);
        let block = |sides: Option<Sides<i128>>| {
            sides.map_or(Touched::NOTHING.reads, |sides| Block {
                min: sides.map(|side| number(side.0)),
                max: sides.map(|side| number(side.1.saturating_add(1))),
            })
        };
        let (reads, writes) = (block(self.reads), block(self.writes));
        (self.argument, Touched { reads, writes, fills: self.fills })
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
        let Some(sides) = self.around(argument, &index) else { return };
        let touch = self.touches.of(argument);
        if access != Access::Write {
            touch.reads = Some(bounding(touch.reads, sides));
        }
        if access != Access::Read {
            touch.writes = Some(bounding(touch.writes, sides));
        }
    }

    /// The box that an index stays in; it is in range, since it was checked or shown to be. `None` if there is no such index.
    fn around(&self, argument: usize, index: &[Form]) -> Option<Sides<Number>> {
        let sides = padded(index.len(), |dimension| {
            let extent = self.launch.extent(argument, dimension).unwrap_or(Number::MAX);
            let bounds = self.knowledge.bounds(&index[dimension]);
            let anywhere = Bounds::new(0, extent - 1);
            bounds.map_or(anywhere, |bounds| bounds.common(anywhere))
        });
        sides.iter().all(|(first, last)| first <= last).then_some(sides)
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
        digits.sort_unstable_by(|one, two| one.1.partial_cmp(&two.1).unwrap_or(Ordering::Equal));
        let mut count = Number::new(1);
        for (symbol, coefficient) in digits {
            let values = self.launch.positions.iter().find(|(position, _)| *position == symbol)?.1;
            if used.contains(&symbol) || values > 1 && coefficient != count {
                return None;
            }
            used.push(symbol);
            count = count.checked_mul(values)?;
        }
        // What has one value only is zero.
        Some(Bounds::new(form.constant, form.constant.checked_add(count - 1)?))
    }

    /// What is touched, once all code was gone through; `None` where it may be anything.
    pub fn all_touched(&mut self) -> Option<Vec<Touch<Number>>> {
        if self.is_exhausted() {
            return None;
        }
        let mut touches = std::mem::take(&mut self.touches);
        for (argument, filled) in std::mem::take(&mut self.filled) {
            let touch = touches.of(argument);
            touch.fills |= touch.writes.is_none_or(|writes| contains(filled, writes));
        }
        (!touches.is_lost).then_some(touches.found)
    }
}

/// The smallest box around two.
fn bounding(known: Option<Sides<Number>>, other: Sides<Number>) -> Sides<Number> {
    let Some(known) = known else { return other };
    std::array::from_fn(|place| (known[place].0.min(other[place].0), known[place].1.max(other[place].1)))
}

fn contains(outer: Sides<Number>, inner: Sides<Number>) -> bool {
    outer.iter().zip(&inner).all(|(outer, inner)| outer.0 <= inner.0 && inner.1 <= outer.1)
}

/// A box by its bounds in each dimension, with leading dimensions of extent one.
fn padded(dimensions: usize, bounds: impl Fn(usize) -> Bounds) -> Sides<Number> {
    let mut sides = [(Number::ZERO, Number::ZERO); 3];
    for dimension in 0..dimensions.min(3) {
        let Bounds { least, most } = bounds(dimension);
        sides[3 - dimensions.min(3) + dimension] = (least, most);
    }
    sides
}
