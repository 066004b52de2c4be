//! The local memory of a group, which knows who touched what since the last barrier: a program in which work-items race has no
//! meaning that devices could be compared with.

/// The elements, one for each work-item.
#[derive(Default)]
pub struct Tile {
    elements: Vec<Element>,
}

#[derive(Clone, Default)]
struct Element {
    /// Nothing until it is written.
    bits: Option<u64>,
    /// The work-item that wrote it since the last barrier.
    writer: Option<usize>,
    /// Those that read it since then.
    reader: Option<usize>,
    is_read_by_several: bool,
}

impl Tile {
    pub fn new(length: usize) -> Tile {
        Tile { elements: vec![Element::default(); length] }
    }

    /// What a work-item reads; nothing if that was never written, or another work-item writes it at the same time.
    pub fn read(&mut self, at: usize, item: usize) -> Option<u64> {
        let element = self.elements.get_mut(at)?;
        if element.writer.is_some_and(|writer| writer != item) {
            return None;
        }
        element.is_read_by_several |= element.reader.is_some_and(|reader| reader != item);
        element.reader = Some(item);
        element.bits
    }

    /// Has a work-item write; nothing if another touches the element at the same time.
    pub fn write(&mut self, at: usize, item: usize, bits: u64) -> Option<()> {
        let element = self.elements.get_mut(at)?;
        let is_other = |known: Option<usize>| known.is_some_and(|known| known != item);
        if element.is_read_by_several || is_other(element.writer) || is_other(element.reader) {
            return None;
        }
        (element.bits, element.writer) = (Some(bits), Some(item));
        Some(())
    }

    /// Everybody has come here before anybody goes on.
    pub fn barrier(&mut self) {
        for element in &mut self.elements {
            (element.writer, element.reader, element.is_read_by_several) = (None, None, false);
        }
    }
}
