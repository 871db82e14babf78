// The public headers without a hosted library: every adapter that needs no heap and no malloc, on a
// space. That the program links where there is no library shows that none is wanted.

#include <cstddef>
#include <cstdint>

#include "mete/alloc_error.hpp"
#include "mete/allocator_ref.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/fallback.hpp"
#include "mete/locked.hpp"
#include "mete/space.hpp"
#include "mete/std_allocator.hpp"
#include "platform/program.hpp"

namespace {

using mete::Layout;

alignas(16) constinit std::byte memory[4096]{};
constinit mete::Space space;

// Of one thread: says whether it is locked.
struct Mutex {
  bool is_locked = false;
  void lock() noexcept {
    METE_EXPECT(!is_locked);
    is_locked = true;
  }
  void unlock() noexcept {
    METE_EXPECT(is_locked);
    is_locked = false;
  }
};

bool is_zero(const mete::Block& block, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i)
    if (static_cast<const unsigned char*>(block.ptr)[i] != 0) return false;
  return true;
}

// A block of 40 bytes that becomes 100 and then 20, by the contract for containers.
template <class A>
void work(A&& allocator) {
  const Layout small = Layout::from_size_align_unchecked(20, 8);
  const Layout middle = Layout::from_size_align_unchecked(40, 8);
  const Layout large = Layout::from_size_align_unchecked(100, 64);
  mete::Block block = mete::allocate_zeroed(allocator, middle);
  METE_EXPECT(block && is_zero(block, 0, 40));
  static_cast<unsigned char*>(block.ptr)[19] = 7;
  block = mete::grow_zeroed(allocator, block.ptr, middle, large);
  METE_EXPECT(block && reinterpret_cast<std::uintptr_t>(block.ptr) % 64 == 0);
  METE_EXPECT(is_zero(block, 40, 100));
  block = mete::shrink(allocator, block.ptr, large, small);
  METE_EXPECT(block && static_cast<unsigned char*>(block.ptr)[19] == 7);
  mete::deallocate(allocator, block.ptr, small);
}

// The same by the contract in the manner of malloc.
template <class A>
void work_as_malloc(A&& allocator) {
  const Layout layout = Layout::of<std::uint64_t>();
  void* const block = mete::alloc_zeroed(allocator, layout);
  METE_EXPECT(block != nullptr && *static_cast<std::uint64_t*>(block) == 0);
  void* const moved = mete::realloc(allocator, block, layout, 64);
  METE_EXPECT(moved != nullptr && *static_cast<std::uint64_t*>(moved) == 0);
  mete::dealloc(allocator, moved, Layout::from_size_align_unchecked(64, layout.align()));
}

}  // namespace

void test() {
  METE_EXPECT(space.add_region(memory, sizeof(memory)));
  work(space);
  work_as_malloc(space);
  work(mete::by_ref(space));
  work(mete::AllocatorRef(space));
  work_as_malloc(mete::GlobalAllocRef(space));
  work(mete::Locked<mete::ByRef<mete::Space>, Mutex>(space));

  std::byte buffer[128];
  {
    mete::Arena arena(mete::by_ref(space), 256);
    work(arena);
    METE_EXPECT(space.statistics().blocks == 1);
  }
  mete::Fallback fallback{mete::Arena{buffer}, mete::by_ref(space)};
  work(fallback);
  work_as_malloc(fallback);

  mete::StdAllocator<int, mete::ByRef<mete::Space>> ints(space);
  int* const five = ints.allocate(5);
  METE_EXPECT(mete::Space::usable_size(five) >= 5 * sizeof(int));
  ints.deallocate(five, 5);

  METE_EXPECT(space.statistics().blocks == 0 && space.check() == nullptr);
}
