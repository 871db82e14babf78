// The array forms of operator new: each calls the single-object form ([new.delete.array]), which
// may be the program's.

#include <new>

#include <cstddef>

#include "base/compiler.hpp"

METE_EXPORT __attribute__((weak)) void* operator new[](std::size_t bytes) {
  return ::operator new(bytes);
}

METE_EXPORT __attribute__((weak)) void* operator new[](std::size_t bytes,
                                                       std::align_val_t alignment) {
  return ::operator new(bytes, alignment);
}
