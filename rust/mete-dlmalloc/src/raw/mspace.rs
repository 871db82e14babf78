//! The functions on spaces with a handle: M1 to M8. A handle is valid from `create_mspace` or
//! `create_mspace_with_base` to `destroy_mspace`; blocks are those of the space at hand. What a
//! function does is said with the one on the space of the program.

use core::ffi::c_void;

use super::{DLInspectHandler, MallInfo};

extern "C" {
    /// M1. A new space with room for `capacity` bytes, rounded up to the granularity, 0: that alone. It
    /// grows on demand. With a lock, unless `locked` is 0: for one thread at a time then. Null if there
    /// is no memory.
    pub fn create_mspace(capacity: usize, locked: i32) -> *mut c_void;
    /// M3. As that, beginning in the `capacity` bytes at `base`, which stay the caller's and outlive the
    /// space; null if that has no room for bookkeeping of less than 128 words.
    pub fn create_mspace_with_base(base: *mut c_void, capacity: usize, locked: i32) -> *mut c_void;
    /// M2. Ends the space with all its blocks; nobody may use them or it any more. Returns: the bytes
    /// that went back to the port.
    pub fn destroy_mspace(space: *mut c_void) -> usize;
    /// M4. Whether large blocks come from the memory of the space instead of being mapped alone. They
    /// end with it in either case (X14). Returns: what it was, 0 or 1.
    pub fn mspace_track_large_chunks(space: *mut c_void, enable: i32) -> i32;

    /// M5. As [`dlmalloc`](super::dlmalloc()).
    pub fn mspace_malloc(space: *mut c_void, bytes: usize) -> *mut c_void;
    /// M5. As [`dlfree`](super::dlfree).
    pub fn mspace_free(space: *mut c_void, block: *mut c_void);
    /// M5. As [`dlcalloc`](super::dlcalloc).
    pub fn mspace_calloc(space: *mut c_void, count: usize, bytes: usize) -> *mut c_void;
    /// M5. As [`dlrealloc`](super::dlrealloc).
    pub fn mspace_realloc(space: *mut c_void, block: *mut c_void, bytes: usize) -> *mut c_void;
    /// M5. As [`dlrealloc_in_place`](super::dlrealloc_in_place).
    pub fn mspace_realloc_in_place(
        space: *mut c_void,
        block: *mut c_void,
        bytes: usize,
    ) -> *mut c_void;
    /// M5. As [`dlmemalign`](super::dlmemalign).
    pub fn mspace_memalign(space: *mut c_void, alignment: usize, bytes: usize) -> *mut c_void;

    /// M6. As [`dlindependent_calloc`](super::dlindependent_calloc).
    pub fn mspace_independent_calloc(
        space: *mut c_void,
        count: usize,
        bytes: usize,
        blocks: *mut *mut c_void,
    ) -> *mut *mut c_void;
    /// M6. As [`dlindependent_comalloc`](super::dlindependent_comalloc) (X2).
    pub fn mspace_independent_comalloc(
        space: *mut c_void,
        count: usize,
        bytes: *const usize,
        blocks: *mut *mut c_void,
    ) -> *mut *mut c_void;
    /// M6. As [`dlbulk_free`](super::dlbulk_free).
    pub fn mspace_bulk_free(space: *mut c_void, blocks: *mut *mut c_void, count: usize) -> usize;

    /// M7. As [`dlmalloc_footprint`](super::dlmalloc_footprint).
    pub fn mspace_footprint(space: *mut c_void) -> usize;
    /// M7. As [`dlmalloc_max_footprint`](super::dlmalloc_max_footprint).
    pub fn mspace_max_footprint(space: *mut c_void) -> usize;
    /// M7. As [`dlmalloc_footprint_limit`](super::dlmalloc_footprint_limit).
    pub fn mspace_footprint_limit(space: *mut c_void) -> usize;
    /// M7. As [`dlmalloc_set_footprint_limit`](super::dlmalloc_set_footprint_limit).
    pub fn mspace_set_footprint_limit(space: *mut c_void, bytes: usize) -> usize;

    /// M8. As [`dlmallinfo`](super::dlmallinfo).
    pub fn mspace_mallinfo(space: *mut c_void) -> MallInfo;
    /// M8. As [`dlmalloc_usable_size`](super::dlmalloc_usable_size): it needs no handle.
    pub fn mspace_usable_size(block: *const c_void) -> usize;
    /// M8. As [`dlmalloc_stats`](super::dlmalloc_stats).
    #[cfg(any(target_os = "linux", target_os = "android", windows))]
    pub fn mspace_malloc_stats(space: *mut c_void);
    /// M8. As [`dlmalloc_trim`](super::dlmalloc_trim).
    pub fn mspace_trim(space: *mut c_void, pad: usize) -> i32;
    /// M8. As [`dlmalloc_inspect_all`](super::dlmalloc_inspect_all).
    pub fn mspace_inspect_all(space: *mut c_void, handler: DLInspectHandler, argument: *mut c_void);
    /// M8. As [`dlmallopt`](super::dlmallopt): options are of all spaces.
    pub fn mspace_mallopt(parameter: i32, value: i32) -> i32;
}
