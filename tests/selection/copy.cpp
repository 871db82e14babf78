// A library with a copy of mete of its own, which nobody outside sees.

#include "mete/global.hpp"

extern "C" __attribute__((visibility("default"))) void* copy_allocate(std::size_t size) {
  return mete::alloc(mete::Layout::from_size_align_unchecked(size, 8));
}
