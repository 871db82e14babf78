// All forms of operator delete. A size or an alignment given along is not needed: the slab word
// knows. The sized, array and nothrow forms call the plain form by its public name
// ([new.delete.single], [new.delete.array]), which may be the program's; each is weak, so that a
// program that replaces one in a static link keeps its own.

#include <new>

#include <cstddef>

#include "abi/with_malloc.hpp"
#include "base/compiler.hpp"
#include "heap/fast_path.hpp"

#define METE_REPLACEABLE METE_EXPORT __attribute__((weak))

METE_REPLACEABLE void operator delete(void* block) noexcept { mete::heap::deallocate(block); }
METE_REPLACEABLE void operator delete(void* block, std::align_val_t) noexcept {
  mete::heap::deallocate(block);
}

METE_REPLACEABLE void operator delete(void* block, std::size_t) noexcept {
  ::operator delete(block);
}
METE_REPLACEABLE void operator delete(void* block, const std::nothrow_t&) noexcept {
  ::operator delete(block);
}
METE_REPLACEABLE void operator delete(void* block, std::size_t,
                                      std::align_val_t alignment) noexcept {
  ::operator delete(block, alignment);
}
METE_REPLACEABLE void operator delete(void* block, std::align_val_t alignment,
                                      const std::nothrow_t&) noexcept {
  ::operator delete(block, alignment);
}
METE_REPLACEABLE void operator delete[](void* block) noexcept { ::operator delete(block); }
METE_REPLACEABLE void operator delete[](void* block, std::align_val_t alignment) noexcept {
  ::operator delete(block, alignment);
}
METE_REPLACEABLE void operator delete[](void* block, std::size_t) noexcept {
  ::operator delete[](block);
}
METE_REPLACEABLE void operator delete[](void* block, const std::nothrow_t&) noexcept {
  ::operator delete[](block);
}
METE_REPLACEABLE void operator delete[](void* block, std::size_t,
                                        std::align_val_t alignment) noexcept {
  ::operator delete[](block, alignment);
}
METE_REPLACEABLE void operator delete[](void* block, std::align_val_t alignment,
                                        const std::nothrow_t&) noexcept {
  ::operator delete[](block, alignment);
}
