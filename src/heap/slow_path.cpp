// From the entries of the engine to the heap of the thread, and from any pointer to what it is.

#include "heap/slow_path.hpp"

#include <string.h>

#include "base/bits.hpp"
#include "heap/copies.hpp"
#include "heap/domain.hpp"
#include "heap/fast_path.hpp"
#include "heap/guests.hpp"
#include "heap/shared_heap.hpp"
#include "heap/start.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {
namespace {

using base::Violation;
using pages::PageCount;
using pages::PageId;
using pages::PageState;

// What starts where a pointer points that is no block of a slab: a large block, of a shared heap or
// of nobody, or else one of three mistakes.
struct LargeBlock {
  pages::PageRecord* record;
  PageId first;
  std::uint32_t word;  // of the record, 0 if there is none

  PageState state() const noexcept { return pages::PageRecord::state_of(word); }
  PageCount count() const noexcept { return pages::PageRecord::length_of(word); }
  SharedHeap* owner() const noexcept {
    return state() == PageState::kOwned ? heap_of(record->owner)->shared() : nullptr;
  }
};

struct Mistakes {
  Violation foreign;
  Violation interior;
  Violation freed;
};
constexpr Mistakes kOfFree{Violation::kFreeForeign, Violation::kFreeInterior,
                           Violation::kDoubleFree};
constexpr Mistakes kOfRealloc{Violation::kReallocForeign, Violation::kReallocInterior,
                              Violation::kReallocFreed};
constexpr Mistakes kOfUsable{Violation::kUsableForeign, Violation::kUsableInterior,
                             Violation::kUsableFreed};

// The record that says what a page is: that of the run which it lies in. Null if it is not ours.
METE_COLD const pages::PageRecord* run_around(PageId page) noexcept {
  const pages::PageTable& table = domain.pages.table();
  const PageId here = page;
  for (; page; page = page - PageCount(1)) {
    const pages::PageRecord* record = table.find(page);
    if (record == nullptr) break;
    const PageState state = record->state();
    if (state == PageState::kNone) continue;
    if (state == PageState::kFreeTail ? here != page : here - page >= record->length()) break;
    return record;
  }
  return nullptr;
}

// What is wrong with a pointer that is no large block in use.
METE_COLD Violation diagnose(PageId page, const Mistakes& mistakes) noexcept {
  const pages::PageRecord* const record = run_around(page);
  if (record == nullptr) return mistakes.foreign;
  return pages::PageRecord::is_in_use(record->state()) ? mistakes.interior : mistakes.freed;
}

[[noreturn]] METE_COLD void refuse(const void* pointer, const Mistakes& mistakes) noexcept {
  const PageId page = domain.pages.page_of(pointer);
  const Violation violation = page ? diagnose(page, mistakes) : mistakes.foreign;
  base::violate(violation, pointer,
                violation == mistakes.foreign ? other_copy_of(pointer) : nullptr);
}

METE_INLINE LargeBlock find_large(const void* pointer) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(pointer);
  const PageId page = domain.pages.window().find_start(address);
  // Page 0 is never in use, so no page needs no test.
  pages::PageRecord* const record = domain.pages.table().find(page);
  return {record, page, record != nullptr ? record->read() : 0};
}

LargeBlock resolve_large(const void* pointer, const Mistakes& mistakes) noexcept {
  const LargeBlock large = find_large(pointer);
  if (METE_UNLIKELY(!pages::PageRecord::is_in_use(large.state()))) refuse(pointer, mistakes);
  return large;
}

// Looks once more, so that who did before keeps nothing for it.
METE_NOINLINE void free_owned(void* pointer) noexcept {
  const LargeBlock large = find_large(pointer);
  if (SharedHeap* const owner = large.owner()) return owner->take_back(large.first);
  const Elsewhere* const elsewhere = domain.elsewhere.load(std::memory_order_acquire);
  if (elsewhere == nullptr || !elsewhere->deallocate(pointer)) refuse(pointer, kOfFree);
}

METE_NOINLINE void free_large_without_heap(void* pointer) noexcept {
  const LargeBlock large = find_large(pointer);
  if (large.state() != PageState::kInUse) return free_owned(pointer);
  if (Heap* heap = own_heap()) {
    heap->free_large(*large.record, large.first, large.count());
  } else {
    domain.pages.give(large.first, large.count());
  }
}

// Large blocks have no owner but those of shared heaps: whoever frees one may keep it.
METE_NOINLINE void free_large(void* pointer, Heap* heap) noexcept {
  if (METE_UNLIKELY(heap == nullptr)) return free_large_without_heap(pointer);
  const LargeBlock large = find_large(pointer);
  if (METE_UNLIKELY(large.state() != PageState::kInUse)) return free_owned(pointer);
  heap->free_large(*large.record, large.first, large.count());
}

// The slab word of a pointer that may be anything, also before the start and where no memory can
// be. Only free, which has no time for it, looks without asking.
METE_INLINE SlabWord word_of_any(const void* pointer) noexcept {
  const bool has_word = started.load(std::memory_order_acquire) && SlabMap::covers(pointer);
  return METE_LIKELY(has_word) ? slab_map.word_of(pointer) : 0;
}

// Bytes of a block that lies in no page of ours, 0 if it is none.
METE_INLINE std::size_t usable_size_elsewhere(const void* pointer) noexcept {
  const Elsewhere* const elsewhere = domain.elsewhere.load(std::memory_order_acquire);
  return METE_LIKELY(elsewhere == nullptr) ? 0 : elsewhere->usable_size(pointer);
}

// Bytes of a block in a slab, whose word it is.
METE_INLINE std::size_t bytes_in_slab(const void* pointer, SlabWord word) noexcept {
  const auto offset =
      static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(pointer) % kSlabBytes);
  return bytes_of_block(domain.slab_at(pointer), class_in(word), offset);
}

// A block of `old_bytes` moved to one of `bytes`. Null, with the block unchanged, when there is no
// memory.
METE_NOINLINE void* move_block(void* pointer, std::size_t old_bytes, std::size_t bytes) noexcept {
  // What grows by a little will grow again: leave an eighth of room.
  std::size_t wanted = bytes;
  if (bytes > old_bytes && old_bytes >= 512 && bytes < old_bytes + old_bytes / 4)
    wanted += bytes / 8;
  void* block = allocate(wanted);
  if (block == nullptr && wanted != bytes) block = allocate(bytes);
  if (block == nullptr) return nullptr;
  memcpy(block, pointer, old_bytes < bytes ? old_bytes : bytes);
  deallocate(pointer);
  return block;
}

// As reallocate, of a block that lies in no slab.
METE_NOINLINE void* reallocate_large(void* pointer, std::size_t bytes) noexcept {
  if (const std::size_t old_bytes = usable_size_elsewhere(pointer))
    return move_block(pointer, old_bytes, bytes);
  const LargeBlock large = resolve_large(pointer, kOfRealloc);
  if (METE_UNLIKELY(large.owner() != nullptr)) {
    // Of a shared heap: stays in it as long as it need not move.
    if (bytes > kLargestClassBytes && resize_in_place(pointer, bytes) >= bytes) return pointer;
  } else if (bytes > kLargestClassBytes) {
    // No call of a young thread: in a heap the block grows without being copied.
    if (Heap* heap = attached_heap())
      return heap->resize_large(pointer, large.first, large.count(), bytes);
  }
  return move_block(pointer, domain.pages.window().bytes_of(large.count()), bytes);
}

// What is neither the thread's own nor in a batch that it has begun.
METE_NOINLINE void deallocate_other(void* pointer, SlabWord difference, Bins* bins) noexcept {
  const SlabWord word = difference ^ bins->owner_word;
  if (owner_of(word) == 0) {
    if (pointer != nullptr) free_large(pointer, bins->heap);
    return;
  }
  auto* const block = static_cast<Block*>(pointer);
  Heap* const heap = bins->heap;
  if (METE_UNLIKELY(heap == nullptr)) return free_without_heap(block, word);
  if (bins->may_borrow(word)) return push((*bins)[class_in(word)], block);
  heap->begin_batch(block, word);
}

METE_COLD void* allocate_run(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  if (!start()) return nullptr;
  if (Heap* heap = own_heap()) return heap->allocate_large(bytes, alignment, zero);
  return allocate_without_heap(bytes, alignment, zero);
}

// A block of a class whose bin is empty, as far as is known.
void* allocate_class(SizeClass size_class, bool& zeroed) noexcept {
  zeroed = false;
  if (METE_UNLIKELY(!start())) return nullptr;
  Heap* heap = own_heap();
  if (METE_UNLIKELY(heap == nullptr)) return allocate_without_heap(bytes_of(size_class), 1, false);
  Bin& bin = heap->bins[size_class];
  if (Block* const block = bin.head) {  // attaching has run a callback that allocated and freed
    bin.head = block->next;
    ++bin.room;
    return block;
  }
  return heap->refill(size_class, zeroed);
}

}  // namespace

METE_NOINLINE void* allocate_slow(Bin& bin) noexcept {
  const SizeClass size_class = current_bins->class_of(bin);
  bool zeroed;
  return allocate_class(size_class, zeroed);
}

METE_NOINLINE void* allocate_large(std::size_t bytes) noexcept {
  Heap* const heap = current_bins->heap;
  if (METE_UNLIKELY(heap == nullptr)) return allocate_run(bytes, 1, false);
  if (METE_LIKELY(bytes <= RunCache::kMostAlone)) {
    if (void* block = heap->reuse_run(bytes)) return block;
  }
  return heap->take_large(bytes, 1, false);
}

METE_NOINLINE void overflow(Bin& bin) noexcept {
  current_bins->heap->overflow(current_bins->class_of(bin));
}

METE_NOINLINE void deallocate_slow(void* pointer, SlabWord difference, Bins* bins) noexcept {
  if (METE_UNLIKELY(!Heap::add_to_batch(*bins, static_cast<Block*>(pointer), difference)))
    deallocate_other(pointer, difference, bins);
}

void* allocate_aligned(std::size_t alignment, std::size_t bytes) noexcept {
  // Rounded up to its alignment a size gets a class that is a multiple of it (size_class.hpp), and
  // slabs are aligned to more than any class.
  const std::size_t least = bytes + (bytes == 0);
  const std::size_t rounded = base::round_up(least, alignment);
  if (METE_LIKELY(rounded <= kLargestClassBytes && rounded >= least)) return allocate(rounded);
  return rounded < least ? nullptr : allocate_run(least, alignment, false);
}

void* allocate_zeroed(std::size_t bytes) noexcept {
  if (bytes > kLargestClassBytes) return allocate_run(bytes, 1, true);
  const SizeClass size_class = class_of(bytes);
  Bin& bin = (*current_bins)[size_class];
  if (Block* const block = bin.head) {
    bin.head = block->next;
    ++bin.room;
    return memset(block, 0, bytes);
  }
  bool zeroed = false;
  void* block = allocate_class(size_class, zeroed);
  if (block == nullptr) return nullptr;
  return memset(block, 0, zeroed && bytes > sizeof(Block) ? sizeof(Block) : bytes);
}

void* allocate_zeroed(std::size_t alignment, std::size_t bytes) noexcept {
  const std::size_t least = bytes + (bytes == 0);
  const std::size_t rounded = base::round_up(least, alignment);
  if (rounded < least) return nullptr;
  return rounded <= kLargestClassBytes ? allocate_zeroed(rounded)
                                       : allocate_run(least, alignment, true);
}

std::size_t usable_size(const void* pointer) noexcept {
  if (pointer == nullptr) return 0;
  const SlabWord word = word_of_any(pointer);
  if (METE_LIKELY(word != 0)) return bytes_in_slab(pointer, word);
  if (const std::size_t bytes = usable_size_elsewhere(pointer)) return bytes;
  return domain.pages.window().bytes_of(resolve_large(pointer, kOfUsable).count());
}

void* reallocate(void* pointer, std::size_t bytes) noexcept {
  const SlabWord word = word_of_any(pointer);
  if (METE_UNLIKELY(word == 0)) return reallocate_large(pointer, bytes);
  std::size_t old_bytes = bytes_of(class_in(word));
  // Stay as long as the block fits and is at least half used.
  if (bytes <= old_bytes && (bytes >= old_bytes / 2 || old_bytes <= 64)) return pointer;
  if (bytes > old_bytes) {  // unless it is a guest
    old_bytes = bytes_in_slab(pointer, word);
    if (bytes <= old_bytes && bytes >= old_bytes / 2) return pointer;
  }
  return move_block(pointer, old_bytes, bytes);
}

std::size_t resize_in_place(void* pointer, std::size_t bytes) noexcept {
  const SlabWord word = word_of_any(pointer);
  if (word != 0) return bytes_in_slab(pointer, word);
  if (const std::size_t usable = usable_size_elsewhere(pointer)) return usable;
  const LargeBlock large = resolve_large(pointer, kOfRealloc);
  const pages::Window& window = domain.pages.window();
  const PageCount wanted = RunCache::pages_for(bytes, window.page_shift());
  if (SharedHeap* const owner = large.owner())
    return window.bytes_of(wanted ? owner->resize_in_place(large.first, wanted) : large.count());
  if (wanted > large.count() && domain.pages.grow_in_place(large.first, large.count(), wanted))
    return window.bytes_of(wanted);
  return window.bytes_of(large.count());
}

std::size_t good_size(std::size_t bytes, std::size_t alignment) noexcept {
  if (const SizeClass size_class = class_for(bytes, alignment); size_class != SizeClass())
    return bytes_of(size_class);
  const unsigned page_shift = domain.pages.window().page_shift();
  const PageCount count = RunCache::pages_for(bytes, page_shift);
  return count && page_shift != 0 ? std::size_t{RunCache::rounded(count).value} << page_shift
                                  : bytes;
}

bool owns(const void* pointer) noexcept {
  if (word_of_any(pointer) != 0) return true;
  const PageId page = domain.pages.page_of(pointer);
  return page && diagnose(page, kOfFree) == Violation::kFreeInterior;
}

SharedHeap* shared_heap_of(const void* pointer) noexcept {
  if (const SlabWord word = word_of_any(pointer); word != 0)
    return heap_of(owner_of(word))->shared();
  const PageId page = domain.pages.page_of(pointer);
  const pages::PageRecord* const record = page ? run_around(page) : nullptr;
  if (record == nullptr || record->state() != PageState::kOwned) return nullptr;
  return heap_of(record->owner)->shared();
}

}  // namespace mete::heap
