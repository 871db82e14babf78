// What the exported functions do when there is no memory: C sets errno, operator new calls the
// new_handler and throws. Both come in as the slow half of the fast path, so that the fast half has
// no test for them.

#pragma once

#include <errno.h>

#include <cstddef>

#include "abi/noted_slow_path.hpp"
#include "heap/fast_path.hpp"

namespace mete::abi {

template <class T>
T* or_enomem(T* pointer) noexcept {
  if (METE_UNLIKELY(pointer == nullptr)) errno = ENOMEM;
  return pointer;
}

// For malloc: null and ENOMEM.
struct SetErrno {
  METE_NOINLINE static void* small(heap::Bin& bin) noexcept {
    return or_enomem(allocate_slow_noted(bin));
  }
  METE_NOINLINE static void* large(std::size_t bytes) noexcept {
    return or_enomem(allocate_large_noted(bytes));
  }
};

}  // namespace mete::abi
