//! The space of the program as an allocator.

use core::alloc::{GlobalAlloc, Layout};
use core::ffi::c_void;

use crate::functions::{self, Functions};
use crate::raw;

/// The space of the program: all values of this type are the same allocator (C1, T13).
///
/// It takes memory from the port by the granularity ([`raw::M_GRANULARITY`]) and gives it back as
/// [`raw::M_TRIM_THRESHOLD`] says. Any thread may call; one call at a time is inside (the port's
/// lock). Fails with null, and keeps the block of a `realloc` then (G5).
#[derive(Clone, Copy, Debug, Default)]
pub struct DLMalloc;

unsafe impl GlobalAlloc for DLMalloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { functions::alloc(self, layout) }
    }
    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        unsafe { self.free(block.cast()) }
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { functions::alloc_zeroed(self, layout) }
    }
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        unsafe { functions::realloc(self, block, layout, new_size) }
    }
}

unsafe impl Functions for DLMalloc {
    unsafe fn malloc(&self, bytes: usize) -> *mut c_void {
        unsafe { raw::dlmalloc(bytes) }
    }
    unsafe fn calloc(&self, bytes: usize) -> *mut c_void {
        unsafe { raw::dlcalloc(1, bytes) }
    }
    unsafe fn memalign(&self, align: usize, bytes: usize) -> *mut c_void {
        unsafe { raw::dlmemalign(align, bytes) }
    }
    unsafe fn realloc(&self, block: *mut c_void, bytes: usize) -> *mut c_void {
        unsafe { raw::dlrealloc(block, bytes) }
    }
    unsafe fn realloc_in_place(&self, block: *mut c_void, bytes: usize) -> *mut c_void {
        unsafe { raw::dlrealloc_in_place(block, bytes) }
    }
    unsafe fn free(&self, block: *mut c_void) {
        unsafe { raw::dlfree(block) }
    }
}
