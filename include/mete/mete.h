/* The C interface of mete: choosing the allocator of a program, and heaps of one's own.
 *
 * A program that says nothing uses mete's own heap. One that wants another allocator defines its
 * functions and names them once, in any of its C or C++ files:
 *
 *   METE_GLOBAL_ALLOCATOR_TABLE = {.allocate = my_allocate, .deallocate = my_deallocate};
 *
 * Twice is a link error (multiple definition), since a program has exactly one (P3, B10). C++
 * programs use METE_GLOBAL_ALLOCATOR (mete/global.hpp) with an object instead.
 * Contract: requirements B1 to B12, after the allocator crates of early Rust.
 *
 * A heap is the same engine apart from the process, and ends in one shot:
 *
 *   mete_heap* heap = mete_heap_create(NULL);
 *   void* block = mete_heap_allocate(heap, 100, 8);
 *   mete_heap_destroy(heap);                               with all its blocks
 */

#ifndef METE_METE_H
#define METE_METE_H

#include <stddef.h>

/* 1 in a shared library that is a guest in programs it does not control (mete::guest): what it has
 * of mete is its own and not seen outside. */
#if !defined(METE_GUEST)
#define METE_GUEST 0
#endif

#if METE_GUEST
#define METE_API __attribute__((visibility("hidden")))
#elif defined(__GNUC__)
#define METE_API __attribute__((visibility("default")))
#else
#define METE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The functions of an allocator. Sizes and alignments are in bytes; sizes are not 0, alignments are
 * powers of two. Any thread may call any of them at any time. None may throw, none may allocate
 * through mete's global allocator: that is this one, and is reported as an error (B11). Null where
 * the comment says so: a default is used then. `self` is what the table says. */
typedef struct mete_global_allocator {
  void* self;

  /* B1. A block of at least `size` bytes, or null. Required. */
  void* (*allocate)(void* self, size_t size, size_t align);

  /* B2. Takes a block back; `size` and `align` are those that it was last asked for with. Required.
   */
  void (*deallocate)(void* self, void* block, size_t size, size_t align);

  /* B3. The block with new_size bytes, moved if need be, and its first min(size, new_size) bytes;
   * null, and the block as it was, if there is no memory. Null: allocate, copy, deallocate. */
  void* (*reallocate)(void* self, void* block, size_t size, size_t new_size, size_t align);

  /* B4. Resizes without moving. Returns: the size that may be used now, at least new_size; `size`
   * if that was not possible. Null: it never is. */
  size_t (*reallocate_inplace)(void* self, void* block, size_t size, size_t new_size, size_t align);

  /* B5. The size that a request would really give, or less than that. Null: `size`. */
  size_t (*usable_size)(void* self, size_t size, size_t align);

  /* As allocate, all bytes zero. Null: allocate, then zeros. */
  void* (*allocate_zeroed)(void* self, size_t size, size_t align);
} mete_global_allocator;

/* The table of the program. Its name is what a linker prints when a program chooses twice. */
METE_API extern const mete_global_allocator METE_GLOBAL_ALLOCATOR_may_be_used_once_per_program;

#define METE_GLOBAL_ALLOCATOR_TABLE \
  const mete_global_allocator METE_GLOBAL_ALLOCATOR_may_be_used_once_per_program

/* The global allocator, whichever it is: allocate and deallocate as above, null if there is no
 * memory. The defaults of a table hold where it has no function. Any thread may call. */
METE_API void* mete_allocate(size_t size, size_t align);
METE_API void* mete_allocate_zeroed(size_t size, size_t align);
METE_API void mete_deallocate(void* block, size_t size, size_t align);
METE_API void* mete_reallocate(void* block, size_t size, size_t new_size, size_t align);
METE_API size_t mete_reallocate_inplace(void* block, size_t size, size_t new_size, size_t align);
METE_API size_t mete_usable_size(size_t size, size_t align);

/* Many blocks of one size and alignment at a time, faster than a loop: fills blocks[0] to
 * blocks[count - 1]. Returns: how many there are; fewer when there is no memory. The second takes
 * blocks back, whichever thread or heap each came from. */
METE_API size_t mete_allocate_batch(size_t size, size_t align, void** blocks, size_t count);
METE_API void mete_deallocate_batch(void* const* blocks, size_t count, size_t size, size_t align);

/* Heaps (mete/heap.hpp is the same for C++). Any thread may call anything on a heap, but for
 * mete_heap_reset and mete_heap_destroy: nobody may be using the heap or its blocks then. Where a
 * heap is null the functions do nothing and return null or 0. Sizes are in bytes. */
typedef struct mete_heap mete_heap;

/* Where a heap gets memory of its user. `take` gives at least *bytes bytes, a multiple of `step`,
 * aligned to two words, and says in *bytes how much it is; null if there is none. `give` takes
 * whole pieces back, several in one call if they are neighbours, and returns 0 if it cannot. They
 * are called one at a time, under the lock of the heap, and may not use it. */
typedef struct mete_memory_source {
  void* (*take)(void* context, size_t* bytes);
  int (*give)(void* context, void* base, size_t bytes); /* null: nothing goes back */
  void* context;
  size_t step; /* a power of two; 0: 64 KiB */
} mete_memory_source;

typedef struct mete_heap_options {
  size_t capacity;  /* memory for small blocks that is taken at once and kept to the end */
  size_t limit;     /* no more is in use at any time, rounded to size classes or pages; 0: none */
  const char* name; /* for statistics; its first 31 characters are kept; null is "" */

  /* Memory of one's own, in place of mete's pages: a buffer, which has to live longer than the
   * heap, a source, or first the one and then the other. The heap itself takes some 1200 bytes of
   * it; a page is enough for a small one. Blocks cost one word more there. */
  void* buffer;
  size_t buffer_size;
  const mete_memory_source* source;
} mete_heap_options;

typedef struct mete_heap_statistics {
  size_t in_use;      /* bytes of blocks in the program's hands, rounded to size classes or pages */
  size_t peak_in_use; /* since the heap began */
  size_t blocks;      /* in the program's hands */
  size_t held;        /* bytes of pages that the heap has, in use or not */
  size_t limit;       /* 0: none */
} mete_heap_statistics;

/* A new heap. Null options: all defaults. Null if there is no memory. */
METE_API mete_heap* mete_heap_create(const mete_heap_options* options);

/* Ends the heap and all its blocks. */
METE_API void mete_heap_destroy(mete_heap* heap);

/* Ends all blocks of the heap at once; it is as new, and keeps its capacity. */
METE_API void mete_heap_reset(mete_heap* heap);

/* A block, or null if there is no memory, more would be in use than the limit allows, or the pair
 * is no layout: size 0, or align no power of two. */
METE_API void* mete_heap_allocate(mete_heap* heap, size_t size, size_t align);
METE_API void* mete_heap_allocate_zeroed(mete_heap* heap, size_t size, size_t align);

/* Takes a block back, or null; a block of elsewhere goes where it came from, as in
 * mete_deallocate. */
METE_API void mete_heap_deallocate(mete_heap* heap, void* block);

/* The block of this heap with new_size bytes, moved inside the heap if need be, and its contents as
 * far as they fit; null, and the block as it was, for the reasons of mete_heap_allocate. */
METE_API void* mete_heap_reallocate(mete_heap* heap, void* block, size_t new_size, size_t align);

/* Bytes that may be used of a block of this heap. */
METE_API size_t mete_heap_usable_size(const mete_heap* heap, const void* block);

/* 1 if the address lies in memory that blocks of this heap may have, else 0. */
METE_API int mete_heap_owns(const mete_heap* heap, const void* address);

/* As mete_allocate_batch and mete_deallocate_batch, with one lock of the heap for all. A block of
 * elsewhere goes where it came from. */
METE_API size_t mete_heap_allocate_batch(mete_heap* heap, size_t size, size_t align, void** blocks,
                                         size_t count);
METE_API void mete_heap_deallocate_batch(mete_heap* heap, void* const* blocks, size_t count);

METE_API void mete_heap_get_statistics(const mete_heap* heap, mete_heap_statistics* statistics);
METE_API const char* mete_heap_name(const mete_heap* heap);

#ifdef __cplusplus
}
#endif

#endif
