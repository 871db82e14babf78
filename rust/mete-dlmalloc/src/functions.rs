//! [`GlobalAlloc`](core::alloc::GlobalAlloc) in terms of dlmalloc's functions, once for the space of
//! the program and for those with a handle.
//!
//! Every block is aligned to two words. A layout that asks for no more is served by the plain
//! functions, the others go through `memalign`.

use core::alloc::Layout;
use core::cmp::min;
use core::ffi::c_void;
use core::mem::size_of;
use core::ptr;

use crate::raw;

/// The alignment of every block, in bytes.
const MIN_ALIGN: usize = 2 * size_of::<usize>();

/// Bytes below which it is not worth to move a block that is too long.
const PAGE: usize = 4096;

/// The functions of one space, null where there is no memory.
///
/// # Safety
///
/// As those of `mete/dlmalloc.h` with the same names: blocks are of this space and in use.
pub(crate) unsafe trait Functions {
    unsafe fn malloc(&self, bytes: usize) -> *mut c_void;
    unsafe fn calloc(&self, bytes: usize) -> *mut c_void;
    unsafe fn memalign(&self, align: usize, bytes: usize) -> *mut c_void;
    unsafe fn realloc(&self, block: *mut c_void, bytes: usize) -> *mut c_void;
    unsafe fn realloc_in_place(&self, block: *mut c_void, bytes: usize) -> *mut c_void;
    unsafe fn free(&self, block: *mut c_void);
}

/// # Safety
///
/// As [`core::alloc::GlobalAlloc::alloc`].
pub(crate) unsafe fn alloc(space: &impl Functions, layout: Layout) -> *mut u8 {
    let block = if layout.align() <= MIN_ALIGN {
        unsafe { space.malloc(layout.size()) }
    } else {
        unsafe { space.memalign(layout.align(), layout.size()) }
    };
    block.cast()
}

/// Large blocks that are fresh from the port are not cleared again (X13); but for those with an
/// alignment of more than two words, for which dlmalloc has no function that knows.
///
/// # Safety
///
/// As [`core::alloc::GlobalAlloc::alloc_zeroed`].
pub(crate) unsafe fn alloc_zeroed(space: &impl Functions, layout: Layout) -> *mut u8 {
    if layout.align() <= MIN_ALIGN {
        return unsafe { space.calloc(layout.size()) }.cast();
    }
    let block = unsafe { alloc(space, layout) };
    if !block.is_null() {
        unsafe { ptr::write_bytes(block, 0, layout.size()) };
    }
    block
}

/// In place if that can be, unless the block would keep far more memory than it needs: one that is mapped
/// alone does not become shorter where it is. A block that moves keeps the alignment of its layout
/// (X5), and no more is copied than the smaller of the two sizes (X7).
///
/// # Safety
///
/// As [`core::alloc::GlobalAlloc::realloc`].
pub(crate) unsafe fn realloc(
    space: &impl Functions,
    block: *mut u8,
    layout: Layout,
    new_size: usize,
) -> *mut u8 {
    if layout.align() <= MIN_ALIGN {
        return unsafe { space.realloc(block.cast(), new_size) }.cast();
    }
    let same: *mut u8 = unsafe { space.realloc_in_place(block.cast(), new_size) }.cast();
    if !same.is_null() && unsafe { raw::dlmalloc_usable_size(same.cast()) } / 2 <= new_size + PAGE {
        return same;
    }
    let moved: *mut u8 = unsafe { space.memalign(layout.align(), new_size) }.cast();
    if moved.is_null() {
        return same; // a shorter block is there in any case
    }
    unsafe {
        ptr::copy_nonoverlapping(block, moved, min(layout.size(), new_size));
        space.free(block.cast());
    }
    moved
}
