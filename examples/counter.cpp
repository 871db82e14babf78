// A wrapper around System that counts the bytes in use: an allocator of one's own, in two
// functions. The base class makes it an Allocator as well, so that containers can be on it.
//
// Prints:
// allocated bytes before main: 4000

#include <atomic>
#include <cstdio>
#include <vector>

#include "mete/both_contracts.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"

struct Counter : mete::AllocatorFromGlobalAlloc<Counter> {
  static inline std::atomic<std::size_t> allocated = 0;  // bytes

  static void* alloc(mete::Layout layout) noexcept {
    void* const ptr = mete::System::alloc(layout);
    if (ptr != nullptr) allocated.fetch_add(layout.size(), std::memory_order_relaxed);
    return ptr;
  }

  static void dealloc(void* ptr, mete::Layout layout) noexcept {
    mete::System::dealloc(ptr, layout);
    allocated.fetch_sub(layout.size(), std::memory_order_relaxed);
  }
};
static_assert(mete::check_global_alloc<Counter>());

// Built before main, like any object at namespace scope.
const std::vector<int, mete::StdAllocator<int, Counter>> table(1000);

int main() {
  std::printf("allocated bytes before main: %zu\n",
              Counter::allocated.load(std::memory_order_relaxed));
}
