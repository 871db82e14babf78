/* The allocator of a program, written in C: the table of its functions. What is not in the table
 * has a default. */
// Prints:
// served by the C allocator: 2 blocks
// in use at the end: 0 blocks

#include <mete/mete.h>
#include <stdio.h>
#include <stdlib.h>

static int served, in_use;

static void* my_allocate(void* self, size_t size, size_t align) {
  (void)self;
  /* aligned_alloc wants a multiple of the alignment. */
  void* const block = aligned_alloc(align, (size + align - 1) / align * align);
  if (block != NULL) ++served, ++in_use;
  return block;
}

static void my_deallocate(void* self, void* block, size_t size, size_t align) {
  (void)self, (void)size, (void)align;
  free(block);
  --in_use;
}

METE_GLOBAL_ALLOCATOR_TABLE = {.allocate = my_allocate, .deallocate = my_deallocate};

int main(void) {
  char* text = mete_allocate(6, 1);
  text = mete_reallocate(text, 6, 100, 1);
  printf("served by the C allocator: %d blocks\n", served);
  mete_deallocate(text, 100, 1);
  printf("in use at the end: %d blocks\n", in_use);
  return 0;
}
