// What is known of a page: the sixteen bytes of out-of-band metadata behind every page of ours.
//
//   free run          |head|    |    |tail|      head: length, dirty, links of its list; tail:
//   length run in use        |head|    |    |    |      head: length owned run         |head|    |
//   |    |      head: length, owner, links of the owner's list
//
// Invariant: every record that is neither head nor tail of a run says kNone. So an address inside a
// run is told from its start without a walk, and a neighbour is found by looking at one record.

#pragma once

#include <atomic>
#include <cstdint>

#include "base/address_space.hpp"
#include "pages/page_id.hpp"

namespace mete::pages {

enum class PageState : std::uint8_t {
  kNone,      // not ours, or inside a run
  kFree,      // head of a free run
  kFreeTail,  // last page of a free run of two or more
  kPurging,   // head of a free run whose pages are being given back right now
  kInUse,     // head of a run that was taken: a large block, or pages of a slab
  kOwned,     // the same for a large block of a shared heap, which has to find it again
  kCached,    // head of a run that was taken and freed, kept by a heap for its next large block
};

struct PageRecord {
  // Length in pages << 4 | state. One word, so that a reader without the lock sees both or neither.
  // Written under the lock of PageAllocator, except between kInUse, kOwned and kCached, which the
  // holder of the run does.
  std::atomic<std::uint32_t> word;
  union {
    std::uint32_t dirty;  // head of a free run: its dirty pages
    std::uint32_t owner;  // head of an owned run: the number of the heap
  };
  std::uint32_t next;      // of both: next and
  std::uint32_t previous;  // previous head in its list, 0 at the ends

  PageState state() const noexcept { return state_of(read()); }
  PageCount length() const noexcept { return length_of(read()); }

  // Both at once: `state_of(word)` and `length_of(word)` of what read() returned.
  std::uint32_t read() const noexcept { return word.load(std::memory_order_relaxed); }
  static PageState state_of(std::uint32_t word) noexcept {
    return static_cast<PageState>(word & 15);
  }
  // Of the head of a large block in the hands of the program.
  static bool is_in_use(PageState state) noexcept {
    return state == PageState::kInUse || state == PageState::kOwned;
  }
  static PageCount length_of(std::uint32_t word) noexcept { return PageCount(word >> 4); }

  void set(PageState state, PageCount length) noexcept {
    word.store(length.value << 4 | static_cast<std::uint32_t>(state), std::memory_order_relaxed);
  }
  void clear() noexcept { word.store(0, std::memory_order_relaxed); }
};
static_assert(sizeof(PageRecord) == 16);

// What the bits of length can say, 28 at most.
inline constexpr PageCount kMaxRun{(1u << base::kAddressSpace.run_length_bits) - 1};
static_assert(base::kAddressSpace.run_length_bits <= 28);

}  // namespace mete::pages
