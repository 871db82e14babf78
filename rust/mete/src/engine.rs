//! The functions of mete's engine: `src/rust` of the repository, and the heaps of `mete/mete.h`.
//!
//! Sizes and alignments are in bytes. What is asked for has a size; alignments are powers of two.
//! Any thread may call anything, but for spaces: one thread at a time for each of them.

/// A heap behind its handle.
#[repr(C)]
pub struct Heap {
    opaque: [u8; 0],
}

/// A space, which lies in its own memory.
#[repr(C)]
pub struct Space {
    opaque: [u8; 0],
}

/// `mete_heap_options`.
#[repr(C)]
pub struct HeapOptions {
    pub capacity: usize,
    pub limit: usize,
    pub name: *const u8,
    pub buffer: *mut u8,
    pub buffer_size: usize,
    pub source: *const u8,
}

extern "C" {
    pub fn mete_rust_alloc_of_class(bin: u32) -> *mut u8;
    pub fn mete_rust_alloc_large(size: usize, align: usize) -> *mut u8;
    pub fn mete_rust_dealloc(block: *mut u8);
    pub fn mete_rust_alloc_zeroed(size: usize, align: usize) -> *mut u8;
    pub fn mete_rust_realloc(block: *mut u8, size: usize, align: usize, new_size: usize)
        -> *mut u8;
    pub fn mete_rust_resize_in_place(
        block: *mut u8,
        size: usize,
        align: usize,
        new_size: usize,
    ) -> usize;
    pub fn mete_rust_usable_size(block: *const u8) -> usize;
    pub fn mete_rust_good_size(size: usize, align: usize) -> usize;
    pub fn mete_rust_alloc_batch(
        size: usize,
        align: usize,
        blocks: *mut *mut u8,
        count: usize,
    ) -> usize;
    pub fn mete_rust_dealloc_batch(blocks: *const *mut u8, count: usize);

    pub fn mete_rust_statistics(out: *mut crate::Statistics);
    pub fn mete_rust_trim(keep: usize) -> bool;
    pub fn mete_rust_option(index: usize) -> i64;
    pub fn mete_rust_set_option(index: usize, value: i64) -> bool;
    pub fn mete_rust_write_error(text: *const u8, size: usize);
    pub fn mete_rust_abort() -> !;

    // A null heap has no memory, no blocks and no statistics.
    pub fn mete_rust_heap_create(options: *const HeapOptions) -> *mut Heap;
    pub fn mete_heap_destroy(heap: *mut Heap);
    pub fn mete_heap_reset(heap: *mut Heap);
    pub fn mete_heap_allocate(heap: *mut Heap, size: usize, align: usize) -> *mut u8;
    pub fn mete_heap_allocate_zeroed(heap: *mut Heap, size: usize, align: usize) -> *mut u8;
    pub fn mete_heap_deallocate(heap: *mut Heap, block: *mut u8);
    pub fn mete_heap_reallocate(
        heap: *mut Heap,
        block: *mut u8,
        new_size: usize,
        align: usize,
    ) -> *mut u8;
    pub fn mete_heap_usable_size(heap: *const Heap, block: *const u8) -> usize;
    pub fn mete_heap_owns(heap: *const Heap, address: *const u8) -> i32;
    pub fn mete_heap_allocate_batch(
        heap: *mut Heap,
        size: usize,
        align: usize,
        blocks: *mut *mut u8,
        count: usize,
    ) -> usize;
    pub fn mete_heap_deallocate_batch(heap: *mut Heap, blocks: *const *mut u8, count: usize);
    pub fn mete_heap_get_statistics(heap: *const Heap, out: *mut crate::HeapStatistics);

    pub fn mete_rust_space_new(memory: *mut u8, bytes: usize) -> *mut Space;
    pub fn mete_rust_space_add_region(space: *mut Space, memory: *mut u8, bytes: usize) -> bool;
    pub fn mete_rust_space_alloc(space: *mut Space, size: usize, align: usize) -> *mut u8;
    pub fn mete_rust_space_dealloc(space: *mut Space, block: *mut u8);
    pub fn mete_rust_space_realloc(
        space: *mut Space,
        block: *mut u8,
        new_size: usize,
        align: usize,
    ) -> *mut u8;
    pub fn mete_rust_space_usable_size(block: *const u8) -> usize;
    pub fn mete_rust_space_reset(space: *mut Space);
    pub fn mete_rust_space_set_limit(space: *mut Space, footprint: usize);
    pub fn mete_rust_space_owns(space: *const Space, address: *const u8) -> bool;
    pub fn mete_rust_space_statistics(space: *const Space, out: *mut crate::SpaceStatistics);
    pub fn mete_rust_space_check(space: *const Space) -> *const u8;
    pub fn mete_rust_space_walk(
        space: *const Space,
        pieces: *mut crate::Piece,
        count: usize,
    ) -> usize;
}
