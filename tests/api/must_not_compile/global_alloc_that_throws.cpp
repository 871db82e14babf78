// A dealloc that might throw.
// error: a GlobalAlloc has `void dealloc(void*, mete::Layout) noexcept` (G2, G7)

#include "mete/global_alloc.hpp"

struct MyAllocator {
  void* alloc(mete::Layout) noexcept;
#ifdef COMPILES
  void dealloc(void*, mete::Layout) noexcept;
#else
  void dealloc(void*, mete::Layout);
#endif
};
static_assert(mete::check_global_alloc<MyAllocator>());
