// The free runs, found by size: lists by length with a bitmap over them, one set for runs that are
// entirely clean and one for runs with dirty pages.
//
// Up to 255 pages each length has a list of its own; above, four lists per doubling. Best fit: the
// shortest list that can hold the request, in it the lowest address of the first few, which keeps
// the heap dense at its low end. All functions need the lock of PageAllocator.

#pragma once

#include <cstdint>

#include "pages/page_id.hpp"
#include "pages/page_record.hpp"

namespace mete::pages {

class PageTable;

class FreeRuns {
 public:
  enum Set : std::uint8_t { kDirty, kClean };

  explicit constexpr FreeRuns(PageTable& table) noexcept : table_(table) {}

  // Puts a run into its list. Its records are set here: head, tail, links.
  void insert(Run run) noexcept;

  // Takes the run that starts at `head` out of its list. Its records still say kFree.
  Run remove(PageId head) noexcept;

  // Best fit for `count` pages aligned to `alignment` pages (a power of two). Returns: the head, or
  // no page.
  PageId find(Set set, PageCount count, PageCount alignment) const noexcept;

  // A run among the longest of the set, or no page.
  PageId longest(Set set) const noexcept;

 private:
  static constexpr unsigned kExact = 256;
  static constexpr unsigned kLists = kExact + 4 * 20 + 4;
  static constexpr unsigned kWords = (kLists + 63) / 64;

  static unsigned list_of(PageCount count) noexcept;
  unsigned next_list(Set set, unsigned from) const noexcept;  // kLists if all are empty

  PageTable& table_;
  std::uint32_t head_[2][kLists] = {};
  std::uint64_t occupied_[2][kWords] = {};
};

}  // namespace mete::pages
