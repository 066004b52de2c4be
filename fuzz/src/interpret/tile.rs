//! The local memory of a group, which knows who touched what since the last barrier: a program in which work-items race has no
//! meaning that devices could be compared with.

use crate::program::Value;

/// The elements, one for each work-item.
#[derive(Default)]
pub struct Tile {
    elements: Vec<Element>,
}

#[derive(Clone, Default)]
struct Element {
    /// Nothing until it is written.
    value: Option<Value>,
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
    pub fn read(&mut self, at: usize, item: usize) -> Option<Value> {
        let element = self.elements.get_mut(at)?;
        if element.combined.is_some() || element.writer.is_some_and(|writer| writer != item) {
            return None;
        }
        element.is_read_by_several |= element.reader.is_some_and(|reader| reader != item);
        element.reader = Some(item);
        element.value.clone()
    }

    /// What a work-item is to change; nothing if another touches the element at the same time.
    pub fn write(&mut self, at: usize, item: usize) -> Option<&mut Option<Value>> {
        let element = self.elements.get_mut(at)?;
        let is_other = |known: Option<usize>| known.is_some_and(|known| known != item);
        if element.combined.is_some()
            || element.is_read_by_several
            || is_other(element.writer)
            || is_other(element.reader)
        {
            return None;
        }
        element.writer = Some(item);
        Some(&mut element.value)
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
        let bits = combine(element.value.as_ref()?.bits()?)?;
        (element.value, element.combined) = (Some(Value::Bits(bits)), Some(operation));
        Some(())
    }

    /// Everybody has come here before anybody goes on.
    pub fn barrier(&mut self) {
        for element in &mut self.elements {
            let value = element.value.take();
            *element = Element { value, ..Element::default() };
        }
    }
}
