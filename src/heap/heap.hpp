// The Heap engine: slabs of size classes owned by one heap, cache-hot bins in front of them, large
// blocks beside them.
//
//   malloc   bin -> magazine -> inbox (what others freed) -> depot -> free blocks of slabs -> carve
//            -> new slab, of free pages -> on free blocks of a smaller class (guests.hpp)
//            -> a slab of another heap -> a new one of more pages
//   free     bin -> magazine, or depot -> slabs -> pages
//            not mine: outbox -> (one compare-and-swap per batch) -> the owner's inbox
//
// Who may touch what: the bins and the outbox belong to the thread that has the heap, without a
// lock (fast_path.hpp is all that runs then). The inbox is a lock-free stack per class. Everything
// else is guarded by `lock_`, which the thread takes once per slow path (about every 32 to 64
// blocks) and others take by try_lock to collect what an idle heap has received, or to take a slab
// that it can spare (adopt.cpp). A heap without a thread waits in a pool (thread_heaps.hpp) for the
// next thread.
//
//   carved bytes = in the program's hands + in bins + in inboxes, outboxes and the depot
//                  + in magazines + free in slabs
// The first line is what is *live*, as settle() counts.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "heap/bins.hpp"
#include "heap/domain.hpp"
#include "heap/run_cache.hpp"
#include "heap/slab.hpp"
#include "pages/page_allocator.hpp"
#include "port/mutex.hpp"

namespace mete::heap {

struct HeapStatistics {
  std::uint64_t carved = 0;  // bytes of all blocks cut from slabs of the heap
  std::uint64_t free = 0;    // of these, in slabs, magazines and bins
  std::uint64_t slabs = 0;
  std::uint64_t slabs_opened = 0;
  std::uint64_t large_allocated = 0;  // large blocks handed out
  std::uint64_t cached_runs = 0;      // bytes in the run cache
  std::uint64_t batches = 0;          // posted to other heaps
  std::uint64_t slabs_adopted = 0;    // from other heaps
  std::uint64_t guests = 0;           // blocks on free stretches of slabs of another class
  std::uint64_t drains = 0;
  std::uint64_t moves = 0;  // large blocks that grew by moving page tables
};

class SharedHeap;

class alignas(64) Heap {
 public:
  constexpr Heap() noexcept = default;

  // `shared`: the shared heap that this is the engine of, null for a thread's.
  void start(std::uint32_t id, SharedHeap* shared = nullptr) noexcept;
  SharedHeap* shared() const noexcept { return shared_; }
  std::uint32_t id() const noexcept { return owner_of(bins.owner_word); }

  // ---- slow paths of the thread that has the heap (fast_path.hpp) ----

  // Fills an empty bin. Returns: a block of the class, or null when there is no memory.
  // `zeroed`: set to whether all of the block but its first 16 bytes is zero.
  void* refill(SizeClass size_class, bool& zeroed) noexcept;

  // Empties a bin that has no room left.
  void overflow(SizeClass size_class) noexcept;

  // Takes a block of another heap, whose slab word is `word`.
  METE_INLINE void free_remote(Block* block, SlabWord word) noexcept {
    if (METE_UNLIKELY(!add_to_batch(bins, block, word ^ bins.owner_word))) begin_batch(block, word);
  }
  // Adds it to the batch that waits for more, if there is one.
  METE_INLINE static bool add_to_batch(Bins& bins, Block* block, SlabWord difference) noexcept {
    Outbox::Entry& entry = bins.outbox.entry_for(difference);
    if (METE_UNLIKELY(entry.difference != difference)) return false;
    if (METE_UNLIKELY(Outbox::push(entry, block))) bins.heap->send_full(entry);
    return true;
  }
  void begin_batch(Block* block, SlabWord word) noexcept;

  // As free_remote, for a list of them; one of at least `batch` blocks goes to its owner at once.
  void free_remote(BlockList list, SlabWord word, std::uint32_t batch) noexcept;

  // Large blocks (large.cpp). `bytes` > 0; `alignment` is a power of two. Null when there is no
  // memory.
  void* allocate_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept;
  // As allocate_large, past the cache.
  void* take_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept;
  METE_INLINE void free_large(pages::PageRecord& record, pages::PageId first,
                              pages::PageCount count) noexcept {
    const unsigned page_shift = domain.pages.window().page_shift();
    if (METE_UNLIKELY(!runs_.push(record, first, count, page_shift))) give_run(first, count);
  }
  // A cached run for `bytes`, which are no more than RunCache::kMostAlone; null if there is none.
  METE_INLINE void* reuse_run(std::size_t bytes) noexcept {
    const pages::Window& window = domain.pages.window();
    const pages::PageId first = runs_.pop(domain.pages.table(), bytes, window.page_shift());
    if (METE_UNLIKELY(!first)) return nullptr;
    std::byte* const block = window.address_of(first);
    if (block == nullptr) __builtin_unreachable();
    return block;
  }
  // The block resized, in place or moved; null, with the block unchanged, when there is no memory.
  void* resize_large(void* pointer, pages::PageId first, pages::PageCount count,
                     std::size_t bytes) noexcept;

  // Gives everything that is cached back to slabs and pages: bins, magazines, inboxes, outbox,
  // runs.
  void flush() noexcept;

  // Looks at the clock now and then, and does what is due.
  void slow_event() noexcept;

  // Puts all magazines of the depot back into slabs, in case other threads have left some.
  void empty_depot() noexcept;

  // Puts those magazines of the depot back into slabs that nobody has touched since the last call.
  // One thread at a time.
  void drain_idle_depot() noexcept;

  // Takes pages for `bytes` of blocks, rounded up to slabs, and keeps as many for good. Returns:
  // false when there is no memory.
  bool reserve(std::size_t bytes) noexcept;

  // Ends all blocks of slabs at once; large ones are not the heap's. What was reserved stays, and
  // of the other slabs `kept` for what comes next.
  void reset(std::uint32_t kept) noexcept;
  void unreserve() noexcept;

  // ---- any thread ----

  // Posts a batch of blocks of this heap. `list.length` > 0.
  void post(SizeClass size_class, BlockList list) noexcept;

  // As post, and leaves it at that: whoever posts next, or a tick, sees to it that it is collected.
  // Returns: bytes in all inboxes of the heap.
  std::size_t put_into_inbox(SizeClass size_class, BlockList list) noexcept;

  // Gives back what an idle heap has cached and received, bins excepted. Returns: false if its
  // owner is at work.
  bool collect_for_owner() noexcept;

  // As collect_for_owner, and what can be given back without the owner, if it has had no tick for
  // `milliseconds`. Returns: whether there is more, which the next call gives back.
  bool collect_if_still(std::uint64_t now, std::uint64_t milliseconds) noexcept;

  // Gives back some of what the heap has cached, since another one is about to grow; once its owner
  // has taken no slow path since the last call.
  void drain_for_growth() noexcept;

  // Gives back all pages that no block in use touches, whatever the policy says. Returns: whether
  // there was any; false also if its owner is at work.
  bool trim() noexcept;

  // Adds this heap's numbers; bins of a running thread are read as they are at the moment.
  void add_to(HeapStatistics& sum) noexcept;

  // ---- for thread_heaps.cpp, under its lock ----
  void set_idle(bool idle) noexcept { idle_.store(idle, std::memory_order_relaxed); }
  bool idle() const noexcept { return idle_.load(std::memory_order_relaxed); }
  Heap* next_idle = nullptr;

  // ---- fork ----
  void lock_for_fork() noexcept METE_NO_LOCK_ANALYSIS { lock_.lock_in_order(); }
  void unlock_after_fork() noexcept METE_NO_LOCK_ANALYSIS { lock_.unlock(); }
  void recover_in_child() noexcept { lock_.reset_in_child(); }
  void abandon_bins() noexcept;

  Bins bins;

 private:
  struct ClassState {
    Block* magazines = nullptr;  // whole lists, linked through their first blocks
    std::uint32_t magazine_blocks = 0;
    std::uint32_t low_water = 0;  // least magazine_blocks since the last tick
    Slab* available = nullptr;    // slabs with free blocks
    Slab* current = nullptr;      // the slab that is being carved, or was until it was full
    std::int32_t limit = 0;       // blocks that the bin may hold
    bool wanted = false;          // the bin has run empty since it was last full
    bool draining = false;        // the magazines go back, piece by piece
    Block* idle_head = nullptr;   // the bin as it was at the last tick
    std::int32_t idle_room = 0;
    std::uint32_t joined = 0;  // blocks that are parts of guests, firsts not counted

    bool carvable() const noexcept {
      return current != nullptr && current->carved < current->capacity;
    }
  };

  // What is taken from other slabs or heaps: what they can spare, or, at the limit, any.
  enum class Need : std::uint8_t { kSpare, kAny };

  // refill.cpp
  BlockList take_list(SizeClass size_class, bool& zeroed) noexcept METE_REQUIRES(lock_);
  BlockList pop_magazine(SizeClass size_class) noexcept METE_REQUIRES(lock_);
  BlockList take_available(SizeClass size_class, std::uint32_t most) noexcept METE_REQUIRES(lock_);
  std::size_t inbox_limit() const noexcept;
  bool owner_works(std::size_t pending, std::size_t margin) noexcept;
  bool take_inbox(SizeClass size_class) noexcept METE_REQUIRES(lock_);
  void take_all_inboxes() noexcept METE_REQUIRES(lock_);
  BlockList carve_current(SizeClass size_class, std::uint32_t most, bool& zeroed) noexcept
      METE_REQUIRES(lock_);
  bool find_more(SizeClass size_class) noexcept METE_REQUIRES(lock_);
  bool open_empty_slab(SizeClass size_class, bool grow) noexcept METE_REQUIRES(lock_);
  Slab* take_slab(bool grow) noexcept METE_REQUIRES(lock_);
  void* install(SizeClass size_class, BlockList list) noexcept METE_REQUIRES(lock_);

  static void note_needed_again(std::uint32_t pages) noexcept;

  // guests.cpp
  bool find_hosts(SizeClass size_class, Need need) noexcept METE_REQUIRES(lock_);
  bool take_guests_of(Slab& slab, SizeClass size_class, bool clean_too) noexcept
      METE_REQUIRES(lock_);
  bool collect_guests() noexcept METE_REQUIRES(lock_);

  // adopt.cpp
  bool adopt_slab(SizeClass size_class, Need need) noexcept METE_REQUIRES(lock_);
  bool adopt_from(Heap& other, SizeClass size_class, Need need) noexcept METE_REQUIRES(lock_);
  Slab* spare_slab(SizeClass size_class, Need need) const noexcept METE_REQUIRES(lock_);
  void part_with(Slab& slab) noexcept METE_REQUIRES(lock_);
  bool take_in(Slab& slab, SizeClass size_class) noexcept METE_REQUIRES(lock_);

  // put_back.cpp
  struct Lane {  // a list on the way back
    Block* next;
    std::uintptr_t memory;  // of the slab of the block before: neighbours in a list are often
    Slab* slab;             // neighbours in a slab
  };
  struct Lanes {  // those that go side by side
    static constexpr unsigned kMost = 16;
    Lane lane[kMost];
    unsigned count = 0;
  };
  void distribute(SizeClass size_class, Lane* lanes, unsigned count) noexcept METE_REQUIRES(lock_);
  void distribute(SizeClass size_class, Block* list) noexcept METE_REQUIRES(lock_);
  void distribute(SizeClass size_class, Lanes& lanes) noexcept METE_REQUIRES(lock_);
  void distribute_later(SizeClass size_class, Block* list, Lanes& lanes) noexcept
      METE_REQUIRES(lock_);
  bool put_back_guest(Block* block) noexcept METE_REQUIRES(lock_);
  Slab* slab_of(const Block* block, SizeClass size_class) const noexcept;
  void link_available(Slab& slab) noexcept METE_REQUIRES(lock_);
  void unlink_available(Slab& slab) noexcept METE_REQUIRES(lock_);
  void close_slab(Slab& slab) noexcept METE_REQUIRES(lock_);
  void note_sparse(Slab& slab) noexcept METE_REQUIRES(lock_);
  void keep_empty(Slab& slab) noexcept METE_REQUIRES(lock_);
  void release_empty_slabs(std::uint32_t kept = 0) noexcept METE_REQUIRES(lock_);
  void link_slab(Slab& slab) noexcept METE_REQUIRES(lock_);
  void unlink_slab(Slab& slab) noexcept METE_REQUIRES(lock_);

  // drain.cpp
  // Blocks that a heap puts back at a time: a tenth of a millisecond if they lie in order, half of
  // one if each is a cache miss.
  static constexpr std::uint32_t kDrainedBlocks = 16384;
  void push_magazine(SizeClass size_class, BlockList list) noexcept METE_REQUIRES(lock_);
  std::uint32_t drain_magazines(SizeClass size_class, std::uint32_t most) noexcept
      METE_REQUIRES(lock_);
  void drain_bin(SizeClass size_class) noexcept METE_REQUIRES(lock_);
  void start_draining(bool bins_too) noexcept METE_REQUIRES(lock_);
  void start_draining(SizeClass size_class) noexcept METE_REQUIRES(lock_);
  bool draining() const noexcept { return draining_.load(std::memory_order_relaxed); }
  void drain_if_many() noexcept METE_REQUIRES(lock_);
  void drain_some() noexcept METE_REQUIRES(lock_);
  void drain_all() noexcept METE_REQUIRES(lock_);
  void drain_depot() noexcept METE_REQUIRES(lock_);
  void release_runs() noexcept;
  void purge_idle_pages() noexcept METE_REQUIRES(lock_);
  void purge_sparse_slabs() noexcept METE_REQUIRES(lock_);
  Slab* next_in_turn() noexcept METE_REQUIRES(lock_);
  std::size_t cache_limit() const noexcept METE_REQUIRES(lock_);
  std::size_t live_bytes() const noexcept METE_REQUIRES(lock_);
  bool settle(bool bins_too) noexcept METE_REQUIRES(lock_);
  void stop_shrinking(std::size_t live) noexcept METE_REQUIRES(lock_);

  // remote.cpp
  bool caches_little() const noexcept {
    return idle() || shrinking_.load(std::memory_order_relaxed);
  }
  void send_full(Outbox::Entry& entry) noexcept;
  void send(Outbox::Entry& entry) noexcept;
  void send_all() noexcept;
  void send_fullest() noexcept;

  // heap.cpp
  void start_bins() noexcept METE_REQUIRES(lock_);
  void tick(std::uint64_t now) noexcept;

  // large.cpp
  void drain_before_growth(std::size_t bytes) noexcept;
  void give_run(pages::PageId first, pages::PageCount count) noexcept;
  pages::Run take_pages(pages::PageCount count, pages::PageCount alignment,
                        bool prefer_clean) noexcept;
  void* move_large(void* pointer, pages::PageId first, pages::PageCount count,
                   std::size_t bytes) noexcept;
  std::size_t least_move() noexcept;

  std::byte* memory_of(const Slab& slab) const noexcept;

  // Owner thread only.
  std::uint64_t next_tick_ = 0;
  std::uint64_t batches_ = 0;
  std::uint64_t large_taken_ = 0;  // large blocks that were not in the cache
  bool collecting_ = false;        // what other heaps have cached: there is more
  RunCache runs_;                  // others may take runs out

  port::Mutex lock_{port::LockRank::kHeap};
  ClassState class_[kClassCount] METE_GUARDED_BY(lock_);
  Slab* empty_slabs_ METE_GUARDED_BY(lock_) = nullptr;
  Slab* sparse_ METE_GUARDED_BY(lock_) = nullptr;  // the last one that note_sparse() was told of
  std::uint32_t empty_count_ METE_GUARDED_BY(lock_) = 0;
  std::uint32_t newest_slab_ METE_GUARDED_BY(lock_) = 0;  // number, of all slabs of the heap
  std::uint32_t sweep_ METE_GUARDED_BY(lock_) = 0;        // of these, where next_in_turn() goes on
  std::uint32_t slabs_ METE_GUARDED_BY(lock_) = 0;
  bool hosts_ METE_GUARDED_BY(lock_) = false;                // some class may have joined blocks
  std::uint32_t next_donor_ METE_GUARDED_BY(lock_) = 0;      // the heap that adopt_slab() asks next
  std::uint32_t reserved_slabs_ METE_GUARDED_BY(lock_) = 0;  // as few stay
  std::size_t carved_bytes_ METE_GUARDED_BY(lock_) = 0;
  std::size_t free_bytes_ METE_GUARDED_BY(lock_) = 0;    // in slabs
  std::size_t cached_bytes_ METE_GUARDED_BY(lock_) = 0;  // in magazines
  std::size_t turning_live_ METE_GUARDED_BY(lock_) =
      0;  // peak of the live bytes, low while shrinking
  std::size_t settled_live_ METE_GUARDED_BY(lock_) =
      0;  // live bytes when settle() last emptied caches
  HeapStatistics counts_ METE_GUARDED_BY(lock_);

  // Any thread.
  alignas(64) std::atomic<Block*> inbox_[kClassCount]{};
  std::atomic<std::size_t> inbox_bytes_{0};
  std::atomic<std::size_t> carved_hint_{0};    // carved_bytes_ as others may see it
  std::atomic<std::uint32_t> slow_events_{0};  // of the owner, which alone writes it
  std::atomic<std::uint32_t> seen_events_{0};  // these and inbox_bytes_ when a sender last saw the
  std::atomic<std::size_t> seen_bytes_{0};     // owner at work
  std::atomic<std::uint32_t> looked_events_{0};  // slow_events_ at the last drain_for_growth()
  std::atomic<bool> draining_{false};            // some class is; changed under the lock
  std::atomic<bool> shrinking_{false};  // less and less is live: cache little, give back early
  std::atomic<bool> idle_{false};       // no thread has the heap
  std::atomic<std::uint64_t> last_active_{0};  // time of the last tick, in milliseconds
  SharedHeap* shared_ = nullptr;
};

// A large block of no heap, past all caches: as Heap::allocate_large, for a thread without one.
void* allocate_pages(std::size_t bytes, std::size_t alignment, bool zero) noexcept;

}  // namespace mete::heap
