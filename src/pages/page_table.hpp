// Everything that is known of pages, by page number: their records and their dirty bits.
//
// A page is *dirty* when it may hold something else than zeroes, and so also physical memory. The
// bit of a page in use says what it was when it was taken; it is brought up to date when the page
// is given back.

#pragma once

#include <atomic>
#include <bit>
#include <cstdint>

#include "base/bits.hpp"
#include "pages/page_id.hpp"
#include "pages/page_record.hpp"
#include "pages/sparse_array.hpp"

namespace mete::pages {

class PageTable {
 public:
  // Makes the records of a range and of the pages on both sides of it exist. Returns: false when
  // there is no memory.
  bool ensure(PageId first, PageCount count) noexcept {
    const std::uint32_t low = first.value - 1;
    const std::uint32_t high = (first + count).value;
    return records_.ensure(low, high) && dirty_.ensure(low / 64, high / 64);
  }

  // Requires: ensure() succeeded for the page or a neighbour of it.
  PageRecord& operator[](PageId page) const noexcept { return records_[page.value]; }

  // The record of any page, null if it was never ours.
  PageRecord* find(PageId page) const noexcept { return records_.find(page.value); }

  // Dirty pages among [first, first + count).
  PageCount count_dirty(PageId first, PageCount count) const noexcept {
    std::uint32_t sum = 0;
    for_each_word(first, count, [&](std::atomic<std::uint64_t>& word, std::uint64_t mask) {
      const std::uint64_t clean = ~word.load(std::memory_order_relaxed) & mask;
      // All or none, most of the time: a population count is a call on old processors.
      if (clean == mask) return;
      sum += clean == 0 ? span(mask) : static_cast<std::uint32_t>(std::popcount(mask & ~clean));
    });
    return PageCount(sum);
  }

  // Which of the pages [first, first + count) are dirty, as bits. Requires: count <= 64.
  std::uint64_t dirty_bits(PageId first, PageCount count) const noexcept {
    std::uint64_t bits = 0;
    unsigned done = 0;
    for_each_word(first, count, [&](std::atomic<std::uint64_t>& word, std::uint64_t mask) {
      bits |= (word.load(std::memory_order_relaxed) & mask) >> std::countr_zero(mask) << done;
      done += span(mask);
    });
    return bits;
  }

  // Under the lock: words are shared by neighbouring runs. Relaxed atomics, since owners of runs
  // read without it.
  void mark_dirty(PageId first, PageCount count) noexcept {
    for_each_word(first, count, [](std::atomic<std::uint64_t>& word, std::uint64_t mask) {
      word.store(word.load(std::memory_order_relaxed) | mask, std::memory_order_relaxed);
    });
  }

  // The same for those of [first, first + count) whose bit is set. Requires: count <= 64.
  void mark_dirty(PageId first, PageCount count, std::uint64_t bits) noexcept {
    for_each_word(first, count, [&](std::atomic<std::uint64_t>& word, std::uint64_t mask) {
      const std::uint64_t here = bits << std::countr_zero(mask) & mask;
      word.store(word.load(std::memory_order_relaxed) | here, std::memory_order_relaxed);
      if (const unsigned length = span(mask); length < 64) bits >>= length;
    });
  }

  void mark_clean(PageId first, PageCount count) noexcept {
    for_each_word(first, count, [](std::atomic<std::uint64_t>& word, std::uint64_t mask) {
      word.store(word.load(std::memory_order_relaxed) & ~mask, std::memory_order_relaxed);
    });
  }

  bool is_dirty(PageId page) const noexcept {
    return (dirty_[page.value / 64].load(std::memory_order_relaxed) >> (page.value % 64) & 1) != 0;
  }

  // The first page of [from, end) that is dirty (or clean), `end` if there is none.
  PageId next_dirty(PageId from, PageId end) const noexcept { return next(from, end, 0); }
  PageId next_clean(PageId from, PageId end) const noexcept {
    return next(from, end, ~std::uint64_t{0});
  }

  // Gives back the memory of records inside a free run: they are zero (page_record.hpp). For long
  // runs only.
  void decommit_inside(const Run& run) noexcept;

 private:
  // Bits of a mask as for_each_word() makes them, which is one stretch.
  static unsigned span(std::uint64_t mask) noexcept {
    return 64 - static_cast<unsigned>(std::countl_zero(mask) + std::countr_zero(mask));
  }

  template <class Function>
  void for_each_word(PageId first, PageCount count, Function function) const noexcept {
    std::uint32_t page = first.value;
    std::uint32_t left = count.value;
    while (left != 0) {
      const unsigned bit = page % 64;
      const unsigned here = left < 64 - bit ? left : 64 - bit;
      function(dirty_[page / 64], base::bit_span(bit, here));
      page += here;
      left -= here;
    }
  }

  PageId next(PageId from, PageId end, std::uint64_t flip) const noexcept {
    while (from < end) {
      const std::uint64_t word = dirty_[from.value / 64].load(std::memory_order_relaxed) ^ flip;
      const std::uint64_t rest = word >> (from.value % 64);
      if (rest != 0) {
        const PageId found = from + PageCount(static_cast<std::uint32_t>(std::countr_zero(rest)));
        return found < end ? found : end;
      }
      from = PageId((from.value | 63) + 1);
    }
    return end;
  }

  // Chunks of 65536 pages: 1 MiB of records and 8 KiB of bits for 256 MiB of 4 KiB pages.
  using Records = SparseArray<PageRecord, 32, 16>;
  Records records_;
  SparseArray<std::atomic<std::uint64_t>, 26, 10> dirty_;
};

}  // namespace mete::pages
