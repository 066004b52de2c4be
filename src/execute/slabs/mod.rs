//! `Slabs`: which parts of large allocations are in use, and which of the rest serves the next request.
//!
//! Small requests share slabs: each gets the smallest gap that it fits into, and gaps that meet become one. What was given back
//! last serves the next request of its size as it is, so that a loop makes nothing anew. A large request has a slab of its own,
//! which serves later ones of nearly its size; so has every request where parts of allocations cannot be used. Never calls a driver: an allocation `M` is only kept, and handed back.

mod gaps;
#[cfg(test)]
mod tests;

use crate::platform::{PoolPolicy, PoolUse};
use gaps::Gaps;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// What a slab for small requests has. With larger ones, and larger requests in them, less of what was used at some time
/// becomes free again as a whole.
pub(super) const SLAB_BYTES: usize = 1 << 20;
/// The largest request that shares a slab; at most an eighth of one is then left at its end.
const LARGEST_SHARED_BYTES: usize = SLAB_BYTES / 8;
/// How many parts are kept as they were.
const MOST_SPARES: usize = 256;

/// A place in a slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    slab: usize,
    pub(super) offset_bytes: usize,
}

impl Place {
    fn after(self, size_bytes: usize) -> Place {
        Place { offset_bytes: self.offset_bytes + size_bytes, ..self }
    }
}

/// A part of a slab that is in use.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) place: Place,
    pub(super) size_bytes: usize,
    asked_bytes: usize,
}

/// What a piece is made of.
#[derive(Debug)]
pub(super) enum Source<M> {
    /// This, as it is.
    Ready(M),
    /// The part of this that the piece names.
    PartOf(M),
}

/// One allocation.
struct Slab<M> {
    whole: M,
    size_bytes: usize,
    /// How many pieces of it are in use.
    n_live: usize,
    /// Whether one large request has it at a time.
    is_own: bool,
}

/// The slabs of one memory.
pub(super) struct Slabs<M> {
    /// Pieces begin at multiples of this, and have multiples of it.
    alignment_bytes: usize,
    /// The largest request that shares a slab.
    largest_shared_bytes: usize,
    slabs: BTreeMap<usize, Slab<M>>,
    n_ever: usize,
    gaps: Gaps,
    /// Slabs for large requests that nobody uses, by size.
    own_idle: BTreeSet<(usize, usize)>,
    /// Parts that nobody uses, as they were made, by size; no gaps yet.
    spares: FxHashMap<usize, Vec<(Place, M)>>,
    n_spares: usize,
    keep_bytes: usize,
    budget_bytes: usize,
    counts: PoolUse,
    /// What is to be dropped, which may call a driver.
    gone: Vec<M>,
}

impl<M: Clone> Slabs<M> {
    /// No slabs yet. Without an alignment for parts, each request has a slab of its own.
    pub(super) fn new(alignment_bytes: Option<usize>) -> Self {
        Slabs {
            alignment_bytes: alignment_bytes.unwrap_or(1).max(1),
            largest_shared_bytes: alignment_bytes.map_or(0, |_| LARGEST_SHARED_BYTES),
            slabs: BTreeMap::new(),
            n_ever: 0,
            gaps: Gaps::default(),
            own_idle: BTreeSet::new(),
            spares: FxHashMap::default(),
            n_spares: 0,
            keep_bytes: PoolPolicy::default().keep_bytes(),
            budget_bytes: usize::MAX,
            counts: PoolUse::default(),
            gone: Vec::new(),
        }
    }

    /// A piece of what there is; none if that has no room.
    pub(super) fn take(&mut self, asked_bytes: usize) -> Option<(Piece, Source<M>)> {
        let size_bytes = self.rounded(asked_bytes);
        let found = match size_bytes > self.largest_shared_bytes {
            true => self.own_slab(size_bytes),
            false => self.spare(size_bytes).or_else(|| self.part(size_bytes)).or_else(|| {
                self.forget_spares();
                self.part(size_bytes)
            }),
        };
        let (place, size_bytes, source) = found?;
        self.counts.n_reused += 1;
        Some((self.piece(place, size_bytes, asked_bytes), source))
    }

    /// Whether a piece that is in use would be a request's as it is; it then is that one's.
    pub(super) fn pass_on(&mut self, piece: &mut Piece, asked_bytes: usize) -> bool {
        let size_bytes = self.rounded(asked_bytes);
        let serves = match size_bytes > self.largest_shared_bytes {
            true => (size_bytes..=largest_own_bytes(size_bytes)).contains(&piece.size_bytes),
            false => size_bytes == piece.size_bytes,
        };
        if serves {
            self.counts.live_bytes = self.counts.live_bytes - piece.asked_bytes + asked_bytes;
            self.counts.most_live_bytes = self.counts.most_live_bytes.max(self.counts.live_bytes);
            self.counts.n_taken += 1;
            self.counts.n_reused += 1;
            piece.asked_bytes = asked_bytes;
        }
        serves
    }

    /// How large a slab must be allocated for a request that had no room. Gives up slabs that nobody uses, if the budget
    /// would not bear both.
    pub(super) fn new_slab_bytes(&mut self, asked_bytes: usize) -> usize {
        let size_bytes = self.rounded(asked_bytes);
        let is_shared = size_bytes <= self.largest_shared_bytes && SLAB_BYTES <= self.keep_bytes;
        let slab_bytes = if is_shared { SLAB_BYTES } else { size_bytes };
        self.fit_budget(slab_bytes);
        let fits = self.counts.reserved_bytes.saturating_add(slab_bytes) <= self.budget_bytes;
        if fits { slab_bytes } else { size_bytes }
    }

    /// Takes a new slab in, and a first piece from it.
    pub(super) fn add(&mut self, whole: M, size_bytes: usize, asked_bytes: usize) -> (Piece, Source<M>) {
        let wanted_bytes = self.rounded(asked_bytes);
        let is_own = wanted_bytes > self.largest_shared_bytes;
        let place = Place { slab: self.n_ever, offset_bytes: 0 };
        self.n_ever += 1;
        self.slabs.insert(place.slab, Slab { whole: whole.clone(), size_bytes, n_live: 0, is_own });
        self.counts.reserved_bytes += size_bytes;
        self.counts.kept_bytes += size_bytes;
        if is_own || wanted_bytes == size_bytes {
            return (self.piece(place, size_bytes, asked_bytes), Source::Ready(whole));
        }
        self.gaps.insert(place.after(wanted_bytes), size_bytes - wanted_bytes);
        (self.piece(place, wanted_bytes, asked_bytes), Source::PartOf(whole))
    }

    /// Takes a piece back, with what was made of it, which serves again.
    pub(super) fn give_back(&mut self, piece: Piece, made: Option<M>) {
        let Piece { place, size_bytes, asked_bytes } = piece;
        self.counts.live_bytes -= asked_bytes;
        let Some(slab) = self.slabs.get_mut(&place.slab) else { return };
        slab.n_live -= 1;
        let (is_idle, slab_bytes, is_own) = (slab.n_live == 0, slab.size_bytes, slab.is_own);
        match made {
            _ if is_own => {
                self.own_idle.insert((size_bytes, place.slab));
            }
            Some(part) if size_bytes < slab_bytes => {
                self.spares.entry(size_bytes).or_default().push((place, part));
                self.n_spares += 1;
            }
            _ => self.gaps.insert(place, size_bytes),
        }
        if self.n_spares > MOST_SPARES {
            self.forget_spares();
        }
        if is_idle {
            self.counts.kept_bytes += slab_bytes;
            self.keep_at_most(self.keep_bytes);
        }
    }

    /// Sets how many bytes of slabs that nobody uses are kept.
    pub(super) fn set_keep(&mut self, keep_bytes: usize) {
        self.keep_bytes = keep_bytes;
        self.keep_at_most(keep_bytes);
    }

    /// Sets how many bytes all slabs may have; more only where pieces that are in use leave gaps.
    pub(super) fn set_budget(&mut self, budget_bytes: usize) {
        self.budget_bytes = budget_bytes;
        self.fit_budget(0);
    }

    /// Gives up slabs that nobody uses until at most so many bytes of them are left.
    pub(super) fn keep_at_most(&mut self, keep_bytes: usize) {
        if self.counts.kept_bytes <= keep_bytes {
            return;
        }
        self.forget_spares();
        let idle: Vec<_> =
            self.slabs.iter().filter(|(_, slab)| slab.n_live == 0).map(|(id, _)| *id).collect();
        for id in idle {
            if self.counts.kept_bytes <= keep_bytes {
                break;
            }
            self.forget_slab(id);
        }
    }

    /// The fewest bytes that an allocation for a request can have.
    pub(super) fn least_bytes(&self, asked_bytes: usize) -> usize {
        self.rounded(asked_bytes)
    }

    /// What is to be dropped now: not under a lock, since it may call a driver.
    #[must_use]
    pub(super) fn take_gone(&mut self) -> Vec<M> {
        std::mem::take(&mut self.gone)
    }

    /// What there is.
    pub(super) fn counts(&self) -> PoolUse {
        self.counts
    }

    fn rounded(&self, asked_bytes: usize) -> usize {
        let asked_bytes = asked_bytes.max(1);
        asked_bytes.checked_next_multiple_of(self.alignment_bytes).unwrap_or(asked_bytes)
    }

    fn fit_budget(&mut self, new_bytes: usize) {
        let over = self.counts.reserved_bytes.saturating_add(new_bytes).saturating_sub(self.budget_bytes);
        self.keep_at_most(self.counts.kept_bytes.saturating_sub(over));
    }

    /// Counts a piece as in use.
    fn piece(&mut self, place: Place, size_bytes: usize, asked_bytes: usize) -> Piece {
        let counts = &mut self.counts;
        counts.n_taken += 1;
        counts.live_bytes += asked_bytes;
        counts.most_live_bytes = counts.most_live_bytes.max(counts.live_bytes);
        if let Some(slab) = self.slabs.get_mut(&place.slab) {
            if slab.n_live == 0 {
                counts.kept_bytes -= slab.size_bytes;
            }
            slab.n_live += 1;
        }
        Piece { place, size_bytes, asked_bytes }
    }

    /// A slab of its own that nobody uses and of which at most a ninth would be left.
    fn own_slab(&mut self, size_bytes: usize) -> Option<(Place, usize, Source<M>)> {
        let most_bytes = largest_own_bytes(size_bytes);
        let (slab_bytes, id) =
            self.own_idle.range((size_bytes, 0)..=(most_bytes, usize::MAX)).next().copied()?;
        self.own_idle.remove(&(slab_bytes, id));
        let whole = self.slabs.get(&id)?.whole.clone();
        Some((Place { slab: id, offset_bytes: 0 }, slab_bytes, Source::Ready(whole)))
    }

    /// The part of this size that was given back last.
    fn spare(&mut self, size_bytes: usize) -> Option<(Place, usize, Source<M>)> {
        let (place, part) = self.spares.get_mut(&size_bytes)?.pop()?;
        self.n_spares -= 1;
        Some((place, size_bytes, Source::Ready(part)))
    }

    /// A part of the smallest gap that is large enough.
    fn part(&mut self, size_bytes: usize) -> Option<(Place, usize, Source<M>)> {
        let place = self.gaps.take(size_bytes)?;
        let slab = self.slabs.get(&place.slab)?;
        let whole = slab.whole.clone();
        let source = if slab.size_bytes == size_bytes { Source::Ready(whole) } else { Source::PartOf(whole) };
        Some((place, size_bytes, source))
    }

    fn forget_spares(&mut self) {
        self.n_spares = 0;
        for (size_bytes, spares) in self.spares.drain() {
            for (place, part) in spares {
                self.gaps.insert(place, size_bytes);
                self.gone.push(part);
            }
        }
    }

    /// Forgets a slab that nobody uses, and that has no spares.
    fn forget_slab(&mut self, id: usize) {
        let Some(slab) = self.slabs.remove(&id) else { return };
        match slab.is_own {
            true => {
                self.own_idle.remove(&(slab.size_bytes, id));
            }
            false => self.gaps.remove(Place { slab: id, offset_bytes: 0 }, slab.size_bytes),
        }
        self.counts.reserved_bytes -= slab.size_bytes;
        self.counts.kept_bytes -= slab.size_bytes;
        self.gone.push(slab.whole);
    }
}

/// The largest slab of its own that serves a large request.
fn largest_own_bytes(size_bytes: usize) -> usize {
    size_bytes.saturating_add(size_bytes / 8)
}
