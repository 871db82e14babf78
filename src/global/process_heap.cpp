// The functions of the process heap, out of line.

#include "global/process_heap.hpp"

#include "heap/domain.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"
#include "heap/start.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::global {
namespace {

// An allocation starts the engine when it comes first, a free takes the tables for granted: they
// are there before the constructors of the program run.
__attribute__((constructor(101))) void start() { heap::start(); }

}  // namespace

void* allocate(std::size_t bytes) noexcept { return heap::allocate(bytes); }
void* allocate_zeroed(std::size_t bytes) noexcept { return heap::allocate_zeroed(bytes); }
void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
  return heap::allocate_aligned(alignment, bytes);
}
void deallocate(void* pointer) noexcept { heap::deallocate(pointer); }
void* reallocate(void* pointer, std::size_t bytes) noexcept {
  return heap::reallocate(pointer, bytes);
}
std::size_t usable_size(const void* pointer) noexcept { return heap::usable_size(pointer); }

bool trim(std::size_t keep) noexcept {
  if (heap::Heap* heap = heap::current_bins->heap) {
    heap->empty_depot();
    heap->flush();
  }
  while (heap::collect_idle_heaps(~std::uint64_t{0}, 0)) continue;
  bool any = false;
  for (std::uint32_t id = 1; id <= heap::heap_count(); ++id) any |= heap::heap_of(id)->trim();
  pages::PageAllocator& pages = heap::domain.pages;
  if (!pages.window().placed()) return false;
  const std::size_t most = std::size_t{pages::kMaxRun.value};
  const std::size_t kept = keep >> pages.window().page_shift();
  const pages::PageCount purged =
      pages.trim(pages::PageCount(static_cast<std::uint32_t>(kept < most ? kept : most)));
  return any || purged;
}

}  // namespace mete::global
