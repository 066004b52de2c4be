//! `BufferState`: what the planner remembers of one buffer, for each of its elements.

use super::command::{BufferShape, StepId};
use super::graph::Order;
use super::residency::Residency;
use crate::geometry::{Block, RegionMap};
use crate::platform::MemoryId;

/// What is remembered of some elements.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Elements {
    pub(super) order: Order,
    pub(super) residency: Residency,
}

/// What is remembered of one buffer.
#[derive(Debug)]
pub(super) struct BufferState {
    pub(super) shape: BufferShape,
    pub(super) map: RegionMap<Elements>,
    changes_left: usize,
}

impl BufferState {
    pub(super) fn new(shape: BufferShape) -> Self {
        let residency = shape.initialized_in.map_or_else(Residency::nowhere, Residency::initially_in);
        let map = RegionMap::new(shape.extent, Elements { order: Order::unused(), residency });
        BufferState { shape, map, changes_left: SWEEP_AFTER }
    }

    /// All of it.
    #[inline]
    pub(super) fn whole(&self) -> Block {
        Block::new([0; 3], self.shape.extent)
    }

    /// Remembers that the task of step `run` reads `block`.
    #[inline]
    pub(super) fn record_read(&mut self, block: &Block, run: StepId, settled: StepId) {
        self.count_change(settled);
        self.map.modify(block, |elements| elements.order.add_reader(run, settled));
    }

    /// Remembers that the task of step `run` writes `block` in `memory`.
    #[inline]
    pub(super) fn record_write(&mut self, block: &Block, run: StepId, memory: MemoryId, settled: StepId) {
        self.count_change(settled);
        self.map.modify(block, |elements| {
            elements.order.set_writer(run);
            elements.residency.set_only(memory, run);
        });
    }

    /// Remembers that step `run` writes `block` in `memory`, as a part of a task that counts as the writer when it is recorded.
    pub(super) fn record_part(&mut self, block: &Block, run: StepId, memory: MemoryId) {
        self.map.modify(block, |elements| elements.residency.set_only(memory, run));
    }

    /// Remembers that the task of step `run` writes `block`, parts of it in steps that are recorded.
    pub(super) fn record_writer(&mut self, block: &Block, run: StepId, settled: StepId) {
        self.count_change(settled);
        self.map.modify(block, |elements| elements.order.set_writer(run));
    }

    /// Remembers that `copy` makes `block` current in `memory`.
    pub(super) fn record_copy(&mut self, block: &Block, copy: StepId, memory: MemoryId) {
        self.map.modify(block, |elements| elements.residency.add(memory, copy));
    }

    /// Now and then forgets steps that are complete everywhere, so that elements whose histories differ only in these
    /// come together again. A change adds few boxes, so a sweep after as many changes as there are boxes is cheap.
    #[inline]
    fn count_change(&mut self, settled: StepId) {
        self.changes_left -= 1;
        if self.changes_left == 0 {
            self.map.modify(&self.whole(), |elements| {
                elements.order.forget_settled(settled);
                elements.residency.forget_settled(settled);
            });
            self.changes_left = SWEEP_AFTER + self.map.count();
        }
    }
}

/// The fewest changes between two sweeps.
const SWEEP_AFTER: usize = 256;
