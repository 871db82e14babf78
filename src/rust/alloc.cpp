// The global allocator of a Rust program: the process heap by layout, and its start.
//
// The size chooses the bin, which is done on the side of Rust: where a layout is a constant, so is
// its bin. On the way back the size is not looked at: the word of the slab has to be read to learn
// whose the block is, and says its class as well, so any size between what was asked for and what
// was given is as good (T10).
// Contract: requirements G1 to G8. Sizes are not 0, alignments are powers of two, and a size
// rounded up to its alignment is at most PTRDIFF_MAX (L2): Rust's layouts are such.

#include <cstddef>
#include <cstdint>

#include "global/default_heap.hpp"
#include "global/process.hpp"
#include "global/process_heap.hpp"
#include "global/settings.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"
#include "heap/start.hpp"
#include "mete/layout.hpp"
#include "mete/mete.h"
#include "port/modules.hpp"

// 1: part of a program without a dynamic loader.
#if !defined(METE_IS_STATIC)
#define METE_IS_STATIC 0
#endif

namespace {

namespace heap = mete::heap;
using mete::global::Default;

// A free takes the tables for granted, so they are there before anything of the program runs. The
// statistics file of `mete run` is not for this heap: it belongs to the malloc of the program. In a
// library that a program loads, the ends of threads outlive a dlclose.
__attribute__((constructor(101))) void start() {
#if !METE_IS_STATIC
  mete::port::keep_loaded();
#endif
  heap::start();
  mete::global::read_options();
}
__attribute__((destructor(101))) void finish() { mete::global::finish_process(); }

mete::Layout layout(std::size_t size, std::size_t align) noexcept {
  return mete::Layout::from_size_align_unchecked(size, align);
}

}  // namespace

extern "C" {

// A block of the class whose bin lies `bin` bytes into the bins (rust/mete/src/size_class.rs).
void* mete_rust_alloc_of_class(std::uint32_t bin) noexcept { return heap::pop(bin); }

// What no class is large enough for.
void* mete_rust_alloc_large(std::size_t size, std::size_t align) noexcept {
  return align <= heap::kGranule ? heap::allocate_large(size) : heap::allocate_aligned(align, size);
}

void mete_rust_dealloc(void* block) noexcept { heap::deallocate(block); }

void* mete_rust_alloc_zeroed(std::size_t size, std::size_t align) noexcept {
  return Default::alloc_zeroed(layout(size, align));
}

void* mete_rust_realloc(void* block, std::size_t size, std::size_t align,
                        std::size_t new_size) noexcept {
  return Default::realloc(block, layout(size, align), new_size);
}

// Resizes without moving. Returns: bytes that may be used now; `size` if that was not possible.
std::size_t mete_rust_resize_in_place(void* block, std::size_t size, std::size_t align,
                                      std::size_t new_size) noexcept {
  return Default::realloc_in_place(block, layout(size, align), new_size);
}

// Bytes that may be used of a block, and of one that would be asked for.
std::size_t mete_rust_usable_size(const void* block) noexcept {
  return mete::global::usable_size(block);
}
std::size_t mete_rust_good_size(std::size_t size, std::size_t align) noexcept {
  return Default::usable_size(layout(size, align));
}

std::size_t mete_rust_alloc_batch(std::size_t size, std::size_t align, void** blocks,
                                  std::size_t count) noexcept {
  return Default::alloc_batch(layout(size, align), {blocks, count});
}
void mete_rust_dealloc_batch(void* const* blocks, std::size_t count) noexcept {
  heap::deallocate_batch(blocks, count);
}

// As mete_heap_create. Here, so that a program with nothing but heaps of its own starts, too.
mete_heap* mete_rust_heap_create(const mete_heap_options* options) noexcept {
  return mete_heap_create(options);
}

}  // extern "C"
