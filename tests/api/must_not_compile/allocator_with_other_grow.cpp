// A grow that takes the new size only.
// error: `mete::Block grow(void*, mete::Layout, mete::Layout) noexcept` (T4)

#include "mete/allocator.hpp"

struct MyAllocator {
  mete::Block allocate(mete::Layout) noexcept;
  void deallocate(void*, mete::Layout) noexcept;
#ifdef COMPILES
  mete::Block grow(void*, mete::Layout, mete::Layout) noexcept;
#else
  mete::Block grow(void*, mete::Layout, std::size_t) noexcept;
#endif
};
static_assert(mete::check_allocator<MyAllocator>());
