// An allocator that allocates through the global allocator, which it is itself (B11).

#include "mete/global.hpp"

namespace {

struct Cyclic {
  static void* alloc(mete::Layout layout) noexcept { return mete::Global::alloc(layout); }
  static void dealloc(void* ptr, mete::Layout layout) noexcept {
    mete::Global::dealloc(ptr, layout);
  }
};
Cyclic cyclic;

}  // namespace

METE_GLOBAL_ALLOCATOR(cyclic);

int main() { return mete::alloc(mete::Layout::of<int>()) == nullptr; }
