//! The five functions of an allocator crate of early Rust (B1 to B5), on [`Mete`].
//!
//! Up to 2017 a crate with `#![allocator]` defined these names as symbols, and the compiler called
//! them. Now it calls a `#[global_allocator]`; here the functions are for code that was written to
//! them. They are no symbols (P8). Sizes and alignments are in bytes; any thread may call them.

use core::alloc::{GlobalAlloc, Layout};

use crate::{engine, Mete};

/// A block of at least `size` bytes, or null (B1).
///
/// # Safety
/// `size` is not 0, `align` is a power of two, and `size` rounded up to it is at most `isize::MAX`.
pub unsafe fn __rust_allocate(size: usize, align: usize) -> *mut u8 {
    // SAFETY: the caller promises the same.
    unsafe { Mete.alloc(Layout::from_size_align_unchecked(size, align)) }
}

/// Takes a block back (B2).
///
/// # Safety
/// The block is one of these functions or of [`Mete`], `old_size` and `align` are those
/// that it was last asked for with.
pub unsafe fn __rust_deallocate(block: *mut u8, _old_size: usize, _align: usize) {
    // SAFETY: the caller promises the same.
    unsafe { engine::mete_rust_dealloc(block) }
}

/// The block with `size` bytes, moved if need be, and its contents as far as they fit; null, and the
/// block as it was, if there is no memory (B3).
///
/// # Safety
/// As for [`__rust_deallocate`], and as for [`__rust_allocate`] with `size`.
pub unsafe fn __rust_reallocate(
    block: *mut u8,
    old_size: usize,
    size: usize,
    align: usize,
) -> *mut u8 {
    // SAFETY: the caller promises the same.
    unsafe {
        let old = Layout::from_size_align_unchecked(old_size, align);
        Mete.realloc(block, old, size)
    }
}

/// Resizes without moving. Returns the bytes that may be used now, at least `size`; `old_size`, and
/// nothing has changed, if that was not possible (B4).
///
/// # Safety
/// As for [`__rust_reallocate`].
pub unsafe fn __rust_reallocate_inplace(
    block: *mut u8,
    old_size: usize,
    size: usize,
    align: usize,
) -> usize {
    // SAFETY: the caller promises the same.
    unsafe { engine::mete_rust_resize_in_place(block, old_size, align, size) }
}

/// The size that a request would really give (B5).
///
/// # Safety
/// As for [`__rust_allocate`]. Nothing is allocated.
pub unsafe fn __rust_usable_size(size: usize, align: usize) -> usize {
    // SAFETY: the caller promises the same.
    unsafe { engine::mete_rust_good_size(size, align) }
}
