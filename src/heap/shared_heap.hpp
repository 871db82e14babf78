// A heap that belongs to no thread: any thread may use it, and it ends in one shot.
//
// An engine Heap whose bins are guarded by a lock in place of a thread. Everything in it can be
// found without a look at a block: slabs are in a list of the engine, large blocks in a list
// through their page records. A plain free finds its way here by the owner in the slab word or in
// the record, and takes the lock; nothing of a shared heap ever waits in the outbox of a thread.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/compiler.hpp"
#include "heap/heap.hpp"
#include "port/mutex.hpp"

namespace mete::heap {

// Bytes, blocks rounded up to their class or to pages.
struct SharedHeapStatistics {
  std::size_t in_use = 0;
  std::size_t peak_in_use = 0;
  std::size_t blocks = 0;  // in use
  std::size_t held = 0;    // pages of slabs, large blocks and cached runs
  std::size_t limit = 0;   // kNoLimit if there is none
};

struct SharedHeapSettings;

class SharedHeap {
 public:
  static constexpr std::size_t kNoLimit = ~std::size_t{0};
  static constexpr std::size_t kMostName = 31;

  // A block of at least `bytes` > 0 aligned to `alignment`, a power of two; all zero if `zero`.
  // Null when there is no memory, or more would be in use than the limit allows.
  void* allocate(std::size_t bytes, std::size_t alignment, bool zero) noexcept;

  // Takes a block back, of whichever heap. Not null.
  void deallocate(void* pointer) noexcept;

  // Takes a block of this heap back: one of a slab, or the large one that starts at `first`.
  void take_back(Block* block, SizeClass size_class) noexcept;
  void take_back(pages::PageId first) noexcept;
  void take_back(BlockList list, SizeClass size_class) noexcept;

  // Many blocks with one lock: as allocate and deallocate. Returns: how many there are.
  std::size_t allocate_batch(std::size_t bytes, std::size_t alignment, void** blocks,
                             std::size_t count) noexcept;
  void deallocate_batch(void* const* blocks, std::size_t count) noexcept;

  // The block resized, in place or moved in this heap. Null, the block unchanged, as for allocate.
  void* reallocate(void* pointer, std::size_t bytes, std::size_t alignment) noexcept;

  // Resizes the large block that starts at `first` without moving it. Returns: its pages now.
  pages::PageCount resize_in_place(pages::PageId first, pages::PageCount wanted) noexcept;

  // Ends all blocks at once. No thread may be using them, or the heap. Some slabs are kept until
  // the heap has been still.
  void reset() noexcept;

  // Ends the heap and all its blocks. No thread may be using them, or the heap.
  void end() noexcept;

  std::size_t usable_size(const void* pointer) const noexcept;
  bool owns(const void* pointer) const noexcept;

  SharedHeapStatistics statistics() noexcept;
  const char* name() const noexcept { return name_; }

  // Whether a thread is inside a call at this moment.
  bool busy() const noexcept { return lock_.taken(); }

  // Gives back what is cached if nobody has called for `milliseconds`.
  void collect_if_still(std::uint64_t now, std::uint64_t milliseconds) noexcept;

  void lock_for_fork() noexcept METE_NO_LOCK_ANALYSIS { lock_.lock_in_order(); }
  void unlock_after_fork() noexcept METE_NO_LOCK_ANALYSIS { lock_.unlock(); }
  void recover_in_child() noexcept { lock_.reset_in_child(); }

 private:
  class Use;
  friend SharedHeap* begin_shared_heap(const SharedHeapSettings& settings) noexcept;

  bool gave(const void* pointer) const noexcept;
  void* take_small(SizeClass size_class, bool& zeroed) noexcept METE_REQUIRES(lock_);
  void put_small(Block* block, SizeClass size_class) noexcept METE_REQUIRES(lock_);
  void reset(std::uint32_t kept_slabs) noexcept;
  void begin(const SharedHeapSettings& settings) noexcept;
  void* take_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept
      METE_REQUIRES(lock_);
  void own(pages::PageId first) noexcept METE_REQUIRES(lock_);
  void disown(pages::PageId first) noexcept METE_REQUIRES(lock_);
  void end_large_blocks() noexcept METE_REQUIRES(lock_);
  void count_in(std::size_t bytes) noexcept METE_REQUIRES(lock_);
  void count_out(std::size_t bytes) noexcept METE_REQUIRES(lock_);
  bool allows(std::size_t more) const noexcept METE_REQUIRES(lock_) {
    return more <= limit_ && in_use_ <= limit_ - more;
  }

  port::Mutex lock_{port::LockRank::kShared};
  std::uint32_t slow_paths_ METE_GUARDED_BY(lock_) = 0;
  bool touched_ METE_GUARDED_BY(lock_) = false;          // since collect_if_still() was last here,
  std::uint64_t last_seen_ METE_GUARDED_BY(lock_) = 0;   // and when that saw it touched
  bool flushed_ METE_GUARDED_BY(lock_) = true;           // since then
  std::uint32_t newest_run_ METE_GUARDED_BY(lock_) = 0;  // first page, of all large blocks
  std::size_t in_use_ METE_GUARDED_BY(lock_) = 0;
  std::size_t peak_in_use_ METE_GUARDED_BY(lock_) = 0;
  std::size_t blocks_ METE_GUARDED_BY(lock_) = 0;
  std::size_t large_pages_ METE_GUARDED_BY(lock_) = 0;
  std::size_t limit_ METE_GUARDED_BY(lock_) = kNoLimit;
  char name_[kMostName + 1] = "";
  SharedHeap* next_ended_ = nullptr;  // under the lock of the registry
  Heap heap_;                         // its bins are guarded by lock_
};

struct SharedHeapSettings {
  std::size_t capacity = 0;                  // bytes of slabs taken at once, and kept
  std::size_t limit = SharedHeap::kNoLimit;  // of bytes in use
  const char* name = "";                     // cut off after SharedHeap::kMostName characters
};

// A new heap. Null when there is no memory. Any thread.
SharedHeap* begin_shared_heap(const SharedHeapSettings& settings) noexcept;

}  // namespace mete::heap
