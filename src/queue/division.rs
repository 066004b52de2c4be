//! Divides a kernel launch into parts: slices of its range, by what each of them touches.

use super::launch::reached_through;
use crate::execute::{Chosen, PointerWork, Work, reached};
use crate::kernel::{Argument, LaunchShape, ShapeKind, Slice};
use crate::memory::Pending;
use crate::plan::{Divisible, Part, Requirements};
use crate::platform::MemoryId;
use crate::runtime::Parts;
use smallvec::SmallVec;
use std::ops::Range;
use std::sync::Arc;

/// What it takes to do a launch in parts.
pub(crate) struct Division {
    pub(super) chosen: Arc<Chosen>,
    pub(super) arguments: Vec<Argument>,
    pub(super) shape: LaunchShape,
    /// Where it runs.
    pub(super) memory: MemoryId,
}

/// A launch that may be done in parts, with what its command group asks for.
pub(super) struct DividedLaunch<'d> {
    division: &'d Division,
    pending: &'d [Pending],
}

impl Division {
    /// The launch of a command group that asks for this.
    pub(super) fn of<'d>(&'d self, pending: &'d [Pending]) -> DividedLaunch<'d> {
        DividedLaunch { division: self, pending }
    }

    fn slice(&self, units: &Range<usize>) -> Slice {
        let (step, whole) = (self.shape.slice_step(), self.shape.whole());
        Slice { first: units.start * step, end: units.end.saturating_mul(step).min(whole.end) }
    }

    /// Whether the argument at this position is an accessor that makes a demand.
    fn makes(&self, argument: usize, demand: usize) -> bool {
        matches!(&self.arguments[argument], Argument::Global { requirement, .. } if *requirement == demand)
    }

    fn reduces(&self) -> bool {
        let is_result = |argument: &Argument| matches!(argument, Argument::Global { reduction: Some(_), .. });
        self.arguments.iter().any(is_result)
    }
}

impl DividedLaunch<'_> {
    /// What a part asks for.
    fn pending(&self, units: &Range<usize>) -> SmallVec<[Pending; 4]> {
        let Division { chosen, arguments, shape, .. } = self.division;
        let kernel = &chosen.compiled;
        let touched = kernel.source.footprint.touched(arguments, shape, self.division.slice(units));
        let reached = touched.map(|touched| reached(&touched, arguments));
        let of_part = |(demand, pending): (usize, &Pending)| {
            let given = kernel.source.signature.pointers.iter();
            let given = given.filter(|argument| self.division.makes(**argument, demand));
            pending.of_part(
                given.map(|argument| reached.as_ref().map(|reached| reached_through(*argument, reached))),
            )
        };
        self.pending.iter().enumerate().map(of_part).collect()
    }
}

impl Divisible for DividedLaunch<'_> {
    fn n_units(&self) -> Result<usize, &'static str> {
        let Division { chosen, shape, .. } = self.division;
        let signature = &chosen.compiled.source.signature;
        match shape.kind {
            ShapeKind::Single => Err("it has one work-item"),
            _ if shape.size() == 0 => Err("it has no work-items"),
            _ if self.division.reduces() => Err("it reduces"),
            _ if signature.prints => Err("it prints"),
            ShapeKind::Range(_) if signature.has_barrier => Err("its work-items wait for each other"),
            _ => Ok(shape.whole().end.div_ceil(shape.slice_step())),
        }
    }

    fn grain(&self) -> usize {
        self.division.shape.slice_grain() / self.division.shape.slice_step()
    }

    fn requirements(&self, units: &Range<usize>) -> Requirements {
        let mut requirements = Requirements::new();
        self.pending(units)
            .iter()
            .for_each(|pending| pending.demands(self.division.memory, &mut requirements));
        requirements
    }
}

impl Parts for DividedLaunch<'_> {
    fn work(&self, whole: &Work, part: &Part) -> Work {
        let Work::Launch(whole) = whole else { unreachable!("only launches are divided this way") };
        let pending = self.pending(&part.units);
        let pointer = |pointer: &PointerWork| match pointer {
            PointerWork::Used(demand, _) => {
                PointerWork::Used(*demand, pending[*demand].within(self.division.memory))
            }
            other => other.clone(),
        };
        let pointers = whole.pointers.iter().map(pointer).collect();
        Work::Launch(Arc::new(whole.sliced(self.division.slice(&part.units), pointers)))
    }
}
