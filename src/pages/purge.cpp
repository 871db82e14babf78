// How memory goes back to the system: that of free pages that are due, and that of pages in use
// whose contents their user does not need.
//
// Most of what a call of the system costs does not depend on how much it gives back, so stretches
// go together, those of several free runs, too (docs/decisions/0014).

#include "base/check.hpp"
#include "pages/page_allocator.hpp"
#include "port/memory.hpp"

namespace mete::pages {
namespace {

// So many pages are given back at a time, at most, so that nobody waits long for the mmap lock of
// the process; and clean gaps up to this length along with what is around them, since a stretch
// more costs more than skipping them saves.
constexpr PageCount kMostPages{4096};
constexpr PageCount kLongestGap{32};

}  // namespace

// Stretches of free runs that are given back together. From gather() to give_back() the runs are
// out of the lists; the dirty pages in them change only here.
struct PageAllocator::PurgeBatch {
  struct Part {
    Run run;
    std::uint32_t end;  // the stretches before this one, from that of the part before, lie in `run`
  };

  PageCount left;  // pages that there is room for
  std::uint32_t count = 0;
  std::uint32_t parts = 0;
  Stretch stretch[kMostStretches];
  Part part[kMostStretches];

  bool full() const noexcept { return !left || count == kMostStretches; }
};

// Returns: how many of the stretches went back, all before the first that the system refused.
std::uint32_t PageAllocator::decommit(const Stretch* stretches, std::uint32_t count) noexcept {
  METE_ASSERT(count <= kMostStretches);
  port::Range ranges[kMostStretches];
  for (std::uint32_t i = 0; i < count; ++i)
    ranges[i] = {window_.address_of(stretches[i].first), window_.bytes_of(stretches[i].count)};
  return static_cast<std::uint32_t>(port::decommit(ranges, count));
}

// Takes runs with dirty pages out of the lists, longest first, and collects stretches of them.
void PageAllocator::gather(PurgeBatch& batch) noexcept {
  while (!batch.full()) {
    const PageId head = free_.longest(FreeRuns::kDirty);
    if (!head) return;
    const Run run = free_.remove(head);
    if (run.count.value > 1) table_[run.end() - PageCount(1)].clear();
    table_[head].set(PageState::kPurging, run.count);
    PageId from = table_.next_dirty(run.first, run.end());
    while (from < run.end() && !batch.full()) {
      // [from, to): dirty pages, and the short clean gaps between them, up to `end`.
      const PageId end = run.end() - from < batch.left ? run.end() : from + batch.left;
      PageId to = from;
      for (PageId next = from; next < end && next - to <= kLongestGap;) {
        to = table_.next_clean(next, end);
        next = table_.next_dirty(to, end);
      }
      batch.stretch[batch.count++] = {from, to - from};
      batch.left -= to - from;
      from = table_.next_dirty(to, run.end());
    }
    batch.part[batch.parts++] = {run, batch.count};
  }
}

// Returns: pages that are clean now and were not. Locked memory, say, stays dirty: `refused`.
PageCount PageAllocator::give_back(PurgeBatch& batch, bool& refused) noexcept {
  lock_.unlock();
  const std::uint32_t given = decommit(batch.stretch, batch.count);
  lock_.lock();
  ++purge_calls_;
  refused = given < batch.count;
  PageCount cleaned;
  std::uint32_t next = 0;
  for (std::uint32_t i = 0; i < batch.parts; ++i) {
    Run run = batch.part[i].run;
    for (; next < batch.part[i].end && next < given; ++next) {
      const auto [first, count] = batch.stretch[next];
      const PageCount dirty = table_.count_dirty(first, count);
      table_.mark_clean(first, count);
      run.dirty -= dirty;
      cleaned += dirty;
    }
    table_[run.first].clear();
    table_.decommit_inside(free_run(run));
  }
  free_dirty_ -= cleaned;
  purged_ += cleaned.value;
  return cleaned;
}

// Gives back about `want` free dirty pages. Releases lock_ while it talks to the system. Returns:
// pages given back.
PageCount PageAllocator::purge(PageCount want) noexcept {
  PageCount done;
  for (bool refused = false; done < want && !refused;) {
    PurgeBatch batch;
    const PageCount left = want - done;
    batch.left = left < kMostPages ? left : kMostPages;
    gather(batch);
    if (batch.count == 0) break;
    done += give_back(batch, refused);
  }
  return done;
}

// As purge; gives nothing back while another thread purges.
PageCount PageAllocator::try_purge(PageCount want) noexcept {
  if (!purge_lock_.try_lock()) return PageCount();
  const PageCount done = purge(want);
  purge_lock_.unlock();
  return done;
}

void PageAllocator::purge_due() noexcept {
  if (const PageCount due = policy_.due(in_use_, free_dirty_)) policy_.note_purged(try_purge(due));
}

std::uint32_t PageAllocator::purge_in_use(const Stretch* stretches, std::uint32_t count,
                                          Cost cost) noexcept {
  if (cost == Cost::kCredit) {
    const port::ScopedLock guard(lock_);
    std::uint32_t paid = 0;
    for (; paid < count && policy_.credit() >= stretches[paid].count.value; ++paid)
      policy_.note_purged(stretches[paid].count);
    count = paid;
  }
  if (count == 0) return 0;
  const std::uint32_t given = decommit(stretches, count);
  const port::ScopedLock guard(lock_);
  for (std::uint32_t i = 0; i < given; ++i) {
    table_.mark_clean(stretches[i].first, stretches[i].count);
    purged_ += stretches[i].count.value;
  }
  ++purge_calls_;
  return given;
}

void PageAllocator::tick(std::uint64_t milliseconds) noexcept {
  const port::ScopedLock guard(lock_);
  policy_.note_time(milliseconds);
  if (milliseconds < next_look_) return;
  next_look_ = milliseconds + settings_.tick_milliseconds;
  const PageCount due = policy_.due_at_tick(in_use_, idle_dirty_);
  if (due) try_purge(due);
  purge_due();
  idle_dirty_ = free_dirty_;
}

PageCount PageAllocator::trim(PageCount keep) noexcept {
  const port::ScopedLock purge_guard(purge_lock_);
  const port::ScopedLock guard(lock_);
  return free_dirty_ > keep ? purge(free_dirty_ - keep) : PageCount();
}

}  // namespace mete::pages
