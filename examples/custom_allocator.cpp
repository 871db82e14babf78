// An allocator of one's own for the whole program: one line selects it, and everything that goes
// through mete's global allocator is served by it, also what is allocated typed and inline.
//
// Prints:
// 1 block of 24 bytes in use
// 2 blocks of 4024 bytes in use
// 0 blocks of 0 bytes in use

#include <cstdio>
#include <vector>

#include "mete/global.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"
#include "mete/typed.hpp"

namespace {

struct Counter {
  std::size_t blocks = 0, bytes = 0;

  void* alloc(mete::Layout layout) noexcept {
    void* const ptr = mete::System::alloc(layout);
    if (ptr != nullptr) ++blocks, bytes += layout.size();
    return ptr;
  }
  void dealloc(void* ptr, mete::Layout layout) noexcept {
    mete::System::dealloc(ptr, layout);
    --blocks, bytes -= layout.size();
  }

  void print() const {
    std::printf("%zu block%s of %zu bytes in use\n", blocks, blocks == 1 ? "" : "s", bytes);
  }
};

Counter counter;

struct Point {
  double x, y, z;
};

}  // namespace

METE_GLOBAL_ALLOCATOR(counter);

int main() {
  auto* point = mete::make<Point>(1.0, 2.0, 3.0);
  counter.print();
  {
    std::vector<int, mete::StdAllocator<int, mete::Global>> numbers(1000);
    counter.print();
  }
  mete::destroy(point);
  counter.print();
}
