// The one source of pages of a process: runs of whole pages, for slabs and for large blocks alike.
//
// Best fit over coalesced free runs, dirty ones before clean ones (a page that has memory is
// cheaper than one that needs a fault). Address space comes from the port in growing steps, each
// laid right below the last where the system allows, so that neighbouring ranges join and the
// number of mappings stays small.
//
//   reserved = in use + free,   free = free dirty + free clean   (runs being purged included)
//
// Any thread may call any function; one lock guards everything. It is not held while memory is
// given back to the system: the runs being purged are out of the lists for that time. Whoever
// purges holds a lock of its own all the while; who needs what may be on its way waits for that.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pages/free_runs.hpp"
#include "pages/page_id.hpp"
#include "pages/page_table.hpp"
#include "pages/purge_policy.hpp"
#include "pages/window.hpp"
#include "port/mutex.hpp"

namespace mete::pages {

struct PageStatistics {
  PageCount reserved;             // address space held
  PageCount in_use;               // taken
  PageCount free_dirty;           // free, may have memory
  PageCount free_clean;           // free, has none
  std::uint64_t purged = 0;       // pages given back so far
  std::uint64_t purge_calls = 0;  // times that some were, stretches that are due together as one
  std::uint64_t growths = 0;      // times that address space was reserved
  std::uint64_t peak_in_use = 0;
};

class PageAllocator {
 public:
  struct Settings {
    std::size_t retain_bytes = std::size_t{128} << 10;
    std::uint32_t retain_percent = 6;
    std::uint64_t purge_bytes_per_second = std::uint64_t{16} << 20;
    std::uint64_t tick_milliseconds = 200;
    std::size_t limit_bytes = 0;  // of address space; 0: none
    bool huge_pages = false;
  };

  // The table is apart since it is large and all zero at first, which an allocator is not.
  explicit constexpr PageAllocator(PageTable& table) noexcept : table_(table), free_(table) {}

  // Once, before any other use but configure().
  void start() noexcept { configure(settings()); }

  // At any time.
  void configure(const Settings& settings) noexcept;

  // A run of `count` pages whose first page is a multiple of `alignment` (a power of two). Dirty
  // pages are preferred unless `prefer_clean`. Returns: the run and how many of its pages are
  // dirty, or an empty run if there is no memory.
  Run take(PageCount count, PageCount alignment, bool prefer_clean = false) noexcept;

  // As take, only from what is free and has memory, at least in part.
  Run take_dirty(PageCount count, PageCount alignment) noexcept;

  // Gives back pages that were taken, all of them dirty now. [first, first + count) may be a part
  // of what was taken if the rest was cut off by shrink_in_place.
  void give(PageId first, PageCount count) noexcept;

  // As give, for a run of at most 64 pages of which only those in `touched` (bit 0: the first) were
  // written to.
  void give_touched(PageId first, PageCount count, std::uint64_t touched) noexcept;

  // As give, for a run that was not written to since take() returned it.
  void give_untouched(const Run& run) noexcept;

  // Grows a run into its free right neighbour. Returns: false, changing nothing, if that is not
  // free or too short.
  bool grow_in_place(PageId first, PageCount count, PageCount new_count) noexcept;

  // Cuts a run in use; the tail is given back as dirty.
  void shrink_in_place(PageId first, PageCount count, PageCount new_count) noexcept;

  // Moves the contents of a run in use to another one, by page tables where the system can, and
  // gives the first back.
  void move(PageId from, PageCount count, PageId to) noexcept;

  struct Stretch {
    PageId first;
    PageCount count;
  };
  static constexpr std::uint32_t kMostStretches = 32;
  enum class Cost { kCredit, kAny };

  // Gives back the memory of pages in use whose contents their user does not need: of stretches, at
  // most kMostStretches, one after another as far as there is credit (purge_policy.hpp), or without
  // asking for it. Returns: how many are clean now, from the first on; the others are as before.
  std::uint32_t purge_in_use(const Stretch* stretches, std::uint32_t count, Cost cost) noexcept;

  // Pages that purge_in_use() gave back are written to again.
  void note_needed_again(PageCount count) noexcept {
    const port::ScopedLock guard(lock_);
    policy_.note_needed_again(count.value);
  }

  // Gives free memory beyond `keep` pages back, whatever the policy says. Returns: pages given
  // back.
  PageCount trim(PageCount keep) noexcept;

  // Gives all free memory back together with its addresses, for metadata that found none left.
  void release_free() noexcept;

  // To be called now and then by whoever knows the time; looks for pages that are due once per
  // interval. `milliseconds`: of any clock that never goes back.
  void tick(std::uint64_t milliseconds) noexcept;

  // Whether that much would go back to the system at once if it were free (purge_policy.hpp), as it
  // looks now.
  bool would_purge(std::size_t bytes) const noexcept METE_NO_LOCK_ANALYSIS {
    return policy_.credit() >= bytes >> window_.page_shift();
  }

  PageStatistics statistics() noexcept;

  const Window& window() const noexcept { return window_; }
  const PageTable& table() const noexcept { return table_; }

  // The page of an address that may be anything. Returns: no page if it lies outside of the window.
  PageId page_of(const void* pointer) const noexcept {
    return window_.find(reinterpret_cast<std::uintptr_t>(pointer));
  }

  // Walks all runs and compares with the counts. Returns: null if all is well, otherwise what is
  // wrong. For tests and the audit build; takes the lock.
  const char* audit() noexcept;

  // Around a fork; the first waits for a purge that is under way.
  void lock_for_fork() noexcept;
  void unlock_after_fork() noexcept;
  void recover_in_child() noexcept;

 private:
  Settings settings() noexcept {
    const port::ScopedLock guard(lock_);
    return settings_;
  }

  Run cut(PageId head, PageCount count, PageCount alignment) noexcept METE_REQUIRES(lock_);
  Run find_and_cut(FreeRuns::Set set, PageCount count, PageCount alignment) noexcept
      METE_REQUIRES(lock_);
  Run find_clean_first(PageCount count, PageCount alignment) noexcept METE_REQUIRES(lock_);
  Run take_when_refused(PageCount count, PageCount alignment) noexcept;
  Run free_run(Run run) noexcept METE_REQUIRES(lock_);
  void give_locked(PageId first, PageCount count, PageCount dirty) noexcept METE_REQUIRES(lock_);
  std::size_t range_for(PageCount need) const noexcept;
  bool grow(PageCount need) noexcept METE_REQUIRES(lock_);
  std::byte* reserve_inside(std::size_t bytes, std::byte* hint) noexcept METE_REQUIRES(lock_);
  bool reserve_range(std::size_t bytes) noexcept METE_REQUIRES(lock_);
  void release_clean() noexcept METE_REQUIRES(lock_);
  struct PurgeBatch;
  std::uint32_t decommit(const Stretch* stretches, std::uint32_t count) noexcept;
  void gather(PurgeBatch& batch) noexcept METE_REQUIRES(purge_lock_, lock_);
  PageCount give_back(PurgeBatch& batch, bool& refused) noexcept METE_REQUIRES(purge_lock_, lock_);
  PageCount purge(PageCount want) noexcept METE_REQUIRES(purge_lock_, lock_);
  PageCount try_purge(PageCount want) noexcept METE_REQUIRES(lock_);
  void move_stretch(PageId from, PageCount count, PageId to, PageId end) noexcept;
  void purge_due() noexcept METE_REQUIRES(lock_);
  void prefer_huge(PageId first, PageCount count) noexcept METE_REQUIRES(lock_);
  const char* find_fault() noexcept METE_REQUIRES(lock_);
  void audit_sometimes() noexcept METE_REQUIRES(lock_);

  // Held by whoever purges, from before runs leave the lists until they are back in them. Taken
  // before lock_, or by try_lock.
  port::Mutex purge_lock_{port::LockRank::kPurge};
  port::Mutex lock_{port::LockRank::kPages};
  Settings settings_ METE_GUARDED_BY(lock_);
  Window window_;
  PageTable& table_;
  FreeRuns free_;
  PurgePolicy policy_ METE_GUARDED_BY(lock_);
  std::byte* lowest_ METE_GUARDED_BY(lock_) = nullptr;  // start of the newest range
  PageCount reserved_ METE_GUARDED_BY(lock_);
  PageCount in_use_ METE_GUARDED_BY(lock_);
  PageCount free_dirty_ METE_GUARDED_BY(lock_);
  PageCount idle_dirty_ METE_GUARDED_BY(lock_);  // least free_dirty_ since the last look
  std::uint64_t next_look_ METE_GUARDED_BY(lock_) = 0;
  std::uint64_t purged_ METE_GUARDED_BY(lock_) = 0;
  std::uint64_t purge_calls_ METE_GUARDED_BY(lock_) = 0;
  std::uint64_t growths_ METE_GUARDED_BY(lock_) = 0;
  std::uint32_t peak_in_use_ METE_GUARDED_BY(lock_) = 0;
  std::uint32_t mutations_ METE_GUARDED_BY(lock_) = 0;  // in the audit build
};

}  // namespace mete::pages
