// Large blocks that a heap has freed and keeps for its next ones: at most one page run per length
// class.
//
// Lengths are exact up to 15 pages, then eight classes per doubling up to 1 MiB; requests are
// rounded up to a class, so a run in the slot of its class fits exactly. The blocks themselves are
// not touched; their records say kCached. The thread that has the heap puts runs in and takes them
// out; any other may take them out too, to give them back when the heap is still. So a slot is
// filled by a plain store and emptied by one atomic exchange.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "pages/page_id.hpp"
#include "pages/page_record.hpp"
#include "pages/page_table.hpp"

namespace mete::heap {

class RunCache {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{512} << 10;  // of all runs together, or
  static constexpr std::size_t kMostAlone = std::size_t{1} << 20;    // of a single one

  // A count rounded up to its class, by less than 1/8, and the class; kNoClass for runs that are
  // not cached.
  struct Rounded {
    pages::PageCount count;
    unsigned list;
  };
  static constexpr unsigned kNoClass = 16 + 5 * 8;

  // Pages for `bytes`, no pages if that is none or more than a run can have.
  static constexpr pages::PageCount pages_for(std::size_t bytes, unsigned page_shift) noexcept {
    const std::size_t count = ((bytes - 1) >> page_shift) + 1;  // of 0 bytes more than any run has
    return pages::PageCount(count > pages::kMaxRun.value ? 0 : static_cast<std::uint32_t>(count));
  }

  static constexpr Rounded rounded(pages::PageCount count) noexcept {
    return round(count.value - 1);
  }
  // The same for a number of bytes that is not 0.
  static constexpr Rounded rounded(std::size_t bytes, unsigned page_shift) noexcept {
    return round(static_cast<std::uint32_t>((bytes - 1) >> page_shift));
  }

  // Owner: the run of the class, or no page. `count` is that of the class. The record says kInUse
  // then.
  METE_INLINE pages::PageId pop(const pages::PageTable& table, Rounded size) noexcept {
    std::atomic<std::uint32_t>& slot = slot_[size.list];
    if (slot.load(std::memory_order_relaxed) == 0) return pages::PageId();
    // acquire: nothing but the block's own memory; pairs with the release of another thread's
    // take().
    const pages::PageId first(slot.exchange(0, std::memory_order_acq_rel));
    count_pages(pages() - size.count);
    reused_.store(reused() + 1, std::memory_order_relaxed);
    if (first) table[first].set(pages::PageState::kInUse, size.count);
    return first;
  }

  // Owner: keeps a run. Returns: false if its length is no class, its slot is taken or the cache is
  // full.
  METE_INLINE bool push(pages::PageRecord& record, pages::PageId first, pages::PageCount count,
                        unsigned page_shift) noexcept {
    const Rounded size = rounded(count);
    if (size.list == kNoClass || size.count != count) return false;
    std::atomic<std::uint32_t>& slot = slot_[size.list];
    if (slot.load(std::memory_order_relaxed) != 0) return false;
    const pages::PageCount held = pages();
    const pages::PageCount all = held + count;
    if (std::size_t{all.value} << page_shift > (held ? kMostBytes : kMostAlone)) return false;
    count_pages(all);
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
    count_pages(sum);
  }

  // Runs that were popped.
  std::uint64_t reused() const noexcept { return reused_.load(std::memory_order_relaxed); }

  // Pages in the cache, as the owner knows.
  pages::PageCount pages() const noexcept {
    return pages::PageCount(pages_.load(std::memory_order_relaxed));
  }

 private:
  // Of one page more than `rest`.
  METE_INLINE static constexpr Rounded round(std::uint32_t rest) noexcept {
    if (rest < kExact - 1) return {pages::PageCount(rest + 1), rest + 1};
    const unsigned shift = base::log2_floor(rest) - 3;
    const std::uint32_t steps = (rest >> shift) + 1;  // 9 to 16 steps of 2^shift pages
    const unsigned list = kExact + shift * 8 + steps - 16;
    return {pages::PageCount(steps << shift), list < kNoClass ? list : kNoClass};
  }

  void count_pages(pages::PageCount count) noexcept {
    pages_.store(count.value, std::memory_order_relaxed);
  }

  static constexpr std::uint32_t kExact = 16;

  std::atomic<std::uint32_t> slot_[kNoClass + 1]{};  // the last one stays empty
  // Written by the owner only; others read them for statistics.
  std::atomic<std::uint32_t> pages_{0};
  std::atomic<std::uint64_t> reused_{0};
};

static_assert(RunCache::rounded(pages::PageCount(15)).count.value == 15);
static_assert(RunCache::rounded(pages::PageCount(16)).count.value == 16 &&
              RunCache::rounded(pages::PageCount(16)).list == 16);
static_assert(RunCache::rounded(pages::PageCount(17)).count.value == 18 &&
              RunCache::rounded(pages::PageCount(17)).list == 17);
static_assert(RunCache::rounded(pages::PageCount(256)).count.value == 256 &&
              RunCache::rounded(pages::PageCount(257)).count.value == 288);

}  // namespace mete::heap
