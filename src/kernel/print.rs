//! Output: how the lines that a kernel prints get into memory, and from there become text.
//!
//! The memory begins with a word of two counters (words used, lines lost); then come the lines, each with a head (which
//! message, how many values), the work-item and the values. Both OpenCL C and the host twin write it. A line for which
//! there is no room is counted, not written.

use super::trap::Report;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many values a line can show.
pub const LINE_WORDS: usize = 64;
/// How many words a line takes beside its values.
const HEAD_WORDS: usize = 2;
/// Where the number of values stands in a line's head.
const COUNT_SHIFT: u32 = 48;

/// The memory of one launch, for the host twin to write to.
#[derive(Clone, Copy, Debug)]
pub struct PrintMemory {
    words: *mut u64,
    /// How many words there are for lines, behind the counters.
    n_words: usize,
}

// SAFETY: `new` was promised that the memory may be used from any thread, and it is only touched through atomics.
unsafe impl Send for PrintMemory {}
// SAFETY: as for `Send`.
unsafe impl Sync for PrintMemory {}

impl PrintMemory {
    /// # Safety
    /// `words` leads to `n_words + 1` initialised words, aligned to eight bytes, that live as long as this is used and are
    /// touched by nobody else.
    pub unsafe fn new(words: *mut u64, n_words: usize) -> Self {
        PrintMemory { words, n_words }
    }

    /// Writes one line of a work-item. `code` stands for the message: here its site's address.
    pub fn write(&self, code: u64, item: u64, values: &[u64]) {
        let words = (values.len() + HEAD_WORDS) as u32;
        // SAFETY: the first word is there, aligned, and holds two counters that are only touched through these atomics.
        let (used, lost) = unsafe {
            let counters = self.words.cast::<u32>();
            (AtomicU32::from_ptr(counters), AtomicU32::from_ptr(counters.add(1)))
        };
        let full = self.n_words as u32;
        let before =
            if used.load(Ordering::Relaxed) < full { used.fetch_add(words, Ordering::Relaxed) } else { full };
        if before + words > full {
            if before < full {
                self.word(before as usize).store(0, Ordering::Relaxed);
            }
            lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let head = [code | (values.len() as u64) << COUNT_SHIFT, item];
        for (position, word) in head.iter().chain(values).enumerate() {
            self.word(before as usize + position).store(*word, Ordering::Relaxed);
        }
    }

    /// One of the words behind the counters.
    fn word(&self, position: usize) -> &AtomicU64 {
        assert!(position < self.n_words);
        // SAFETY: there are `n_words` words behind the first, and they are only touched through these atomics.
        unsafe { AtomicU64::from_ptr(self.words.add(1 + position)) }
    }
}

/// Whether nothing was printed. `words` begin with the counters.
pub fn is_silent(words: &[u64]) -> bool {
    words.first().is_none_or(|counters| *counters == 0)
}

/// What was printed: the work-items in order, each with its lines in theirs, and how many lines were lost. `resolve` says
/// what a code stands for. A work-item's last line is ended where it did not end it.
pub fn printed<'r>(words: &[u64], resolve: impl Fn(u64) -> Option<&'r Report>) -> (String, u32) {
    let Some((counters, words)) = words.split_first() else { return (String::new(), 0) };
    let (used, lost) = ((*counters as u32 as usize).min(words.len()), (counters >> 32) as u32);
    let mut items: BTreeMap<u64, String> = BTreeMap::new();
    let mut rest = words.get(..used).unwrap_or_default();
    while let [head, item, after @ ..] = rest
        && *head != 0
    {
        let count = ((head >> COUNT_SHIFT) as usize).min(after.len());
        let (values, next) = after.split_at(count);
        if let Some(Report { site, message: Some((message, types)), .. }) =
            resolve(head & ((1 << COUNT_SHIFT) - 1))
        {
            items.entry(*item).or_default().push_str(&message.render(site.subject, types, values));
        }
        rest = next;
    }
    let mut text = String::new();
    for part in items.into_values().filter(|part| !part.is_empty()) {
        text.push_str(&part);
        if !part.ends_with('\n') {
            text.push('\n');
        }
    }
    (text, lost)
}
