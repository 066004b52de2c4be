//! Regions and region maps against a naive grid, in one to three dimensions.

use super::{Block, Region, RegionMap};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

type Point = [usize; 3];

fn points(block: &Block) -> BTreeSet<Point> {
    let mut points = BTreeSet::new();
    for a in block.min[0]..block.max[0] {
        for b in block.min[1]..block.max[1] {
            for c in block.min[2]..block.max[2] {
                points.insert([a, b, c]);
            }
        }
    }
    points
}

fn points_of(region: &Region) -> BTreeSet<Point> {
    let points: BTreeSet<Point> = region.blocks().iter().flat_map(points).collect();
    assert_eq!(points.len(), region.size(), "the boxes of {region} overlap");
    points
}

/// Extents of one, two and three dimensions.
const EXTENTS: [Point; 3] = [[1, 1, 24], [1, 7, 7], [4, 4, 5]];

fn block_within(extent: Point) -> impl Strategy<Value = Block> {
    let side = |extent: usize| (0..=extent, 0..=extent).prop_map(|(one, two)| (one.min(two), one.max(two)));
    (side(extent[0]), side(extent[1]), side(extent[2]))
        .prop_map(|(a, b, c)| Block::new([a.0, b.0, c.0], [a.1, b.1, c.1]))
}

fn region_within(extent: Point) -> impl Strategy<Value = Region> {
    let blocks = proptest::collection::vec(block_within(extent), 0..6);
    blocks.prop_map(|blocks| {
        blocks.into_iter().fold(Region::new(), |region, block| region.union(&Region::from(block)))
    })
}

fn two_regions() -> impl Strategy<Value = (Region, Region)> {
    proptest::sample::select(EXTENTS.to_vec())
        .prop_flat_map(|extent| (region_within(extent), region_within(extent)))
}

fn updates() -> impl Strategy<Value = (Point, Vec<(Block, u8)>)> {
    proptest::sample::select(EXTENTS.to_vec()).prop_flat_map(|extent| {
        (Just(extent), proptest::collection::vec((block_within(extent), 0..3u8), 1..30))
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0x5eed),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_difference_of_two_boxes_holds_what_only_the_first_holds(
        (one, two) in (block_within([4, 4, 5]), block_within([4, 4, 5]))
    ) {
        let pieces = one.difference(&two);
        prop_assert_eq!(pieces.iter().map(Block::size).sum::<usize>(), (&points(&one) - &points(&two)).len());
        prop_assert_eq!(pieces.iter().flat_map(points).collect::<BTreeSet<_>>(), &points(&one) - &points(&two));
    }

    #[test]
    fn regions_behave_as_sets_of_points((one, two) in two_regions()) {
        let (own, other) = (points_of(&one), points_of(&two));
        prop_assert_eq!(points_of(&one.union(&two)), &own | &other);
        prop_assert_eq!(points_of(&one.intersection(&two)), &own & &other);
        prop_assert_eq!(points_of(&one.difference(&two)), &own - &other);
        prop_assert_eq!(one == two, own == other);
        prop_assert_eq!(one.union(&two) == two.union(&one), true);
        for block in two.blocks() {
            prop_assert_eq!(one.contains(block), points(block).is_subset(&own));
            prop_assert_eq!(one.overlaps(block), !points(block).is_disjoint(&own));
        }
        prop_assert!(own.is_subset(&points(&one.bounding())));
    }

    #[test]
    fn a_map_holds_the_last_value_of_each_index_and_no_needless_boxes((extent, updates) in updates()) {
        let mut map = RegionMap::new(extent, 0u8);
        let whole = Block::new([0; 3], extent);
        let mut grid: std::collections::BTreeMap<Point, u8> =
            points(&whole).into_iter().map(|point| (point, 0)).collect();
        for (block, value) in updates {
            // One in three adds to what is there.
            if value == 2 {
                map.update_with(&block, |old| (old + 1) % 4);
            } else {
                map.update(&block, value);
            }
            for point in points(&block) {
                grid.entry(point).and_modify(|old| *old = if value == 2 { (*old + 1) % 4 } else { value });
            }
            let mut seen = 0;
            for (part, value) in map.query(&block) {
                prop_assert!(block.contains(&part) && !part.is_empty());
                prop_assert!(points(&part).iter().all(|point| grid[point] == *value));
                seen += part.size();
            }
            prop_assert_eq!(seen, block.size());
        }
        prop_assert_eq!(map.query(&whole).map(|(part, _)| part.size()).sum::<usize>(), whole.size());
        // The form is canonical: building the same contents point by point gives the same boxes.
        let mut rebuilt = RegionMap::new(extent, 9u8);
        for (point, value) in &grid {
            rebuilt.update(&Block::new(*point, point.map(|index| index + 1)), *value);
        }
        prop_assert_eq!(rebuilt, map);
    }
}

#[test]
fn boxes_that_touch_are_joined_whatever_their_order() {
    let rows = [5, 2, 0, 7, 1, 3, 6, 4].map(|row| Block::new([0, row, 0], [1, row + 1, 9]));
    assert_eq!(Region::from_disjoint(rows).blocks(), [Block::new([0; 3], [1, 8, 9])]);
    let cubes = (0..27).map(|at| {
        let min = [at / 9, at / 3 % 3, at % 3];
        Block::new(min, min.map(|index| index + 1))
    });
    assert_eq!(Region::from_disjoint(cubes).blocks(), [Block::new([0; 3], [3; 3])]);
}

#[test]
fn a_matrix_updated_row_by_row_or_column_by_column_is_one_box_again() {
    let mut map = RegionMap::new([1, 16, 16], 0);
    for row in 0..16 {
        assert_eq!(map.count(), if row == 0 { 1 } else { 2 });
        map.update(&Block::new([0, row, 0], [1, row + 1, 16]), 1);
    }
    assert_eq!(map.count(), 1);
    for column in 0..16 {
        map.update(&Block::new([0, 0, column], [1, 16, column + 1]), 2);
    }
    assert_eq!(map.count(), 1);
    assert_eq!(map, RegionMap::new([1, 16, 16], 2));
}

#[test]
fn a_tile_in_the_middle_takes_five_boxes() {
    let mut map = RegionMap::new([1, 9, 9], 0);
    map.update(&Block::new([0, 3, 3], [1, 6, 6]), 1);
    assert_eq!(map.count(), 5);
    assert_eq!(map.query(&Block::new([0, 4, 4], [1, 5, 5])).count(), 1);
}

#[test]
fn updating_one_of_many_slices_looks_only_at_its_neighbours() {
    use std::cell::Cell;
    thread_local!(static COMPARISONS: Cell<usize> = const { Cell::new(0) });
    #[derive(Clone, Debug)]
    struct Counted(usize);
    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARISONS.set(COMPARISONS.get() + 1);
            self.0 == other.0
        }
    }
    let slice = |at: usize| Block::new([0, 0, at * 10], [1, 1, at * 10 + 10]);
    let mut map = RegionMap::new([1, 1, 2560], Counted(0));
    (0..256).for_each(|at| map.update(&slice(at), Counted(at + 1)));
    COMPARISONS.set(0);
    (0..256).for_each(|at| map.update(&slice(at), Counted(at + 1000)));
    assert_eq!(COMPARISONS.get(), 2 * 256 - 2);
    assert_eq!(map.count(), 256);
}

#[test]
fn an_empty_map_and_an_empty_box_hold_nothing() {
    let mut map = RegionMap::new([1, 1, 0], 7);
    map.update(&Block::new([0; 3], [1, 1, 0]), 8);
    assert_eq!(map.query(&Block::new([0; 3], [1, 1, 0])).count(), 0);
    let mut map = RegionMap::new([1, 1, 4], 7);
    map.update(&Block::new([0, 0, 2], [1, 1, 2]), 8);
    assert_eq!(map, RegionMap::new([1, 1, 4], 7));
    assert!(Region::from(Block::new([0, 0, 2], [1, 1, 2])).is_empty());
    assert!(Region::new().bounding().is_empty());
}

#[test]
fn regions_print_their_boxes_in_order() {
    let region = Region::from_disjoint([Block::new([0, 0, 8], [1, 1, 12]), Block::new([0; 3], [1, 1, 4])]);
    assert_eq!(region.to_string(), "[0..4] + [8..12]");
    assert_eq!(Region::new().to_string(), "nothing");
}
