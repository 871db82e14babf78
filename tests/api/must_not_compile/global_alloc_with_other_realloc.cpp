// A realloc as C has it is no realloc of a GlobalAlloc, and is not passed over either.
// error: `void* realloc(void*, mete::Layout, std::size_t) noexcept` (G4, G7)

#include "mete/global_alloc.hpp"

struct MyAllocator {
  void* alloc(mete::Layout) noexcept;
  void dealloc(void*, mete::Layout) noexcept;
#ifdef COMPILES
  void* realloc(void*, mete::Layout, std::size_t) noexcept;
#else
  void* realloc(void*, std::size_t) noexcept;
#endif
};
void* twice(MyAllocator& a, void* ptr, mete::Layout layout) {
  return mete::realloc(a, ptr, layout, 2 * layout.size());
}
