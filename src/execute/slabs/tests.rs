//! What a million random requests leave behind, and which slab serves which request.

use super::*;
use std::ops::Range;

const ALIGNMENT: usize = 128;

/// A driver whose allocations are numbers, and whose parts are ranges of them.
struct Driver {
    slabs: Slabs<(usize, Range<usize>)>,
    n_allocated: usize,
    n_parts: usize,
}

struct Held {
    piece: Piece,
    made: (usize, Range<usize>),
}

impl Driver {
    fn new() -> Self {
        Driver { slabs: Slabs::new(Some(ALIGNMENT)), n_allocated: 0, n_parts: 0 }
    }

    fn take(&mut self, size_bytes: usize) -> Held {
        let (piece, source) = self.slabs.take(size_bytes).unwrap_or_else(|| {
            let slab_bytes = self.slabs.new_slab_bytes(size_bytes);
            self.n_allocated += 1;
            self.slabs.add((self.n_allocated, 0..slab_bytes), slab_bytes, size_bytes)
        });
        let made = match source {
            Source::Ready(made) => made,
            Source::PartOf((id, _)) => {
                self.n_parts += 1;
                let offset = piece.place.offset_bytes;
                assert_eq!(offset % ALIGNMENT, 0);
                (id, offset..offset + piece.size_bytes)
            }
        };
        assert!(made.1.len() >= size_bytes);
        drop(self.slabs.take_gone());
        Held { piece, made }
    }

    fn give_back(&mut self, held: Held) -> usize {
        self.slabs.give_back(held.piece, Some(held.made));
        self.slabs.take_gone().len()
    }
}

/// The same numbers each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    /// Of so many binary orders of magnitude alike.
    fn size_bytes(&mut self, magnitudes: usize) -> usize {
        let magnitude = 1 << self.below(magnitudes);
        magnitude + self.below(magnitude)
    }
}

#[test]
fn a_million_random_cycles_leave_few_gaps_and_nothing_behind() {
    // Large requests among small ones; and small ones alone, which share everything.
    cycles(1_000_000, 1000, 22);
    cycles(200_000, 10_000, 16);
}

fn cycles(n_cycles: usize, n_held: usize, magnitudes: usize) {
    let (mut driver, mut random, mut held) = (Driver::new(), Random(1), Vec::new());
    let mut worst = 0.0f64;
    for cycle in 0..n_cycles {
        held.push(driver.take(random.size_bytes(magnitudes)));
        if held.len() > n_held {
            let one = random.below(held.len());
            driver.give_back(held.swap_remove(one));
        }
        if cycle > 2 * n_held {
            worst = worst.max(driver.slabs.counts().fragmentation());
        }
    }
    let counts = driver.slabs.counts();
    println!("of {n_held}: fragmentation at most {worst:.3}, reuse {:.4}", counts.reuse_rate());
    assert!(worst < 0.25, "{worst}");
    assert!(counts.reuse_rate() > 0.95, "{counts:?}");
    held.into_iter().for_each(|held| _ = driver.give_back(held));
    driver.slabs.set_keep(0);
    let counts = driver.slabs.counts();
    assert_eq!((counts.live_bytes, counts.reserved_bytes, counts.kept_bytes), (0, 0, 0));
    assert!(driver.slabs.gaps.by_place.is_empty() && driver.slabs.gaps.by_size.is_empty());
    assert!(driver.slabs.own_idle.is_empty() && driver.slabs.slabs.is_empty());
}

#[test]
fn pieces_in_use_never_overlap() {
    let (mut driver, mut random, mut held) = (Driver::new(), Random(2), Vec::<Held>::new());
    for _ in 0..20_000 {
        if held.len() < 100 && random.below(2) == 0 {
            let new = driver.take(random.size_bytes(20));
            for other in &held {
                let apart = other.made.1.end <= new.made.1.start || new.made.1.end <= other.made.1.start;
                assert!(other.made.0 != new.made.0 || apart, "{:?} and {:?}", other.made, new.made);
            }
            held.push(new);
        } else if !held.is_empty() {
            let one = random.below(held.len());
            driver.give_back(held.swap_remove(one));
        }
    }
}

#[test]
fn a_steady_loop_allocates_once_and_makes_each_part_once() {
    let mut driver = Driver::new();
    for _ in 0..100 {
        let held: Vec<_> = [4096, 100, 4096, 3 << 20].map(|size| driver.take(size)).into();
        held.into_iter().for_each(|held| _ = driver.give_back(held));
    }
    assert_eq!((driver.n_allocated, driver.n_parts), (2, 3));
    let counts = driver.slabs.counts();
    assert_eq!((counts.n_taken, counts.n_reused), (400, 398));
    assert_eq!(counts.most_live_bytes, 4096 + 100 + 4096 + (3 << 20));
    assert_eq!(counts.kept_bytes, SLAB_BYTES + (3 << 20));
}

#[test]
fn gaps_that_meet_serve_a_larger_request() {
    let mut driver = Driver::new();
    let eighth = SLAB_BYTES / 8;
    let mut held: Vec<_> = (0..16).map(|_| driver.take(eighth / 2)).collect();
    held.drain(3..5).for_each(|held| _ = driver.give_back(held));
    let both = driver.take(eighth);
    assert_eq!(both.made, (1, 3 * eighth / 2..5 * eighth / 2));
    assert_eq!(driver.n_allocated, 1);
}

#[test]
fn a_large_slab_serves_requests_of_nearly_its_size_only() {
    let mut driver = Driver::new();
    let large = driver.take(8 << 20);
    driver.give_back(large);
    for (size_bytes, n_allocated) in
        [((8 << 20) - (512 << 10), 1), (8 << 20, 1), ((8 << 20) + 1, 2), (6 << 20, 3)]
    {
        let held = driver.take(size_bytes);
        assert_eq!(driver.n_allocated, n_allocated, "{size_bytes}");
        driver.give_back(held);
    }
}

#[test]
fn no_more_is_kept_than_was_said() {
    let mut driver = Driver::new();
    driver.slabs.set_keep(10 << 20);
    let held: Vec<_> = (0..4).map(|_| driver.take(4 << 20)).collect();
    let gone: Vec<_> = held.into_iter().map(|held| driver.give_back(held)).collect();
    assert_eq!(gone, [0, 0, 1, 1]);
    assert_eq!(driver.slabs.counts().kept_bytes, 8 << 20);
    driver.slabs.set_keep(0);
    assert_eq!((driver.slabs.take_gone().len(), driver.slabs.counts().reserved_bytes), (2, 0));
    // Where nothing is kept, nothing is shared either.
    let small = driver.take(1000);
    assert_eq!(driver.slabs.counts().reserved_bytes, 1024);
    assert_eq!(driver.give_back(small), 1);
}

#[test]
fn kept_slabs_go_where_the_budget_would_not_bear_them_beside_new_ones() {
    let mut driver = Driver::new();
    driver.slabs.set_budget(10 << 20);
    let old = driver.take(8 << 20);
    driver.give_back(old);
    let _new = driver.take(4 << 20);
    assert_eq!(driver.slabs.counts().reserved_bytes, 4 << 20);
    // No room for a slab, so it has just what it needs.
    driver.slabs.set_budget((4 << 20) + 8192);
    let _small = driver.take(8192);
    assert_eq!(driver.slabs.counts().reserved_bytes, (4 << 20) + 8192);
}

#[test]
fn where_parts_cannot_be_used_every_request_has_a_slab_of_its_own() {
    let mut driver = Driver { slabs: Slabs::new(None), ..Driver::new() };
    for _ in 0..10 {
        let held = [1000, 1, 1000].map(|size| driver.take(size));
        held.into_iter().for_each(|held| _ = driver.give_back(held));
    }
    assert_eq!((driver.n_allocated, driver.n_parts), (3, 0));
    let counts = driver.slabs.counts();
    assert_eq!((counts.n_reused, counts.kept_bytes), (27, 2001));
}
