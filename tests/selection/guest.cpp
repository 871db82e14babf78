// A library that is a guest: what it allocates comes from the malloc of the program that loads it.

#include "mete/global.hpp"
#include "mete/typed.hpp"

struct Node {
  int key;
  const char* text;
};

// Blocks of every kind, which the host gives back with free.
extern "C" __attribute__((visibility("default"))) int guest_blocks(void** blocks, int count) {
  int done = 0;
  const auto layout = mete::Layout::from_size_align_unchecked(100, 8);
  blocks[done++] = mete::make<Node>(7, "seven");
  blocks[done++] = mete::alloc(layout);
  blocks[done++] = mete::alloc_zeroed(layout);
  blocks[done++] = mete::realloc(mete::alloc(layout), layout, 5000);
  blocks[done++] = mete::alloc(mete::Layout::from_size_align_unchecked(64, 64));
  if (mete::alloc_batch(layout, {blocks + done, 2}) != 2) return -1;
  done += 2;
  return done <= count ? done : -1;
}

// Takes a block of the host's malloc.
extern "C" __attribute__((visibility("default"))) void guest_free(void* block) {
  mete::dealloc(block, mete::Layout::from_size_align_unchecked(100, 8));
}
