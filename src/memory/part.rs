//! Reads and writes one part of an element: `accessor[index].field`.
//!
//! Where the part lies is found by asking for it in an element of zeros, so that no offset has to be known or trusted. The
//! memory is touched as everywhere, by relaxed atomics as wide as the element is aligned; where the part fills such a
//! chunk only partly, the rest of the chunk keeps what others write there meanwhile. Checks no bounds.

use super::element::{Element, with_chunks};
use std::ops::Range;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// Reads the part of an element that `part` leads to; `None` if it leads nowhere.
///
/// # Safety
/// As for [`super::element::load_relaxed`].
#[inline(always)]
pub(crate) unsafe fn load_part<T: Element, P: Copy>(
    pointer: *mut T,
    part: impl Fn(&T) -> Option<&P>,
) -> Option<P> {
    let nothing = T::zeroed();
    let bytes = bytes_of(&raw const nothing, part(&nothing)?)?;
    let mut value = T::zeroed();
    with_chunks!(T, Chunk => {
        let (source, target) = (pointer.cast::<Chunk>(), (&raw mut value).cast::<Chunk>());
        for chunk in chunks::<Chunk>(&bytes) {
            // SAFETY: `bytes` lies inside an element, and so does every chunk that it touches; for the rest as in
            // `load_relaxed`.
            unsafe { *(*target.add(chunk)).get_mut() = (*source.add(chunk)).load(Ordering::Relaxed) };
        }
    });
    part(&value).copied()
}

/// Writes the part of an element that `part` leads to; nothing if it leads nowhere.
///
/// # Safety
/// As for [`super::element::store_relaxed`].
#[inline(always)]
pub(crate) unsafe fn store_part<T: Element, P: Copy>(
    pointer: *mut T,
    value: P,
    part: impl Fn(&mut T) -> Option<&mut P>,
) {
    let mut whole = T::zeroed();
    let start = &raw const whole;
    let Some(place) = part(&mut whole) else { return };
    *place = value;
    let Some(bytes) = bytes_of(start, place) else { return };
    with_chunks!(T, Chunk => {
        let (source, target) = ((&raw mut whole).cast::<Chunk>(), pointer.cast::<Chunk>());
        for chunk in chunks::<Chunk>(&bytes) {
            // SAFETY: as in `load_part`, with the two ends exchanged.
            let (new, target) = unsafe { (*(*source.add(chunk)).get_mut(), &*target.add(chunk)) };
            let inside = inside::<Chunk>(&bytes, chunk);
            if inside.len() == size_of::<Chunk>() {
                target.store(new, Ordering::Relaxed);
                continue;
            }
            let mut mask = 0;
            for byte in inside {
                mask |= 0xff << shift::<Chunk>(byte);
            }
            let merged = |old| Some(old & !mask | new & mask);
            // Never an error, since there always is a new value.
            let _ = target.fetch_update(Ordering::Relaxed, Ordering::Relaxed, merged);
        }
    });
}

/// Which bytes of an element a part is; `None` for what is no part of it.
#[inline(always)]
fn bytes_of<T, P>(whole: *const T, part: *const P) -> Option<Range<usize>> {
    let start = part.addr().checked_sub(whole.addr())?;
    let end = start.checked_add(size_of::<P>())?;
    (end <= size_of::<T>()).then_some(start..end)
}

/// The chunks that these bytes touch.
#[inline(always)]
fn chunks<Chunk>(bytes: &Range<usize>) -> Range<usize> {
    bytes.start / size_of::<Chunk>()..bytes.end.div_ceil(size_of::<Chunk>())
}

/// Which bytes of a chunk are among these.
#[inline(always)]
fn inside<Chunk>(bytes: &Range<usize>, chunk: usize) -> Range<usize> {
    let first = chunk * size_of::<Chunk>();
    bytes.start.saturating_sub(first)..(bytes.end - first).min(size_of::<Chunk>())
}

/// By how many bits a chunk's byte is shifted in the integer of the chunk.
#[inline(always)]
fn shift<Chunk>(byte: usize) -> usize {
    8 * if cfg!(target_endian = "big") { size_of::<Chunk>() - 1 - byte } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_narrower_than_its_chunk_leaves_its_neighbours_alone() {
        let mut elements = [[1u16, 2, 3, 4], [5, 6, 7, 8]];
        // SAFETY: both lead to elements that nobody else has.
        unsafe { store_part(&raw mut elements[1], 60, |element| element.get_mut(1)) };
        // SAFETY: as above.
        let found = unsafe { load_part(&raw mut elements[1], |element| element.get(1)) };
        assert_eq!((elements, found), ([[1, 2, 3, 4], [5, 60, 7, 8]], Some(60)));
    }

    #[test]
    fn what_is_no_part_is_neither_read_nor_written() {
        static ELSEWHERE: u32 = 7;
        let mut element = [1u32, 2];
        // SAFETY: it leads to an element that nobody else has.
        let found = unsafe { load_part(&raw mut element, |_| Some(&ELSEWHERE)) };
        assert_eq!(found, None);
        // SAFETY: as above.
        unsafe { store_part(&raw mut element, 9u32, |_| None) };
        assert_eq!(element, [1, 2]);
    }
}
