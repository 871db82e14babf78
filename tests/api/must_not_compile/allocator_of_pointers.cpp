// An allocate that does not say how much it gave.
// error: an Allocator has `mete::Block allocate(mete::Layout) noexcept` (T1)

#include "mete/allocator.hpp"

struct MyAllocator {
#ifdef COMPILES
  mete::Block allocate(mete::Layout) noexcept;
#else
  void* allocate(mete::Layout) noexcept;
#endif
  void deallocate(void*, mete::Layout) noexcept;
};
static_assert(mete::check_allocator<MyAllocator>());
