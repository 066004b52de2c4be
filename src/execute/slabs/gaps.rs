//! `Gaps`: what nobody uses of slabs that are shared, by place and by size.

use super::Place;
use std::collections::{BTreeMap, BTreeSet};

/// What nobody uses of slabs that are shared.
#[derive(Default)]
pub(super) struct Gaps {
    pub(super) by_place: BTreeMap<Place, usize>,
    pub(super) by_size: BTreeSet<(usize, Place)>,
}

impl Gaps {
    /// Adds a gap, and joins it with those that it meets.
    pub(super) fn insert(&mut self, mut place: Place, mut size_bytes: usize) {
        if let Some((&before, &before_bytes)) = self.by_place.range(..place).next_back()
            && before.after(before_bytes) == place
        {
            self.remove(before, before_bytes);
            (place, size_bytes) = (before, before_bytes + size_bytes);
        }
        let end = place.after(size_bytes);
        if let Some(&after_bytes) = self.by_place.get(&end) {
            self.remove(end, after_bytes);
            size_bytes += after_bytes;
        }
        self.put(place, size_bytes);
    }

    fn put(&mut self, place: Place, size_bytes: usize) {
        self.by_place.insert(place, size_bytes);
        self.by_size.insert((size_bytes, place));
    }

    pub(super) fn remove(&mut self, place: Place, size_bytes: usize) {
        self.by_place.remove(&place);
        self.by_size.remove(&(size_bytes, place));
    }

    /// Takes the beginning of the smallest gap that has so many bytes.
    pub(super) fn take(&mut self, size_bytes: usize) -> Option<Place> {
        let first = (size_bytes, Place { slab: 0, offset_bytes: 0 });
        let (gap_bytes, place) = self.by_size.range(first..).next().copied()?;
        self.remove(place, gap_bytes);
        if gap_bytes > size_bytes {
            let rest = (place.after(size_bytes), gap_bytes - size_bytes);
            self.put(rest.0, rest.1);
        }
        Some(place)
    }
}
