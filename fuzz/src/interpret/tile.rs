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
    /// The atomic operation that work-items did on it since then.
    combined: Option<&'static str>,
}

impl Tile {
    pub fn new(length: usize) -> Tile {
        Tile { elements: vec![Element::default(); length] }
    }

    /// What a work-item reads; nothing if that was never written, or another work-item writes it at the same time.
    pub fn read(&mut self, at: usize, item: usize) -> Option<u64> {
        let element = self.elements.get_mut(at)?;
        if element.combined.is_some() || element.writer.is_some_and(|writer| writer != item) {
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
        if element.combined.is_some()
            || element.is_read_by_several
            || is_other(element.writer)
            || is_other(element.reader)
        {
            return None;
        }
        (element.bits, element.writer) = (Some(bits), Some(item));
        Some(())
    }

    /// What a work-item does atomically, as others may at the same time; nothing if they do something else.
    pub fn combine(
        &mut self,
        at: usize,
        operation: &'static str,
        combine: impl Fn(u64) -> Option<u64>,
    ) -> Option<()> {
        let element = self.elements.get_mut(at)?;
        let is_touched = element.writer.is_some() || element.reader.is_some();
        if is_touched || element.combined.is_some_and(|known| known != operation) {
            return None;
        }
        (element.bits, element.combined) = (Some(combine(element.bits?)?), Some(operation));
        Some(())
    }

    /// Everybody has come here before anybody goes on.
    pub fn barrier(&mut self) {
        for element in &mut self.elements {
            let bits = element.bits;
            *element = Element { bits, ..Element::default() };
        }
    }
}
