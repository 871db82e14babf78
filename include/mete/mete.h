/* The C interface of mete: choosing the allocator of a program.
 *
 * A program that says nothing uses mete's own heap. One that wants another allocator defines its
 * functions and names them once, in any of its C or C++ files:
 *
 *   METE_GLOBAL_ALLOCATOR_TABLE = {.allocate = my_allocate, .deallocate = my_deallocate};
 *
 * Twice is a link error (multiple definition), since a program has exactly one (P3, B10). C++
 * programs use METE_GLOBAL_ALLOCATOR (mete/global.hpp) with an object instead.
 * Contract: requirements B1 to B12, after the allocator crates of early Rust. */

#ifndef METE_METE_H
#define METE_METE_H

#include <stddef.h>

#if defined(__GNUC__)
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

  /* B5. The size that a request would really give. Null: `size`. */
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

#ifdef __cplusplus
}
#endif

#endif
