//! `Layout`: bytes as a row-major array of elements, and where the elements of one such array lie in another.

use super::Block;

/// How bytes that lie one after the other are seen: as elements of one size, in rows and planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// How many elements there are in each dimension, padded with leading ones.
    pub extent: [usize; 3],
    /// The size of an element.
    pub element_bytes: usize,
}

impl Layout {
    /// All elements.
    #[inline]
    pub fn whole(&self) -> Block {
        Block::new([0; 3], self.extent)
    }

    /// The size of all elements.
    pub fn size_bytes(&self) -> usize {
        self.extent.iter().product::<usize>() * self.element_bytes
    }

    /// How many elements lie before the one at an index.
    #[inline]
    pub fn position(&self, [plane, row, column]: [usize; 3]) -> usize {
        (plane * self.extent[1] + row) * self.extent[2] + column
    }

    /// The smallest box whose elements lie one after the other in memory around what is inside of a box; around the first
    /// element if that is nothing.
    pub fn run_around(&self, block: &Block) -> Block {
        let block = block.intersection(&self.whole());
        if block.is_empty() {
            return Block::new([0; 3], self.extent.map(|extent| extent.min(1)));
        }
        let last = block.max.map(|end| end - 1);
        self.around(self.position(block.min), self.position(last) + 1)
    }

    /// The runs of elements (first, count), each contiguous in memory, that make up a box.
    pub fn runs(&self, block: &Block) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (min, extent) = (block.min, self.extent);
        let [planes, rows, columns] = block.extent();
        let whole_rows = columns == extent[2];
        let whole_planes = whole_rows && rows == extent[1];
        let (n_planes, n_rows, count) = match (whole_planes, whole_rows) {
            (true, _) => (1, 1, planes * rows * columns),
            (false, true) => (planes, 1, rows * columns),
            (false, false) => (planes, rows, columns),
        };
        let first = move |plane: usize, row: usize| {
            ((min[0] + plane) * extent[1] + min[1] + row) * extent[2] + min[2]
        };
        let n_planes = if count == 0 { 0 } else { n_planes };
        (0..n_planes).flat_map(move |plane| (0..n_rows).map(move |row| (first(plane, row), count)))
    }

    /// The position of a box's first element; none if the box is not contiguous in memory.
    pub fn first_of_contiguous(&self, block: &Block) -> Option<usize> {
        let mut runs = self.runs(block);
        let first = runs.next().map_or(0, |(first, _)| first);
        runs.next().is_none().then_some(first)
    }

    /// The smallest box of `other`, the same bytes seen in another way, that holds every byte of a box of this, and
    /// whether it holds no more than these.
    #[inline]
    pub fn seen_in(&self, other: &Layout, block: &Block) -> (Block, bool) {
        if self == other { (*block, true) } else { self.seen_otherwise(other, block) }
    }

    fn seen_otherwise(&self, other: &Layout, block: &Block) -> (Block, bool) {
        if block.is_empty() {
            return (Block::new([0; 3], [0; 3]), true);
        }
        let row_bytes = |layout: &Layout| layout.extent[2] * layout.element_bytes;
        if self.extent[..2] == other.extent[..2] && row_bytes(self) == row_bytes(other) {
            let (first, end, exact) = self.elements_in(other, block.min[2], block.max[2]);
            let mut seen = *block;
            (seen.min[2], seen.max[2]) = (first, end);
            return (seen, exact);
        }
        let last = self.position(block.max.map(|end| end - 1));
        let (first, end, aligned) = self.elements_in(other, self.position(block.min), last + 1);
        let seen = other.around(first, end);
        let exact = aligned && self.first_of_contiguous(block).is_some() && seen.size() == end - first;
        (seen, exact)
    }

    /// Which elements of `other` hold those from `first` up to `end` of this, and whether they hold no more.
    fn elements_in(&self, other: &Layout, first: usize, end: usize) -> (usize, usize, bool) {
        let (first, end) = (first * self.element_bytes, end * self.element_bytes);
        let exact = first.is_multiple_of(other.element_bytes) && end.is_multiple_of(other.element_bytes);
        (first / other.element_bytes, end.div_ceil(other.element_bytes), exact)
    }

    /// The smallest box around the elements from `first` up to `end`, of which there is at least one.
    fn around(&self, first: usize, end: usize) -> Block {
        let [_, rows, columns] = self.extent;
        let place =
            |position: usize| [position / columns / rows, position / columns % rows, position % columns];
        let (min, last) = (place(first), place(end - 1));
        let max = last.map(|index| index + 1);
        if min[0] != last[0] {
            return Block::new([min[0], 0, 0], [max[0], rows, columns]);
        }
        if min[1] != last[1] {
            return Block::new([min[0], min[1], 0], [max[0], max[1], columns]);
        }
        Block::new(min, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn layout(extent: [usize; 3], element_bytes: usize) -> Layout {
        Layout { extent, element_bytes }
    }

    #[test]
    fn a_box_falls_into_its_contiguous_runs() {
        let runs = |min, max, extent| layout(extent, 4).runs(&Block::new(min, max)).collect::<Vec<_>>();
        assert_eq!(runs([0, 0, 2], [1, 1, 5], [1, 1, 8]), [(2, 3)]);
        assert_eq!(runs([0, 1, 0], [1, 3, 4], [1, 5, 4]), [(4, 8)]);
        assert_eq!(runs([0, 1, 1], [1, 3, 3], [1, 5, 4]), [(5, 2), (9, 2)]);
        assert_eq!(runs([0, 1, 0], [2, 2, 4], [2, 3, 4]), [(4, 4), (16, 4)]);
        assert_eq!(runs([0, 1, 0], [2, 1, 4], [2, 3, 4]), []);
    }

    #[test]
    fn a_run_around_a_box_is_the_smallest_contiguous_box() {
        let layout = layout([3, 4, 5], 4);
        for block in boxes(&layout) {
            let run = layout.run_around(&block);
            assert!(
                run.contains(&block) && layout.first_of_contiguous(&run).is_some(),
                "{run} around {block}"
            );
            let smaller = boxes(&layout).into_iter().filter(|other| other.size() < run.size());
            let mut others = smaller.filter(|other| layout.first_of_contiguous(other).is_some());
            assert!(!others.any(|other| other.contains(&block)), "{run} around {block}");
        }
        assert_eq!(layout.run_around(&Block::new([1; 3], [1; 3])), Block::new([0; 3], [1; 3]));
        let nothing = Layout { extent: [1, 1, 0], element_bytes: 4 };
        assert_eq!(nothing.run_around(&Block::new([0; 3], [9; 3])), nothing.whole());
    }

    /// What is seen of the box from `min` to `max`.
    fn seen(from: Layout, to: Layout, min: [usize; 3], max: [usize; 3]) -> ([usize; 3], [usize; 3], bool) {
        let (block, exact) = from.seen_in(&to, &Block::new(min, max));
        (block.min, block.max, exact)
    }

    #[test]
    fn a_box_in_rows_of_the_same_bytes_stays_a_box() {
        let (vectors, numbers) = (layout([2, 3, 4], 16), layout([2, 3, 16], 4));
        assert_eq!(seen(vectors, numbers, [0, 1, 1], [2, 3, 2]), ([0, 1, 4], [2, 3, 8], true));
        assert_eq!(seen(numbers, vectors, [0, 1, 4], [2, 3, 8]), ([0, 1, 1], [2, 3, 2], true));
        assert_eq!(seen(numbers, vectors, [0, 1, 5], [2, 3, 9]), ([0, 1, 1], [2, 3, 3], false));
    }

    #[test]
    fn in_other_rows_all_between_the_first_and_the_last_counts() {
        let (flat, matrix) = (layout([1, 1, 24], 4), layout([1, 4, 6], 4));
        assert_eq!(seen(matrix, flat, [0, 1, 0], [1, 3, 6]), ([0, 0, 6], [1, 1, 18], true));
        assert_eq!(seen(matrix, flat, [0, 1, 2], [1, 3, 4]), ([0, 0, 8], [1, 1, 16], false));
        assert_eq!(seen(flat, matrix, [0, 0, 6], [1, 1, 18]), ([0, 1, 0], [1, 3, 6], true));
        assert_eq!(seen(flat, matrix, [0, 0, 7], [1, 1, 9]), ([0, 1, 1], [1, 2, 3], true));
        assert_eq!(seen(flat, matrix, [0, 0, 5], [1, 1, 7]), ([0, 0, 0], [1, 2, 6], false));
    }

    #[test]
    fn every_byte_of_a_box_is_seen_and_no_other_where_that_is_said() {
        let layouts = [
            layout([1, 1, 24], 1),
            layout([1, 1, 6], 4),
            layout([1, 3, 4], 2),
            layout([2, 3, 4], 1),
            layout([2, 2, 3], 2),
        ];
        for from in layouts {
            for to in layouts {
                for block in boxes(&from) {
                    let (seen, exact) = from.seen_in(&to, &block);
                    let (wanted, found) = (bytes(&from, &block), bytes(&to, &seen));
                    assert!(wanted.iter().all(|byte| found.contains(byte)), "{block} of {from:?} in {to:?}");
                    assert_eq!(exact, wanted == found, "{block} of {from:?} in {to:?}");
                }
            }
        }
    }

    /// Every box that is not empty.
    fn boxes(layout: &Layout) -> Vec<Block> {
        let spans = |n: usize| (0..n).flat_map(move |min| (min + 1..=n).map(move |max| (min, max)));
        let [planes, rows, columns] = layout.extent;
        let mut boxes = Vec::new();
        for (a, x) in spans(planes) {
            for (b, y) in spans(rows) {
                boxes.extend(spans(columns).map(|(c, z)| Block::new([a, b, c], [x, y, z])));
            }
        }
        boxes
    }

    fn bytes(layout: &Layout, block: &Block) -> Vec<usize> {
        let size = layout.element_bytes;
        layout.runs(block).flat_map(|(first, count)| first * size..(first + count) * size).collect()
    }
}
