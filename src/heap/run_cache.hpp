// Large blocks that a heap has freed and keeps for its next ones: at most one page run per length
// class.
//
// Lengths are exact up to 15 pages, then eight classes per doubling up to 1 MiB; requests are
// rounded up to a class, so a run in the slot of its class fits exactly. The blocks themselves are
// not touched; their records say kCached. The thread that has the heap puts runs in and takes them
// out; any other may take them out too, to give them back when the heap is still. So a slot is
// filled by a plain store and emptied by one atomic exchange.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"
#include "pages/page_id.hpp"
#include "pages/page_record.hpp"
#include "pages/page_table.hpp"

namespace mete::heap {

class RunCache {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{512} << 10;  // of all runs together, or
  static constexpr std::size_t kMostAlone = std::size_t{1} << 20;    // of a single one

  // Pages for `bytes`, no pages if that is none or more than a run can have.
  static constexpr pages::PageCount pages_for(std::size_t bytes, unsigned page_shift) noexcept {
    const std::size_t count = ((bytes - 1) >> page_shift) + 1;  // of 0 bytes more than any run has
    return pages::PageCount(count > pages::kMaxRun.value ? 0 : static_cast<std::uint32_t>(count));
  }

  // A count rounded up to its class, by less than 1/8.
  static constexpr pages::PageCount rounded(pages::PageCount count) noexcept {
    const std::uint32_t rest = count.value - 1;
    if (rest < kExact) return count;
    const unsigned shift = base::log2_floor(rest) - 3;
    return pages::PageCount(((rest >> shift) + 1) << shift);  // 9 to 16 steps of 2^shift pages
  }

  // Owner: a run for `bytes`, no page if there is none. Its record says kInUse then. Requires:
  // 0 < bytes <= kMostAlone.
  METE_INLINE pages::PageId pop(const pages::PageTable& table, std::size_t bytes,
                                unsigned page_shift) noexcept {
    METE_ASSERT(bytes != 0 && bytes <= kMostAlone);
    std::atomic<std::uint32_t>& slot = slot_[kLists[(bytes - 1) >> page_shift] & ~kInexact];
    if (slot.load(std::memory_order_relaxed) == 0) return pages::PageId();
    // acquire: nothing but the block's own memory; pairs with the release of another thread's
    // take().
    const pages::PageId first(slot.exchange(0, std::memory_order_acq_rel));
    if (METE_UNLIKELY(!first)) return first;
    pages::PageRecord& record = table[first];
    const pages::PageCount count = record.length();
    record.set(pages::PageState::kInUse, count);
    set_counts(counts() + kOneReused - count.value);
    return first;
  }

  // Owner: keeps a run. Returns: false if its length is no class, its slot is taken or the cache is
  // full.
  METE_INLINE bool push(pages::PageRecord& record, pages::PageId first, pages::PageCount count,
                        unsigned page_shift) noexcept {
    if (std::size_t{count.value} << page_shift > kMostAlone) return false;
    const unsigned list = kLists[count.value - 1];
    std::atomic<std::uint32_t>& slot = slot_[list & ~kInexact];
    if ((list & kInexact) != 0 || slot.load(std::memory_order_relaxed) != 0) return false;
    const pages::PageCount held = pages();
    if (std::size_t{(held + count).value} << page_shift > kMostBytes && held) return false;
    set_counts(counts() + count.value);
    record.set(pages::PageState::kCached, count);
    slot.store(first.value, std::memory_order_release);
    return true;
  }

  // Any thread: takes a run out for giving it back, no page when there is none. Its record says
  // kInUse.
  pages::PageId take(const pages::PageTable& table) noexcept {
    for (std::atomic<std::uint32_t>& slot : slot_) {
      if (slot.load(std::memory_order_relaxed) == 0) continue;
      const pages::PageId first(slot.exchange(0, std::memory_order_acq_rel));
      if (!first) continue;
      table[first].set(pages::PageState::kInUse, table[first].length());
      return first;
    }
    return pages::PageId();
  }

  // Owner: counts again what others may have taken.
  void recount(const pages::PageTable& table) noexcept {
    pages::PageCount sum;
    for (const std::atomic<std::uint32_t>& slot : slot_) {
      const pages::PageId first(slot.load(std::memory_order_relaxed));
      if (first) sum += table[first].length();
    }
    set_counts(counts() - pages().value + sum.value);
  }

  // Runs that were popped.
  std::uint64_t reused() const noexcept { return counts() / kOneReused; }

  // Pages in the cache, as the owner knows.
  pages::PageCount pages() const noexcept {
    return pages::PageCount(static_cast<std::uint32_t>(counts() % kOneReused));
  }

 private:
  static constexpr std::uint32_t kExact = 15;
  // Pages have 4 KiB at least.
  static constexpr std::size_t kMostPages = kMostAlone >> 12;
  static constexpr unsigned kInexact = 128;
  static constexpr unsigned kListCount = 16 + 4 * 8;  // lengths that are exact: one list each
  static constexpr std::uint64_t kOneReused = std::uint64_t{1} << 16;
  static_assert(kMostPages < kOneReused);

  // By a length less one: the number of its class, and kInexact if the class is longer.
  static consteval std::array<std::uint8_t, kMostPages> make_lists() {
    std::array<std::uint8_t, kMostPages> lists{};
    unsigned list = 0;
    for (std::uint32_t count = 1; count <= kMostPages; ++count) {
      const bool exact = rounded(pages::PageCount(count)).value == count;
      lists[count - 1] = static_cast<std::uint8_t>(list | (exact ? 0 : kInexact));
      if (exact) ++list;
    }
    if (list != kListCount) __builtin_trap();  // does not compile then
    return lists;
  }
  static const std::array<std::uint8_t, kMostPages> kLists;

  std::uint64_t counts() const noexcept { return counts_.load(std::memory_order_relaxed); }
  void set_counts(std::uint64_t counts) noexcept {
    counts_.store(counts, std::memory_order_relaxed);
  }

  std::atomic<std::uint32_t> slot_[kListCount]{};
  // Runs popped * kOneReused + pages in the cache. Written by the owner only; others read it for
  // statistics.
  std::atomic<std::uint64_t> counts_{0};
};

inline constexpr std::array<std::uint8_t, RunCache::kMostPages> RunCache::kLists =
    RunCache::make_lists();
static_assert(RunCache::rounded(pages::PageCount(15)).value == 15);
static_assert(RunCache::rounded(pages::PageCount(16)).value == 16);
static_assert(RunCache::rounded(pages::PageCount(17)).value == 18);
static_assert(RunCache::rounded(pages::PageCount(256)).value == 256);
static_assert(RunCache::rounded(pages::PageCount(257)).value == 288);

}  // namespace mete::heap
