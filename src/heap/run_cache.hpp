// Large blocks that a heap has freed and keeps for its next ones: lists of page runs by length class.
//
// Lengths are exact up to 15 pages, then eight classes per doubling up to 1 MiB; requests are rounded up to a class, so
// whatever is in a list fits. The links are in the page records, the blocks themselves are not touched.
// Guarded by the lock of the heap.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bits.hpp"
#include "pages/page_id.hpp"
#include "pages/page_table.hpp"

namespace mete::heap {

class RunCache {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{512} << 10;  // of all runs together, or
  static constexpr std::size_t kMostAlone = std::size_t{1} << 20;    // of a single one

  // The count to ask for so that the run can be found again: `count` rounded up by less than 1/8.
  static constexpr pages::PageCount rounded(pages::PageCount count) noexcept {
    if (count.value < kExact) return count;
    const std::uint32_t step = std::uint32_t{1} << (base::log2_floor(count.value) - 3);
    return pages::PageCount(base::round_up(count.value, step));
  }

  // A cached run of exactly `count` pages, or no page.
  pages::PageId pop(const pages::PageTable& table, pages::PageCount count) noexcept {
    if (count.value >= kLongest) return pages::PageId();
    const unsigned list = list_of(count);
    const pages::PageId first(head_[list]);
    if (!first) return first;
    pages::PageRecord& record = table[first];
    if (record.length() != count) return pages::PageId();
    head_[list] = record.next;
    pages_ -= count;
    record.set(pages::PageState::kInUse, count);
    return first;
  }

  // Keeps a run. Returns: false if it is too long or the cache is full.
  bool push(const pages::PageTable& table, pages::PageId first, pages::PageCount count, unsigned page_shift) noexcept {
    const std::size_t most = pages_ ? kMostBytes : kMostAlone;
    if (count.value >= kLongest || std::size_t{pages_.value + count.value} << page_shift > most) return false;
    pages::PageRecord& record = table[first];
    const unsigned list = list_of(count);
    record.next = head_[list];
    record.set(pages::PageState::kCached, count);
    head_[list] = first.value;
    pages_ += count;
    return true;
  }

  // Takes any run out. Returns: its first page, or no page when the cache is empty. Its record says kInUse.
  pages::PageId pop_any(const pages::PageTable& table) noexcept {
    if (!pages_) return pages::PageId();
    for (std::uint32_t& head : head_) {
      const pages::PageId first(head);
      if (!first) continue;
      pages::PageRecord& record = table[first];
      head = record.next;
      pages_ -= record.length();
      record.set(pages::PageState::kInUse, record.length());
      return first;
    }
    return pages::PageId();
  }

  pages::PageCount pages() const noexcept { return pages_; }

 private:
  static constexpr std::uint32_t kExact = 16;
  static constexpr std::uint32_t kLongest = 512;
  static constexpr unsigned kLists = kExact + 5 * 8;

  static constexpr unsigned list_of(pages::PageCount count) noexcept {
    if (count.value < kExact) return count.value;
    const unsigned log = base::log2_floor(count.value);
    return kExact + (log - 4) * 8 + (count.value >> (log - 3) & 7);
  }

  std::uint32_t head_[kLists] = {};
  pages::PageCount pages_;
};

}  // namespace mete::heap
