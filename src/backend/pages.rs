//! Fresh memory of drivers, made ready: kernel threads that touch its pages first cost fifty times as much as any kernel over them.

/// From this size on an allocation is worth huge pages.
const LARGE_BYTES: usize = 1 << 20;
#[cfg(target_os = "linux")]
const PAGE_BYTES: usize = 4096;

/// Fills fresh memory with zeros, from one thread and in huge pages where that pays.
///
/// # Safety
/// `first` leads to `size_bytes` bytes that nobody else uses yet.
pub(super) unsafe fn fill_fresh(first: *mut u8, size_bytes: usize) {
    if size_bytes >= LARGE_BYTES {
        ask_for_huge_pages(first, size_bytes);
    }
    // SAFETY: the caller's promise.
    unsafe { first.write_bytes(0, size_bytes) };
}

/// Advice only: without huge pages everything works, slower.
#[cfg(target_os = "linux")]
fn ask_for_huge_pages(first: *mut u8, size_bytes: usize) {
    use std::ffi::{c_int, c_void};
    const MADV_HUGEPAGE: c_int = 14;
    unsafe extern "C" {
        fn madvise(address: *mut c_void, length: usize, advice: c_int) -> c_int;
    }
    let before = first.align_offset(PAGE_BYTES);
    let Some(length) = size_bytes.checked_sub(before) else { return };
    // SAFETY: the declaration is that of Linux; the whole pages lie in the allocation, and the advice changes no contents.
    let _ = unsafe { madvise(first.wrapping_add(before).cast(), length & !(PAGE_BYTES - 1), MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_huge_pages(_first: *mut u8, _size_bytes: usize) {}
