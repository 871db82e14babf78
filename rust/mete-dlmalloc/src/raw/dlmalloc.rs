//! The functions on the space of the program: D1 to D21.

use core::ffi::c_void;

use super::{DLInspectHandler, MallInfo};

extern "C" {
    /// D1. A block of at least `bytes`, aligned to two words; for 0 the smallest one.
    pub fn dlmalloc(bytes: usize) -> *mut c_void;
    /// D2. Takes a block back; null is nothing.
    pub fn dlfree(block: *mut c_void);
    /// D3. A block of `count * bytes` that is all zero; null if that is too much for a `usize`.
    pub fn dlcalloc(count: usize, bytes: usize) -> *mut c_void;
    /// D4. The block with `bytes`, moved if need be, and its contents as far as they fit; of null a new
    /// one. On failure null, and the block as it was. A block that moves is aligned to two words.
    pub fn dlrealloc(block: *mut c_void, bytes: usize) -> *mut c_void;
    /// D5. The block with `bytes`, never moved; null if that cannot be, and the block as it was.
    pub fn dlrealloc_in_place(block: *mut c_void, bytes: usize) -> *mut c_void;
    /// D6. A block at a multiple of `alignment`, which is rounded up to a power of two.
    pub fn dlmemalign(alignment: usize, bytes: usize) -> *mut c_void;
    /// D7. A block in `*block`. Returns: 0, or `EINVAL` (22) if the alignment is no power of two or no
    /// multiple of a word, or `ENOMEM` (12); `*block` is not touched then.
    pub fn dlposix_memalign(block: *mut *mut c_void, alignment: usize, bytes: usize) -> i32;
    /// D8. A block at a multiple of 4096.
    pub fn dlvalloc(bytes: usize) -> *mut c_void;
    /// D8. A block at a multiple of 4096 and as large. Many of them fragment memory, and two in a row
    /// need not be neighbours (C14, X12).
    pub fn dlpvalloc(bytes: usize) -> *mut c_void;

    /// D9. Sets an option of all spaces: one of the constants `M_...`. -1 as a value: as large as can
    /// be. Returns: 1, or 0 if there is no such option or value. Before other threads allocate.
    pub fn dlmallopt(parameter: i32, value: i32) -> i32;
    /// Of mete: the mistakes that were noticed so far.
    pub fn dlmalloc_error_count() -> usize;
    /// D10. Bytes from the port, without taking the lock: perhaps not of this moment.
    pub fn dlmalloc_footprint() -> usize;
    /// D11. The most that it was.
    pub fn dlmalloc_max_footprint() -> usize;
    /// D12. The most that it may be; `usize::MAX` if nobody set it.
    pub fn dlmalloc_footprint_limit() -> usize;
    /// D13. Sets that, rounded up to a multiple of 4096, `usize::MAX`: none. What needs more memory than
    /// that from the port fails; nothing goes back. 0 is no more than there is (X8). Returns: the limit.
    pub fn dlmalloc_set_footprint_limit(bytes: usize) -> usize;
    /// D14. Calls `handler` for every piece of memory, used or free, those mapped alone too (X14).
    pub fn dlmalloc_inspect_all(handler: DLInspectHandler, argument: *mut c_void);
    /// D15. The state of the space.
    pub fn dlmallinfo() -> MallInfo;

    /// D16. `count` blocks of `bytes`, all zero and side by side, each to be freed by itself. They are
    /// put into `blocks` or, if that is null, into an array that is a block, too. Returns: the array;
    /// null if there is no memory or that is too much for a `usize` (X10).
    pub fn dlindependent_calloc(
        count: usize,
        bytes: usize,
        blocks: *mut *mut c_void,
    ) -> *mut *mut c_void;
    /// D17. As that, with a size for each and not cleared.
    pub fn dlindependent_comalloc(
        count: usize,
        bytes: *const usize,
        blocks: *mut *mut c_void,
    ) -> *mut *mut c_void;
    /// D18. Frees the blocks of this space and makes them null; null ones are passed over. Returns: how
    /// many are of other spaces, which stay.
    pub fn dlbulk_free(blocks: *mut *mut c_void, count: usize) -> usize;
    /// D19. Gives free memory back to the port, if more than `pad` bytes are free. Returns: 1 if any was,
    /// otherwise 0.
    pub fn dlmalloc_trim(pad: usize) -> i32;
    /// D20. Three lines on stderr. On systems with a C library.
    #[cfg(any(target_os = "linux", target_os = "android", windows))]
    pub fn dlmalloc_stats();
    /// D21. The bytes that may be used of a block, of any space; 0 for null.
    pub fn dlmalloc_usable_size(block: *const c_void) -> usize;
}
