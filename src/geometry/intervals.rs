//! `Intervals`: a value for each index of a line, kept as intervals of equal values.
//!
//! [`RegionMap`](super::RegionMap) nests three of these, one per dimension.

use smallvec::SmallVec;

/// A value for each index from zero up to an extent. Neighbouring intervals never have equal values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Intervals<T> {
    // In order. Each interval starts where the one before it ends; one is inline, so that the common case of one value
    // for everything needs no allocation at any level of nesting.
    intervals: SmallVec<[Interval<T>; 1]>,
}

#[derive(Clone, Debug, PartialEq)]
struct Interval<T> {
    end: usize,
    value: T,
}

impl<T> Intervals<T> {
    /// `value` everywhere from zero up to `extent`.
    pub(super) fn new(extent: usize, value: T) -> Self {
        Intervals { intervals: SmallVec::from_buf([Interval { end: extent, value }]) }
    }

    /// The extent and the value of everything, if that is one interval.
    #[inline]
    pub(super) fn only(&self) -> Option<(usize, &T)> {
        match self.intervals.as_slice() {
            [only] => Some((only.end, &only.value)),
            _ => None,
        }
    }

    /// All values, in order.
    pub(super) fn values(&self) -> impl Iterator<Item = &T> {
        self.intervals.iter().map(|interval| &interval.value)
    }

    /// The parts of the intervals between `from` and `to`, in order, as start, end and value.
    #[inline]
    pub(super) fn between(&self, from: usize, to: usize) -> impl Iterator<Item = (usize, usize, &T)> {
        let mut start = from;
        self.intervals[self.position(from)..].iter().map_while(move |interval| {
            let end = interval.end.min(to);
            let part = (start < end).then_some((start, end, &interval.value));
            start = end;
            part
        })
    }

    /// Calls `visit` with the parts of the intervals between `from` and `to`, in order, as start, end and value.
    #[inline]
    pub(super) fn visit(&self, from: usize, to: usize, mut visit: impl FnMut(usize, usize, &T)) {
        let mut start = from;
        for interval in &self.intervals[self.position(from)..] {
            let end = interval.end.min(to);
            if start >= end {
                return;
            }
            visit(start, end, &interval.value);
            start = end;
        }
    }

    /// The position of the interval that holds `index`; one past the last if none does.
    #[inline]
    fn position(&self, index: usize) -> usize {
        match self.intervals.as_slice() {
            // The usual case by far.
            [only] => usize::from(only.end <= index),
            intervals => intervals.partition_point(|interval| interval.end <= index),
        }
    }
}

impl<T: Clone + PartialEq> Intervals<T> {
    /// Changes the values between `from` and `to`, cutting intervals that reach beyond, and joins equal neighbours.
    #[inline]
    pub(super) fn modify(&mut self, from: usize, to: usize, mut change: impl FnMut(&mut T)) {
        // The usual case by far: one value for everything, and a change of everything.
        if let [only] = self.intervals.as_mut_slice()
            && from == 0
            && to >= only.end
        {
            return change(&mut only.value);
        }
        let extent = self.intervals.last().map_or(0, |interval| interval.end);
        let to = to.min(extent);
        if from >= to {
            return;
        }
        let first = self.cut(from);
        let last = self.cut(to);
        for interval in &mut self.intervals[first..last] {
            change(&mut interval.value);
        }
        self.join(first.saturating_sub(1), last.min(self.intervals.len() - 1));
    }

    /// Makes an interval start at `index` and returns its position.
    fn cut(&mut self, index: usize) -> usize {
        let position = self.position(index);
        let start = position.checked_sub(1).map_or(0, |before| self.intervals[before].end);
        if start == index || position == self.intervals.len() {
            return position;
        }
        let value = self.intervals[position].value.clone();
        self.intervals.insert(position, Interval { end: index, value });
        position + 1
    }

    /// Joins neighbours with equal values among those at `first..=last`.
    fn join(&mut self, first: usize, last: usize) {
        let mut kept = first;
        for next in first + 1..=last {
            if self.intervals[kept].value == self.intervals[next].value {
                self.intervals[kept].end = self.intervals[next].end;
            } else {
                kept += 1;
                self.intervals.swap(kept, next);
            }
        }
        if kept < last {
            self.intervals.drain(kept + 1..=last);
        }
    }
}
