// Insert, remove and best fit over the lists of free runs.

#include "pages/free_runs.hpp"

#include <bit>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "pages/page_table.hpp"

namespace mete::pages {
namespace {

// How many runs of a list are looked at: all runs of a short list have the same length, so few are
// enough to find a low address; in a list of mixed lengths more are needed to find a good fit.
constexpr int kLooksExact = 8;
constexpr int kLooksMixed = 64;

constexpr PageId align(PageId page, PageCount alignment) noexcept {
  return PageId(base::round_up(page.value, alignment.value));
}

}  // namespace

unsigned FreeRuns::list_of(PageCount count) noexcept {
  if (count.value < kExact) return count.value;
  const unsigned log = base::log2_floor(count.value);
  return kExact + (log - 8) * 4 + (count.value >> (log - 2) & 3);
}

unsigned FreeRuns::next_list(Set set, unsigned from) const noexcept {
  for (unsigned word = from / 64; word < kWords; ++word) {
    std::uint64_t bits = occupied_[set][word];
    if (word == from / 64) bits &= ~std::uint64_t{0} << (from % 64);
    if (bits != 0) return word * 64 + static_cast<unsigned>(std::countr_zero(bits));
  }
  return kLists;
}

void FreeRuns::insert(Run run) noexcept {
  METE_ASSERT(run.count.value != 0 && run.count <= kMaxRun && run.dirty <= run.count);
  const Set set = run.dirty ? kDirty : kClean;
  const unsigned list = list_of(run.count);
  if (run.count.value > 1) table_[run.end() - PageCount(1)].set(PageState::kFreeTail, run.count);
  PageRecord& record = table_[run.first];
  record.set(PageState::kFree, run.count);
  record.dirty = run.dirty.value;
  record.previous = 0;
  record.next = head_[set][list];
  if (record.next != 0) table_[PageId(record.next)].previous = run.first.value;
  head_[set][list] = run.first.value;
  occupied_[set][list / 64] |= std::uint64_t{1} << (list % 64);
}

Run FreeRuns::remove(PageId head) noexcept {
  const PageRecord& record = table_[head];
  METE_ASSERT(record.state() == PageState::kFree);
  const Run run{head, record.length(), PageCount(record.dirty)};
  const Set set = run.dirty ? kDirty : kClean;
  const unsigned list = list_of(run.count);
  if (record.next != 0) table_[PageId(record.next)].previous = record.previous;
  if (record.previous != 0) {
    table_[PageId(record.previous)].next = record.next;
  } else {
    head_[set][list] = record.next;
    if (record.next == 0) occupied_[set][list / 64] &= ~(std::uint64_t{1} << (list % 64));
  }
  return run;
}

PageId FreeRuns::find(Set set, PageCount count, PageCount alignment) const noexcept {
  for (unsigned list = next_list(set, list_of(count)); list < kLists;
       list = next_list(set, list + 1)) {
    PageId best;
    PageCount best_length;
    int looks = list < kExact ? kLooksExact : kLooksMixed;
    for (PageId head(head_[set][list]); head && looks != 0;
         head = PageId(table_[head].next), --looks) {
      const PageCount length = table_[head].length();
      if (align(head, alignment) - head + count > length) continue;
      if (!best || length < best_length || (length == best_length && head < best)) {
        best = head;
        best_length = length;
      }
    }
    if (best) return best;
  }
  return PageId();
}

PageId FreeRuns::longest(Set set) const noexcept {
  for (unsigned word = kWords; word-- != 0;) {
    if (occupied_[set][word] != 0) {
      return PageId(head_[set][word * 64 + base::log2_floor(occupied_[set][word])]);
    }
  }
  return PageId();
}

}  // namespace mete::pages
