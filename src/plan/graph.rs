//! Turns uses of elements into order: which earlier tasks a task must wait for.
//!
//! Readers wait for the last writer; a writer waits for the readers since then, or for the last writer if there are
//! none. Readers never wait for readers. Knows nothing of where bytes are.

use super::command::StepId;
use smallvec::SmallVec;

/// Stands for a step that was complete before anything was planned.
pub(super) const SETTLED: StepId = StepId(0);

/// The tasks, by their `Run` steps, that later users of some elements must wait for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Order {
    writer: StepId,
    // In the order of submission, so ascending.
    readers: SmallVec<[StepId; 2]>,
}

impl Order {
    /// Of elements that nothing has used yet.
    pub(super) const fn unused() -> Self {
        Order { writer: SETTLED, readers: SmallVec::new_const() }
    }

    /// Adds to `wait` what a reader must wait for.
    #[inline]
    pub(super) fn before_read(&self, wait: &mut Wait) {
        wait.push(self.writer);
    }

    /// Adds to `wait` what a writer must wait for. The readers waited for the last writer, so it need not be named too.
    #[inline]
    pub(super) fn before_write(&self, wait: &mut Wait) {
        if self.readers.is_empty() {
            wait.push(self.writer);
        }
        self.readers.iter().for_each(|&reader| wait.push(reader));
    }

    /// Remembers a reader.
    pub(super) fn add_reader(&mut self, reader: StepId, settled: StepId) {
        // Only before the list would grow, so that the cost of moving the rest is spread over many calls.
        if self.readers.len() == self.readers.capacity() {
            self.forget_settled(settled);
        }
        self.readers.push(reader);
    }

    /// Remembers a writer, which waited for everything before it.
    #[inline]
    pub(super) fn set_writer(&mut self, writer: StepId) {
        self.writer = writer;
        if self.readers.spilled() {
            self.readers = SmallVec::new();
        } else {
            self.readers.clear();
        }
    }

    /// Forgets steps that are complete: all those below `settled`.
    pub(super) fn forget_settled(&mut self, settled: StepId) {
        // A reader waited for the writer, so the writer of a settled reader is settled too.
        let complete = self.readers.partition_point(|reader| *reader < settled);
        if complete > 0 {
            self.readers.drain(..complete);
        }
        if self.writer < settled {
            self.writer = SETTLED;
        }
    }

    /// The number of readers remembered.
    #[cfg(test)]
    pub(super) fn readers(&self) -> usize {
        self.readers.len()
    }
}

/// Steps to wait for: each once, in order, and none that is complete.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    settled: StepId,
    steps: SmallVec<[StepId; 8]>,
    /// Whether the steps are in order, each once.
    is_sorted: bool,
}

impl Wait {
    /// Waits for nothing yet; all steps below `settled` are complete.
    pub(super) fn new(settled: StepId) -> Self {
        Wait { settled, steps: SmallVec::new(), is_sorted: true }
    }

    /// Also waits for `step`.
    #[inline]
    pub(super) fn push(&mut self, step: StepId) {
        if step < self.settled {
            return;
        }
        // Most repetitions come one after the other; the rest goes in `into_steps`.
        match self.steps.last() {
            Some(last) if *last == step => return,
            Some(last) => self.is_sorted &= *last < step,
            None => {}
        }
        self.steps.push(step);
    }

    /// Also waits for all that `other` waits for.
    #[inline]
    pub(super) fn extend(&mut self, other: &Wait) {
        other.steps.iter().for_each(|&step| self.push(step));
    }

    /// The steps, each once, in order.
    #[inline]
    pub(super) fn into_steps(mut self) -> SmallVec<[StepId; 8]> {
        if !self.is_sorted {
            self.steps.sort_unstable();
            self.steps.dedup();
        }
        self.steps
    }
}
