// Where address space comes from and goes back to: growing, releasing and moving. How memory goes
// back: purge.cpp.

#include <string.h>

#include "base/address_space.hpp"
#include "base/bits.hpp"
#include "base/check.hpp"
#include "pages/page_allocator.hpp"
#include "port/memory.hpp"

namespace mete::pages {
namespace {

// Ranges are multiples of this, so that slabs find their alignment in them.
constexpr std::size_t kRangeUnit = std::size_t{64} << 10;

constexpr std::size_t kHugePage = std::size_t{2} << 20;

// How often everything is purged for one request, if others go on giving pages meanwhile.
constexpr int kMostRounds = 4;

}  // namespace

void PageAllocator::configure(const Settings& settings) noexcept {
  const port::ScopedLock guard(lock_);
  const std::size_t page = port::page_size();
  settings_ = settings;
  window_.set_page_size(page);
  policy_.configure({PageCount(static_cast<std::uint32_t>(settings.retain_bytes / page)),
                     settings.retain_percent, settings.purge_bytes_per_second / page});
}

// The smallest range that holds `need` pages, 0 if that is more than a run may have.
std::size_t PageAllocator::range_for(PageCount need) const noexcept {
  const std::size_t bytes = base::round_up(window_.bytes_of(need), kRangeUnit);
  return bytes <= window_.bytes_of(kMaxRun) ? bytes : 0;
}

// Makes a free run of at least `need` pages exist. Returns: false when the system refuses.
bool PageAllocator::grow(PageCount need) noexcept {
  const std::size_t least = range_for(need);
  if (least == 0) return false;
  constexpr std::size_t kSmallest = base::kAddressSpace.smallest_step;
  constexpr std::size_t kLargest = base::kAddressSpace.largest_step;
  std::size_t step = window_.bytes_of(reserved_) / 4;
  step = step < kSmallest ? kSmallest : step > kLargest ? kLargest : step;
  step = base::round_up(step < least ? least : step, kRangeUnit);
  return reserve_range(step) || (least < step && reserve_range(least));
}

// No address space, no commit, or our own limit: waits for what another thread is giving back,
// gives back all that is free and tries once more. The gap left may be used by a smaller request of
// ours that does not join its neighbours, so the whole need is asked for again. Returns: no run if
// there is no memory.
Run PageAllocator::take_when_refused(PageCount count, PageCount alignment) noexcept {
  const port::ScopedLock purge_guard(purge_lock_);
  const port::ScopedLock guard(lock_);
  if (const Run run = find_clean_first(count, alignment)) return run;
  const std::size_t least = range_for(count + alignment - PageCount(1));
  if (least == 0) return {};
  // The purge releases the lock: others may give pages meanwhile, that fit or have to be purged,
  // too.
  for (int round = 0; round < kMostRounds && purge(free_dirty_); ++round) {
    if (const Run run = find_clean_first(count, alignment)) return run;
  }
  release_clean();
  return reserve_range(least) ? find_clean_first(count, alignment) : Run{};
}

void PageAllocator::release_free() noexcept {
  const port::ScopedLock purge_guard(purge_lock_);
  const port::ScopedLock guard(lock_);
  purge(free_dirty_);
  release_clean();
}

// A range from the port inside the window, null if there is none. The first one places it.
// Emulators go far away from a hint that is taken, and without one stay where they were.
std::byte* PageAllocator::reserve_inside(std::size_t bytes, std::byte* hint) noexcept {
  auto* const range = static_cast<std::byte*>(port::reserve(bytes, hint));
  if (range == nullptr) return nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(range);
  if (!window_.placed()) window_.place(address);
  if (window_.contains(address, bytes)) return range;
  port::release(range, bytes);
  return hint != nullptr ? reserve_inside(bytes, nullptr) : nullptr;
}

bool PageAllocator::reserve_range(std::size_t bytes) noexcept {
  const std::size_t page = port::page_size();
  const std::size_t limit = settings_.limit_bytes;
  if (limit != 0 && (bytes > limit || std::size_t{reserved_.value} * page > limit - bytes))
    return false;
  // Right below the newest range, so that both join; anywhere else if that is taken.
  std::byte* hint = lowest_ != nullptr ? lowest_ - bytes : nullptr;
  std::byte* const range = reserve_inside(bytes, hint);
  if (range == nullptr) return false;
  const auto address = reinterpret_cast<std::uintptr_t>(range);
  const PageCount count(static_cast<std::uint32_t>(bytes >> window_.page_shift()));
  if (!table_.ensure(window_.page_of(address), count)) {
    port::release(range, bytes);
    return false;
  }
  lowest_ = range;
  reserved_ += count;
  ++growths_;
  const PageId first = window_.page_of(address);
  if (settings_.huge_pages) prefer_huge(first, count);
  free_run({first, count, PageCount()});
  return true;
}

// By rule: only for a heap that is large already and has filled what it had, so that a huge page is
// going to be used.
void PageAllocator::prefer_huge(PageId first, PageCount count) noexcept {
  constexpr std::size_t kLargeHeap = std::size_t{16} << 20;
  const std::size_t before = window_.bytes_of(reserved_ - count);
  if (before < kLargeHeap || window_.bytes_of(in_use_) < before / 10 * 9) return;
  const auto start = reinterpret_cast<std::uintptr_t>(window_.address_of(first));
  const std::uintptr_t from = base::round_up(start, std::uintptr_t{kHugePage});
  const std::uintptr_t to =
      base::round_down(start + window_.bytes_of(count), std::uintptr_t{kHugePage});
  if (from < to) port::prefer_huge_pages(reinterpret_cast<void*>(from), to - from);
}

// Returns the address space of all clean free runs.
void PageAllocator::release_clean() noexcept {
  PageId kept;  // a run that the system refuses to take back ends the loop when it comes up again
  for (PageId head = free_.longest(FreeRuns::kClean); head && head != kept;
       head = free_.longest(FreeRuns::kClean)) {
    const Run run = free_.remove(head);
    table_[run.end() - PageCount(1)].clear();
    table_[run.first].clear();
    std::byte* address = window_.address_of(run.first);
    if (port::release(address, window_.bytes_of(run.count))) {
      reserved_ -= run.count;
      if (address == lowest_) lowest_ = nullptr;
    } else {
      kept = run.first;
      free_.insert(run);
    }
  }
}

void PageAllocator::move(PageId from, PageCount count, PageId to) noexcept {
  move_stretch(from, count, to, from + count);
}

// Moves a stretch of the run in use that ends at `end`. A stretch that the system refuses to move,
// since two mappings meet inside, is halved; the last small one is copied. What is left of the run
// after each stays a run in use.
void PageAllocator::move_stretch(PageId from, PageCount count, PageId to, PageId end) noexcept {
  constexpr PageCount kCopied{64};
  std::byte* source = window_.address_of(from);
  const std::size_t bytes = window_.bytes_of(count);
  const port::Move moved = port::move_pages(source, window_.address_of(to), bytes);
  if (moved == port::Move::kRefused && count > kCopied) {
    const PageCount half(count.value / 2);
    move_stretch(from, half, to, end);
    return move_stretch(from + half, count - half, to + half, end);
  }
  const bool copied = moved == port::Move::kRefused;
  if (copied) memcpy(window_.address_of(to), source, bytes);

  const port::ScopedLock guard(lock_);
  const PageId rest = from + count;
  if (rest < end) table_[rest].set(PageState::kInUse, end - rest);
  if (moved == port::Move::kVacated) {
    table_[from].clear();
    table_.mark_clean(from, count);
    in_use_ -= count;
    reserved_ -= count;
    return;
  }
  copied ? table_.mark_dirty(from, count) : table_.mark_clean(from, count);
  give_locked(from, count, copied ? count : PageCount());
}

}  // namespace mete::pages
