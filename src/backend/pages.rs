//! Fresh memory made ready: small pages that the threads of a kernel touch first cost many times as much as any kernel over them.
//!
//! Several threads touch large memory, since what takes the time is the system's zeroing of the pages. They write first of all: a
//! huge page that was read before some systems break up into small ones when it is written.
//!
//! Huge pages of zeros are best left to whoever writes them first: of those a kernel touches few, in parallel, and finds each in the
//! cache where the system has just zeroed it. A kernel over 64 MiB takes 4 ms so, and 6 if all was touched before.

use once_cell::sync::Lazy;
use parking_lot::Mutex;
use std::mem::MaybeUninit;

/// From this size on an allocation is worth huge pages.
#[cfg(target_os = "linux")]
const LARGE_BYTES: usize = 1 << 20;
const PAGE_BYTES: usize = 4096;
/// What a huge page begins at multiples of.
pub(crate) const HUGE_PAGE_BYTES: usize = 2 << 20;
/// What a thread touches at a time: as much as some huge pages.
const PART_BYTES: usize = 4 << 20;
/// More threads than these do not zero pages faster than memory takes it.
const MOST_THREADS: usize = 8;

/// Fills fresh memory with zeros, in huge pages where that pays.
///
/// # Safety
/// `first` leads to `size_bytes` bytes that nobody else uses yet.
pub(super) unsafe fn fill_fresh(first: *mut u8, size_bytes: usize) {
    // SAFETY: the caller's promise; these need not be initialised.
    let bytes = unsafe { std::slice::from_raw_parts_mut(first.cast::<MaybeUninit<u8>>(), size_bytes) };
    ask_for_huge_pages(bytes);
    in_parts(bytes, |part| part.fill(MaybeUninit::new(0)));
}

/// Makes a fresh mapping ready, whose bytes are and stay zeros, and which begins where a huge page may: what lies in whole ones is left
/// to who writes it.
pub(crate) fn prepare_fresh(zeros: &mut [u8]) {
    ask_for_huge_pages(zeros);
    let whole = if *GIVES_HUGE_PAGES { zeros.len() & !(HUGE_PAGE_BYTES - 1) } else { 0 };
    in_parts(&mut zeros[whole..], |part| {
        for page in part.chunks_mut(PAGE_BYTES) {
            // A volatile write, since a plain zero over fresh zeros may be dropped, and the page would stay untouched.
            // SAFETY: `page` is a valid slice of at least one byte.
            unsafe { page.as_mut_ptr().write_volatile(0) };
        }
    });
}

/// Does `work` on all parts, on several threads where there is much to do.
fn in_parts<Byte: Send>(bytes: &mut [Byte], work: impl Fn(&mut [Byte]) + Sync) {
    let n_parts = bytes.len().div_ceil(PART_BYTES);
    let n_helpers = match n_parts > 1 {
        true => {
            std::thread::available_parallelism().map_or(1, usize::from).min(n_parts).min(MOST_THREADS) - 1
        }
        false => 0,
    };
    if n_helpers == 0 {
        return bytes.chunks_mut(PART_BYTES).for_each(work);
    }
    let parts = Mutex::new(bytes.chunks_mut(PART_BYTES));
    let next = || parts.lock().next();
    let work_on = || std::iter::from_fn(next).for_each(&work);
    std::thread::scope(|scope| {
        for _ in 0..n_helpers {
            // Where no more threads can be had, those that are there do it all.
            let thread = std::thread::Builder::new().name("falx-pages".to_owned());
            let _ = thread.spawn_scoped(scope, work_on);
        }
        work_on();
    });
}

/// Whether the system gives this process huge pages, of the size that is meant here, when it asks for them. Where the system has
/// none left it gives small ones all the same.
static GIVES_HUGE_PAGES: Lazy<bool> = Lazy::new(|| {
    let setting = |name: &str| {
        let text = std::fs::read_to_string(format!("/sys/kernel/mm/transparent_hugepage/{name}"));
        text.unwrap_or_default()
    };
    let enabled = setting("enabled");
    let is_enabled = enabled.contains("[always]") || enabled.contains("[madvise]");
    is_enabled && setting("hpage_pmd_size").trim() == HUGE_PAGE_BYTES.to_string() && !is_disabled_here()
});

/// Whether this process must do without huge pages.
#[cfg(target_os = "linux")]
fn is_disabled_here() -> bool {
    // SAFETY: this call only answers.
    unsafe { libc::prctl(libc::PR_GET_THP_DISABLE, 0, 0, 0, 0) != 0 }
}

#[cfg(not(target_os = "linux"))]
fn is_disabled_here() -> bool {
    false
}

/// Advice only: without huge pages everything works, slower.
#[cfg(target_os = "linux")]
fn ask_for_huge_pages<Byte>(bytes: &mut [Byte]) {
    if size_of_val(bytes) < LARGE_BYTES {
        return;
    }
    let first = bytes.as_mut_ptr().cast::<u8>();
    let before = first.align_offset(PAGE_BYTES);
    let Some(length) = size_of_val(bytes).checked_sub(before) else { return };
    let (start, length) = (first.wrapping_add(before), length & !(PAGE_BYTES - 1));
    // SAFETY: the whole pages lie in the slice, which is this function's alone, and the advice changes no contents.
    let _ = unsafe { libc::madvise(start.cast(), length, libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages<Byte>(_bytes: &mut [Byte]) {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn fresh_memory_is_zero_to_its_last_byte_whatever_its_size() {
        for size_bytes in [0, 1, PAGE_BYTES + 1, PART_BYTES, 3 * PART_BYTES + 5] {
            let mut bytes = vec![7u8; size_bytes + 1];
            // SAFETY: the vector has one byte more, and nobody else uses it.
            unsafe { fill_fresh(bytes.as_mut_ptr(), size_bytes) };
            assert!(bytes[..size_bytes].iter().all(|byte| *byte == 0), "{size_bytes}");
            assert_eq!(bytes[size_bytes], 7, "{size_bytes}");
        }
    }

    #[test]
    fn what_is_made_ready_is_zero_to_its_last_byte() {
        for size_bytes in [1, HUGE_PAGE_BYTES - 1, HUGE_PAGE_BYTES, 2 * HUGE_PAGE_BYTES + PAGE_BYTES + 1] {
            let mut map = memmap2::MmapMut::map_anon(size_bytes).unwrap();
            prepare_fresh(&mut map);
            assert!(map.iter().all(|byte| *byte == 0), "{size_bytes}");
        }
    }

    #[test]
    fn every_part_is_worked_on_once() {
        let mut bytes = vec![0u8; 3 * PART_BYTES + 5];
        let first = bytes.as_ptr().addr();
        let seen = Mutex::new(BTreeMap::new());
        in_parts(&mut bytes, |part| {
            *seen.lock().entry((part.as_ptr().addr() - first, part.len())).or_insert(0) += 1;
        });
        let whole = (0..3).map(|part| ((part * PART_BYTES, PART_BYTES), 1));
        let expected = whole.chain([((3 * PART_BYTES, 5), 1)]).collect::<BTreeMap<_, _>>();
        assert_eq!(*seen.lock(), expected);
    }
}
