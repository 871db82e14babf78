// Blocks of a shared heap, and its beginning and end.

#include "heap/shared_heap.hpp"

#include <string.h>

#include <new>

#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/fast_path.hpp"
#include "heap/registry.hpp"
#include "heap/slow_path.hpp"
#include "heap/start.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {
namespace {

using pages::PageCount;
using pages::PageId;
using pages::PageRecord;
using pages::PageState;

PageId page_of(const void* block) noexcept {
  return domain.pages.window().page_of(reinterpret_cast<std::uintptr_t>(block));
}

// Slabs that a heap which was reset keeps: what a request of many sizes needs, so that the next one
// finds memory without asking the pages for it.
constexpr std::uint32_t kKeptSlabs = 64;

std::size_t bytes_of_run(PageCount count) noexcept { return domain.pages.window().bytes_of(count); }

}  // namespace

void SharedHeap::count_in(std::size_t bytes) noexcept {
  in_use_ += bytes;
  ++blocks_;
  if (in_use_ > peak_in_use_) peak_in_use_ = in_use_;
  touched_ = true;
}

void SharedHeap::count_out(std::size_t bytes) noexcept {
  in_use_ -= bytes;
  --blocks_;
  touched_ = true;
}

// The lock for the length of a call. After one that took a slow path the thread's own heap may look
// at the clock: ticks of the engine are made by heaps of threads.
class METE_SCOPED_CAPABILITY SharedHeap::Use {
 public:
  explicit Use(SharedHeap& heap) noexcept METE_ACQUIRE(heap.lock_) METE_NO_LOCK_ANALYSIS
      : heap_(heap) {
    heap_.lock_.lock();
    before_ = heap_.slow_paths_;
  }
  ~Use() METE_RELEASE() METE_NO_LOCK_ANALYSIS {
    const bool slow = heap_.slow_paths_ != before_;
    heap_.lock_.unlock();
    if (METE_LIKELY(!slow)) return;
    if (Heap* const own = own_heap()) own->slow_event();
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  SharedHeap& heap_;
  std::uint32_t before_;
};

// A block of a slab, or null.
void* SharedHeap::take_small(SizeClass size_class, bool& zeroed) noexcept {
  if (METE_UNLIKELY(!allows(bytes_of(size_class)))) return nullptr;
  Bin& bin = heap_.bins[size_class];
  void* block = bin.head;
  if (METE_LIKELY(block != nullptr)) {
    take_head(bin);
  } else {
    block = heap_.refill(size_class, zeroed);
    if (block == nullptr) return nullptr;
    ++slow_paths_;
  }
  count_in(bytes_of(size_class));
  return block;
}

void SharedHeap::put_small(Block* block, SizeClass size_class) noexcept {
  Bin& bin = heap_.bins[size_class];
  block->next = bin.head;
  bin.head = block;
  count_out(bytes_of(size_class));
  if (METE_UNLIKELY(--bin.room < 0)) {
    heap_.overflow(size_class);
    ++slow_paths_;
  }
}

void* SharedHeap::allocate(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  const SizeClass size_class = class_for(bytes, alignment);
  void* block;
  bool zeroed = false;
  {
    const Use use(*this);
    if (METE_UNLIKELY(size_class == SizeClass())) return take_large(bytes, alignment, zero);
    block = take_small(size_class, zeroed);
  }
  if (zero && block != nullptr)
    memset(block, 0, zeroed && bytes > sizeof(Block) ? sizeof(Block) : bytes);
  return block;
}

std::size_t SharedHeap::allocate_batch(std::size_t bytes, std::size_t alignment, void** blocks,
                                       std::size_t count) noexcept {
  const SizeClass size_class = class_for(bytes, alignment);
  const Use use(*this);
  std::size_t done = 0;
  for (; done < count; ++done) {
    bool zeroed;
    void* const block = size_class == SizeClass() ? take_large(bytes, alignment, false)
                                                  : take_small(size_class, zeroed);
    if (block == nullptr) break;
    blocks[done] = block;
  }
  return done;
}

void SharedHeap::deallocate_batch(void* const* blocks, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count;) {
    {
      const Use use(*this);
      for (; i < count; ++i) {
        const SlabWord word = slab_map.word_of(blocks[i]);
        if (owner_of(word) != heap_.id()) break;
        put_small(static_cast<Block*>(blocks[i]), class_in(word));
      }
    }
    if (i < count) heap::deallocate(blocks[i++]);  // large, or of elsewhere
  }
}

void* SharedHeap::take_large(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  const unsigned page_shift = domain.pages.window().page_shift();
  const PageCount count = RunCache::pages_for(bytes, page_shift);
  if (!count || !allows(bytes_of_run(count))) return nullptr;
  void* const block = heap_.allocate_large(bytes, alignment, zero);
  if (block == nullptr) return nullptr;
  const PageId first = page_of(block);
  const PageCount given = domain.pages.table()[first].length();
  // Rounded up for the run cache: the rest may be over the limit.
  if (!allows(bytes_of_run(given))) domain.pages.shrink_in_place(first, given, count);
  own(first);
  ++slow_paths_;
  return block;
}

// Puts a run in use into the list, and counts it.
void SharedHeap::own(PageId first) noexcept {
  const pages::PageTable& table = domain.pages.table();
  PageRecord& record = table[first];
  record.owner = heap_.id();
  record.next = newest_run_;
  record.previous = 0;
  if (newest_run_ != 0) table[PageId(newest_run_)].previous = first.value;
  newest_run_ = first.value;
  record.set(PageState::kOwned, record.length());
  large_pages_ += record.length().value;
  count_in(bytes_of_run(record.length()));
}

void SharedHeap::disown(PageId first) noexcept {
  const pages::PageTable& table = domain.pages.table();
  PageRecord& record = table[first];
  if (record.next != 0) table[PageId(record.next)].previous = record.previous;
  if (record.previous != 0) {
    table[PageId(record.previous)].next = record.next;
  } else {
    newest_run_ = record.next;
  }
  record.set(PageState::kInUse, record.length());
  large_pages_ -= record.length().value;
  count_out(bytes_of_run(record.length()));
}

void SharedHeap::deallocate(void* pointer) noexcept {
  const SlabWord word = slab_map.word_of(pointer);
  if (owner_of(word) == heap_.id()) return take_back(static_cast<Block*>(pointer), class_in(word));
  heap::deallocate(pointer);
}

void SharedHeap::take_back(Block* block, SizeClass size_class) noexcept {
  const Use use(*this);
  put_small(block, size_class);
}

void SharedHeap::take_back(BlockList list, SizeClass size_class) noexcept {
  const Use use(*this);
  for (Block* block = list.head; block != nullptr;) {
    Block* const next = block->next;
    put_small(block, size_class);
    block = next;
  }
}

void SharedHeap::take_back(PageId first) noexcept {
  const Use use(*this);
  disown(first);
  PageRecord& record = domain.pages.table()[first];
  heap_.free_large(record, first, record.length());
  ++slow_paths_;
}

PageCount SharedHeap::resize_in_place(PageId first, PageCount wanted) noexcept {
  const port::ScopedLock guard(lock_);
  PageRecord& record = domain.pages.table()[first];
  const PageCount count = record.length();
  const bool grows = wanted > count;
  if (wanted == count || (grows && !allows(bytes_of_run(wanted - count)))) return count;
  disown(first);
  if (grows) {
    domain.pages.grow_in_place(first, count, wanted);
  } else {
    domain.pages.shrink_in_place(first, count, wanted);
  }
  own(first);
  return record.length();
}

void* SharedHeap::reallocate(void* pointer, std::size_t bytes, std::size_t alignment) noexcept {
  if (!gave(pointer)) base::violate(base::Violation::kReallocForeign, pointer);
  const std::size_t old_bytes = usable_size(pointer);
  const bool aligned = (reinterpret_cast<std::uintptr_t>(pointer) & (alignment - 1)) == 0;
  if (aligned && bytes <= old_bytes && (bytes >= old_bytes / 2 || old_bytes <= 64)) return pointer;
  if (aligned && slab_map.word_of(pointer) == 0 && bytes > kLargestClassBytes &&
      alignment <= domain.pages.window().page_size()) {
    // A large block: its page tables can move, to any page.
    const Use use(*this);
    const PageId first = page_of(pointer);
    const PageCount count = domain.pages.table()[first].length();
    const PageCount exact = RunCache::pages_for(bytes, domain.pages.window().page_shift());
    if (!exact || (exact > count && !allows(bytes_of_run(exact - count)))) return nullptr;
    disown(first);
    void* const moved = heap_.resize_large(pointer, first, count, bytes);
    const PageId now = moved != nullptr ? page_of(moved) : first;
    const PageCount given = domain.pages.table()[now].length();
    if (given > exact && !allows(bytes_of_run(given)))
      domain.pages.shrink_in_place(now, given, exact);
    own(now);
    ++slow_paths_;
    return moved;
  }
  void* const block = allocate(bytes, alignment, false);
  if (block == nullptr) return nullptr;
  memcpy(block, pointer, old_bytes < bytes ? old_bytes : bytes);
  deallocate(pointer);
  return block;
}

// Whether a block of this heap is at the address: in one of its slabs, or a large one that starts
// there.
bool SharedHeap::gave(const void* pointer) const noexcept {
  if (!SlabMap::covers(pointer)) return false;
  if (const SlabWord word = slab_map.word_of(pointer); word != 0)
    return owner_of(word) == heap_.id();
  const PageId first = domain.pages.window().find_start(reinterpret_cast<std::uintptr_t>(pointer));
  const PageRecord* const record = domain.pages.table().find(first);
  return record != nullptr && record->state() == PageState::kOwned && record->owner == heap_.id();
}

void SharedHeap::end_large_blocks() noexcept {
  const pages::PageTable& table = domain.pages.table();
  while (newest_run_ != 0) {
    const PageId first(newest_run_);
    disown(first);
    domain.pages.give(first, table[first].length());
  }
}

void SharedHeap::begin(const SharedHeapSettings& settings) noexcept {
  const port::ScopedLock guard(lock_);
  limit_ = settings.limit;
  peak_in_use_ = 0;
  std::size_t length = 0;
  for (; length < kMostName && settings.name[length] != 0; ++length)
    name_[length] = settings.name[length];
  name_[length] = 0;
}

void SharedHeap::reset(std::uint32_t kept_slabs) noexcept {
  const port::ScopedLock guard(lock_);
  end_large_blocks();
  heap_.reset(kept_slabs);
  in_use_ = blocks_ = 0;
  touched_ = true;
}

void SharedHeap::reset() noexcept { reset(kKeptSlabs); }

void SharedHeap::collect_if_still(std::uint64_t now, std::uint64_t milliseconds) noexcept {
  if (!lock_.try_lock()) return;
  if (touched_) {
    touched_ = false;
    last_seen_ = now;
    flushed_ = false;
  }
  if (!flushed_ && now - last_seen_ >= milliseconds) {
    heap_.flush();
    flushed_ = true;
  }
  lock_.unlock();
}

SharedHeapStatistics SharedHeap::statistics() noexcept {
  const port::ScopedLock guard(lock_);
  HeapStatistics engine;
  heap_.add_to(engine);
  const std::size_t page = domain.pages.window().page_size();
  const std::uint64_t slabs_and_runs = engine.slabs * kSlabBytes + engine.cached_runs;
  const std::size_t held = static_cast<std::size_t>(slabs_and_runs) + large_pages_ * page;
  return {in_use_, peak_in_use_, blocks_, held, limit_};
}

SharedHeap* begin_shared_heap(const SharedHeapSettings& settings) noexcept {
  if (!start()) return nullptr;
  SharedHeap* heap;
  {
    const port::ScopedLock guard(registry.lock);
    heap = registry.ended;
    if (heap != nullptr) {
      registry.ended = heap->next_ended_;
    } else {
      Registry::Slot* const slot = registry.next_slot();
      void* const memory = slot != nullptr ? Registry::metadata(sizeof(SharedHeap)) : nullptr;
      if (memory == nullptr) return nullptr;
      heap = new (memory) SharedHeap;
      heap->heap_.start(registry.next_id(), heap);
      registry.publish(slot, heap->heap_);
    }
  }
  heap->begin(settings);
  if (heap->heap_.reserve(settings.capacity)) return heap;
  heap->end();
  return nullptr;
}

void SharedHeap::end() noexcept {
  heap_.unreserve();
  reset(0);
  const port::ScopedLock guard(registry.lock);
  next_ended_ = registry.ended;
  registry.ended = this;
}

std::size_t SharedHeap::usable_size(const void* pointer) const noexcept {
  return heap::usable_size(pointer);
}

bool SharedHeap::owns(const void* pointer) const noexcept {
  return shared_heap_of(pointer) == this;
}

}  // namespace mete::heap
