// Taking, giving, growing and shrinking runs. How memory comes from and goes back to the system:
// page_supply.cpp.

#include "pages/page_allocator.hpp"

#include "base/bits.hpp"
#include "base/check.hpp"

namespace mete::pages {
namespace {

// Before clean pages are taken, dirty ones beyond this slack are purged: the footprint then grows
// by the difference only, so the peak is bounded. At least 4 MiB, or short peaks would turn into
// faults (docs/pages.md).
constexpr std::size_t kGrowthSlack = std::size_t{4} << 20;
constexpr PageCount kSmallestPurge{64};

}  // namespace

// Takes `count` aligned pages out of the free run at `head`; what is left on both sides stays free.
Run PageAllocator::cut(PageId head, PageCount count, PageCount alignment) noexcept {
  const Run whole = free_.remove(head);
  const PageId first(base::round_up(whole.first.value, alignment.value));
  const PageCount before = first - whole.first;
  const PageCount after = whole.end() - (first + count);
  const auto dirty_in = [&](PageId part, PageCount length) {
    if (!whole.dirty || !length) return PageCount();
    return whole.dirty == whole.count ? length : table_.count_dirty(part, length);
  };
  const Run taken{first, count, dirty_in(first, count)};
  const Run left{whole.first, before, dirty_in(whole.first, before)};
  const Run right{first + count, after, whole.dirty - taken.dirty - left.dirty};
  if (whole.count.value > 1) table_[whole.end() - PageCount(1)].clear();
  table_[head].clear();
  if (before) free_.insert(left);
  if (after) free_.insert(right);
  table_[first].set(PageState::kInUse, count);
  free_dirty_ -= taken.dirty;
  if (free_dirty_ < idle_dirty_) idle_dirty_ = free_dirty_;
  in_use_ += count;
  if (in_use_.value > peak_in_use_) peak_in_use_ = in_use_.value;
  policy_.note_taken(in_use_ + free_dirty_, count - taken.dirty);
  if constexpr (base::kAudit) audit_sometimes();
  return taken;
}

Run PageAllocator::find_and_cut(FreeRuns::Set set, PageCount count, PageCount alignment) noexcept {
  const PageId head = free_.find(set, count, alignment);
  return head ? cut(head, count, alignment) : Run{};
}

Run PageAllocator::find_clean_first(PageCount count, PageCount alignment) noexcept {
  const Run run = find_and_cut(FreeRuns::kClean, count, alignment);
  return run ? run : find_and_cut(FreeRuns::kDirty, count, alignment);
}

// Puts a run that is in no list and whose records are clear into the lists, joined with its free
// neighbours. Returns: the run that it is part of now.
Run PageAllocator::free_run(Run run) noexcept {
  const auto joins = [&](const PageRecord& record) {
    return record.length() + run.count <= kMaxRun;
  };
  const auto unlist = [&](PageId head) {
    const Run other = free_.remove(head);
    table_[other.first].clear();
    table_[other.end() - PageCount(1)].clear();
    return other;
  };
  const PageRecord& left = table_[run.first - PageCount(1)];
  if ((left.state() == PageState::kFree || left.state() == PageState::kFreeTail) && joins(left)) {
    const Run other = unlist(run.first - left.length());
    run = {other.first, other.count + run.count, other.dirty + run.dirty};
  }
  const PageRecord& right = table_[run.end()];
  if (right.state() == PageState::kFree && joins(right)) {
    const Run other = unlist(run.end());
    run.count += other.count;
    run.dirty += other.dirty;
  }
  free_.insert(run);
  return run;
}

Run PageAllocator::take_dirty(PageCount count, PageCount alignment) noexcept {
  if (count > kMaxRun || alignment > kMaxRun) return {};
  const port::ScopedLock guard(lock_);
  return find_and_cut(FreeRuns::kDirty, count, alignment);
}

Run PageAllocator::take(PageCount count, PageCount alignment, bool prefer_clean) noexcept {
  METE_ASSERT(count.value != 0 && base::is_power_of_two(alignment.value));
  // Both are below 2^29, so the sum does not wrap.
  if (count > kMaxRun || alignment > kMaxRun || count + alignment > kMaxRun) return {};
  {
    const port::ScopedLock guard(lock_);
    if (!prefer_clean) {
      if (const Run run = find_and_cut(FreeRuns::kDirty, count, alignment)) return run;
      // Purge before growing.
      const auto slack = static_cast<std::uint32_t>(kGrowthSlack >> window_.page_shift());
      const PageCount kept(in_use_.value / 8 > slack ? in_use_.value / 8 : slack);
      if (free_dirty_ > kept) try_purge(count < kSmallestPurge ? kSmallestPurge : count);
    }
    // The lock was released by the purge, and clean runs may have joined dirty ones: look at those
    // again.
    if (const Run run = find_clean_first(count, alignment)) return run;
    if (grow(count + alignment - PageCount(1))) return find_clean_first(count, alignment);
  }
  return take_when_refused(count, alignment);
}

// The run's dirty bits are up to date; `dirty` counts them.
void PageAllocator::give_locked(PageId first, PageCount count, PageCount dirty) noexcept {
  table_[first].clear();
  in_use_ -= count;
  free_dirty_ += dirty;
  free_run({first, count, dirty});
  if constexpr (base::kAudit) audit_sometimes();
  purge_due();
}

void PageAllocator::give(PageId first, PageCount count) noexcept {
  const port::ScopedLock guard(lock_);
  table_.mark_dirty(first, count);
  give_locked(first, count, count);
}

void PageAllocator::give_touched(PageId first, PageCount count, std::uint64_t touched) noexcept {
  METE_ASSERT(count.value <= 64);
  const port::ScopedLock guard(lock_);
  table_.mark_dirty(first, count, touched);
  give_locked(first, count, table_.count_dirty(first, count));
}

void PageAllocator::give_untouched(const Run& run) noexcept {
  const port::ScopedLock guard(lock_);
  give_locked(run.first, run.count, run.dirty);
}

bool PageAllocator::grow_in_place(PageId first, PageCount count, PageCount new_count) noexcept {
  METE_ASSERT(count < new_count);
  if (new_count > kMaxRun) return false;
  const port::ScopedLock guard(lock_);
  const PageRecord& right = table_[first + count];
  const PageCount more = new_count - count;
  if (right.state() != PageState::kFree || right.length() < more) return false;
  const Run taken = cut(first + count, more, PageCount(1));
  table_[taken.first].clear();
  table_[first].set(PageState::kInUse, new_count);
  return true;
}

void PageAllocator::shrink_in_place(PageId first, PageCount count, PageCount new_count) noexcept {
  METE_ASSERT(new_count.value != 0 && new_count < count);
  const port::ScopedLock guard(lock_);
  table_[first].set(PageState::kInUse, new_count);
  const PageCount rest = count - new_count;
  table_.mark_dirty(first + new_count, rest);
  give_locked(first + new_count, rest, rest);
}

PageStatistics PageAllocator::statistics() noexcept {
  const port::ScopedLock guard(lock_);
  PageStatistics out;
  out.reserved = reserved_;
  out.in_use = in_use_;
  out.free_dirty = free_dirty_;
  out.free_clean = reserved_ - in_use_ - free_dirty_;
  out.purged = purged_;
  out.purge_calls = purge_calls_;
  out.growths = growths_;
  out.peak_in_use = peak_in_use_;
  return out;
}

void PageAllocator::lock_for_fork() noexcept METE_NO_LOCK_ANALYSIS {
  purge_lock_.lock();  // so no run is on its way while the process is copied
  lock_.lock();
}

void PageAllocator::unlock_after_fork() noexcept METE_NO_LOCK_ANALYSIS {
  lock_.unlock();
  purge_lock_.unlock();
}

void PageAllocator::recover_in_child() noexcept METE_NO_LOCK_ANALYSIS {
  lock_.reset_in_child();
  purge_lock_.reset_in_child();
}

}  // namespace mete::pages
