// Large blocks: runs of whole pages, cached by the heap, grown in place or by moving their page
// tables.

#include <string.h>

#include "base/address_space.hpp"
#include "base/bits.hpp"
#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/thread_heaps.hpp"
#include "port/memory.hpp"

namespace mete::heap {
namespace {

using pages::PageCount;
using pages::PageId;
using pages::Run;

// Moving page tables costs two system calls and splits mappings, copying costs time per byte. The
// threshold doubles with every kMovesPerDoubling moves, so that a program cannot run out of
// mappings by growing blocks.
constexpr std::size_t kLeastMove = std::size_t{1} << 20;
constexpr std::uint64_t kMovesPerDoubling = 4096;
constexpr unsigned kMostDoublings = base::kAddressSpace.run_length_bits + 12 - 20;  // a longest run

// As much of what is cached goes back for each byte that the footprint is about to grow by.
constexpr std::size_t kDrainedPerGrowth = 4;

// Blocks up to this size are copied where free memory is at hand: moving them there would throw it
// away, and the growth of the next block would fault for it.
constexpr std::size_t kMostCopied = std::size_t{8} << 20;

// Zeroes those pages of a fresh run that may hold something.
void zero_dirty(const Run& run) noexcept {
  if (!run.dirty) return;
  const pages::Window& window = domain.pages.window();
  const pages::PageTable& table = domain.pages.table();
  for (PageId from = table.next_dirty(run.first, run.end()); from < run.end();) {
    const PageId to = table.next_clean(from, run.end());
    memset(window.address_of(from), 0, window.bytes_of(to - from));
    from = table.next_dirty(to, run.end());
  }
}

// What a large block takes, no pages if it cannot be.
struct LargeSize {
  PageCount count;
  PageCount alignment;
};

LargeSize large_size(std::size_t bytes, std::size_t alignment) noexcept {
  const unsigned page_shift = domain.pages.window().page_shift();
  const PageCount count = RunCache::pages_for(bytes, page_shift);
  if (!count || alignment >> page_shift > pages::kMaxRun.value) return {};
  const auto aligned_pages = static_cast<std::uint32_t>(alignment >> page_shift);
  return {RunCache::rounded(count), PageCount(aligned_pages != 0 ? aligned_pages : 1)};
}

// The block that a fresh run is, null if there is none.
void* block_in(const Run& run, bool zero) noexcept {
  if (!run) return nullptr;
  if (zero) zero_dirty(run);
  return domain.pages.window().address_of(run.first);
}

}  // namespace

// The footprint is about to grow by a large block. Cached blocks keep slabs from being empty: what
// this heap has goes back, and some of what others have.
METE_NOINLINE void Heap::drain_before_growth(std::size_t bytes) noexcept {
  {
    const port::ScopedLock guard(lock_);
    const std::size_t before = cached_bytes_;
    drain_if_many();
    while (draining() && before - cached_bytes_ < kDrainedPerGrowth * bytes) drain_some();
    if (cached_bytes_ != before) release_empty_slabs();
  }
  drain_for_growth_of(*this);
}

// Pages from the shared pool, those that have memory first.
Run Heap::take_pages(PageCount count, PageCount alignment, bool prefer_clean) noexcept {
  if (!prefer_clean) {
    const Run run = domain.pages.take_dirty(count, alignment);
    if (run.dirty.value <= count.value / 2)
      drain_before_growth(domain.pages.window().bytes_of(count));
    if (run) return run;
  }
  if (const Run run = domain.pages.take(count, alignment, prefer_clean)) return run;
  // No memory: what is cached may be what is missing.
  empty_depot();
  flush();
  collect_all_but(this);
  return domain.pages.take(count, alignment, prefer_clean);
}

void* Heap::allocate_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  const pages::Window& window = domain.pages.window();
  if (bytes <= RunCache::kMostAlone && alignment <= window.page_size()) {
    if (void* block = reuse_run(bytes)) return zero ? memset(block, 0, bytes) : block;
  }
  return take_large(bytes, alignment, zero);
}

void* Heap::take_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  ++large_taken_;
  const LargeSize size = large_size(bytes, alignment);
  if (!size.count) return nullptr;
  slow_event();
  return block_in(take_pages(size.count, size.alignment, false), zero);
}

void* allocate_pages(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  const LargeSize size = large_size(bytes, alignment);
  if (!size.count) return nullptr;
  Run run = domain.pages.take(size.count, size.alignment);
  if (!run) {
    collect_all_but(nullptr);
    run = domain.pages.take(size.count, size.alignment);
  }
  return block_in(run, zero);
}

METE_NOINLINE void Heap::give_run(PageId first, PageCount count) noexcept {
  domain.pages.give(first, count);
  slow_event();
}

void* Heap::resize_large(void* pointer, PageId first, PageCount count, std::size_t bytes) noexcept {
  const unsigned page_shift = domain.pages.window().page_shift();
  PageCount wanted = RunCache::pages_for(bytes, page_shift);
  if (!wanted) return nullptr;
  if (wanted <= count && wanted.value >= count.value - count.value / 4) return pointer;
  slow_event();
  if (wanted < count) {
    domain.pages.shrink_in_place(first, count, wanted);
    return pointer;
  }
  // Growing by a little is followed by growing by a little more: take an eighth on top where it is
  // to be had for nothing (untouched pages have no memory).
  const PageCount exact = wanted;
  if (wanted.value < count.value + count.value / 4) wanted += PageCount(wanted.value / 8);
  wanted = RunCache::rounded(wanted);
  if (wanted > pages::kMaxRun) wanted = exact;
  if (domain.pages.grow_in_place(first, count, wanted) ||
      domain.pages.grow_in_place(first, count, exact)) {
    return pointer;
  }
  const std::size_t room = std::size_t{wanted.value} << page_shift;
  if (void* moved = move_large(pointer, first, count, room)) return moved;
  return move_large(pointer, first, count, bytes);
}

// To another place with `bytes` of room: by copying a small block or into memory that is there
// already, by page tables otherwise.
void* Heap::move_large(void* pointer, PageId first, PageCount count, std::size_t bytes) noexcept {
  const pages::Window& window = domain.pages.window();
  const std::size_t old_bytes = window.bytes_of(count);
  if (old_bytes < least_move()) {
    void* block = allocate_large(bytes, 1, false);
    if (block == nullptr) return nullptr;
    memcpy(block, pointer, old_bytes);
    free_large(domain.pages.table()[first], first, count);
    return block;
  }
  const PageCount wanted = RunCache::rounded(RunCache::pages_for(bytes, window.page_shift()));
  Run run = domain.pages.take_dirty(wanted, PageCount(1));
  const bool copy = run.dirty.value > wanted.value / 2 && old_bytes <= kMostCopied;
  if (!run) run = take_pages(wanted, PageCount(1), true);
  if (!run) return nullptr;
  std::byte* block = window.address_of(run.first);
  if (copy) {
    memcpy(block, pointer, old_bytes);
    domain.pages.give(first, count);
  } else {
    domain.pages.move(first, count, run.first);
    const port::ScopedLock guard(lock_);
    ++counts_.moves;
  }
  return block;
}

// Bytes from which a block that has to move may do so by page tables.
std::size_t Heap::least_move() noexcept {
  const port::ScopedLock guard(lock_);
  const std::uint64_t doublings = counts_.moves / kMovesPerDoubling;
  return kLeastMove << (doublings < kMostDoublings ? doublings : kMostDoublings);
}

}  // namespace mete::heap
