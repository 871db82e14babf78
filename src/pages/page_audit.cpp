// The walk over all runs of a PageAllocator that proves its counts and its records. For tests and
// the audit build.

#include "base/check.hpp"
#include "pages/page_allocator.hpp"

namespace mete::pages {

const char* PageAllocator::audit() noexcept {
  const port::ScopedLock guard(lock_);
  return find_fault();
}

// In the audit build: a walk after every 64th change, since a walk looks at every page there is.
void PageAllocator::audit_sometimes() noexcept {
  if (++mutations_ % 64 != 0) return;
  if (const char* fault = find_fault()) base::panic(fault);
}

const char* PageAllocator::find_fault() noexcept {
  if (!window_.placed()) return nullptr;
  PageCount in_use;
  PageCount free;
  PageCount dirty;
  bool previous_free = false;
  PageCount previous_length;
  for (std::uint64_t number = 1; number <= 0xffffffffu;) {
    const PageId page(static_cast<std::uint32_t>(number));
    const PageRecord* record = table_.find(page);
    if (record == nullptr) {  // nothing in this chunk
      number = (number | 0xffff) + 1;
      previous_free = false;
      continue;
    }
    const PageCount length = record->length();
    switch (record->state()) {
      case PageState::kNone:
        if (length) return "a record without state has a length";
        ++number;
        previous_free = false;
        continue;
      case PageState::kFreeTail:
        return "a free run without a head";
      case PageState::kFree: {
        if (previous_free && previous_length + length <= kMaxRun)
          return "two free runs side by side were not joined";
        const PageRecord& tail = table_[page + length - PageCount(1)];
        if (length.value > 1 && (tail.state() != PageState::kFreeTail || tail.length() != length)) {
          return "a free run without its tail";
        }
        if (table_.count_dirty(page, length) != PageCount(record->dirty))
          return "the dirty count of a free run is wrong";
        free += length;
        dirty += PageCount(record->dirty);
        previous_free = true;
        previous_length = length;
        break;
      }
      case PageState::kPurging:
        free += length;
        dirty += table_.count_dirty(page, length);
        previous_free = false;
        break;
      case PageState::kInUse:
      case PageState::kOwned:
      case PageState::kCached:
        in_use += length;
        previous_free = false;
        break;
    }
    if (!length) return "a run of no pages";
    for (std::uint32_t i = 1; i + 1 < length.value; ++i) {
      const PageRecord* inside = table_.find(page + PageCount(i));
      if (inside != nullptr && inside->state() != PageState::kNone)
        return "a record inside a run was not cleared";
    }
    number += length.value;
  }
  if (in_use != in_use_) return "the count of pages in use is wrong";
  if (dirty != free_dirty_) return "the count of free dirty pages is wrong";
  if (in_use + free != reserved_) return "the count of reserved pages is wrong";
  return nullptr;
}

}  // namespace mete::pages
