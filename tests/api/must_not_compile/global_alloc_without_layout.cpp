// An alloc that is not told the alignment.
// error: a GlobalAlloc has `void* alloc(mete::Layout) noexcept` (G1, G7)

#include "mete/global_alloc.hpp"

struct MyAllocator {
#ifdef COMPILES
  void* alloc(mete::Layout) noexcept;
#else
  void* alloc(std::size_t) noexcept;
#endif
  void dealloc(void*, mete::Layout) noexcept;
};
static_assert(mete::check_global_alloc<MyAllocator>());
