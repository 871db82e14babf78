// Frees across heaps: batches of blocks from the thread that freed them to the heap that owns them.

#include "base/check.hpp"
#include "heap/domain.hpp"
#include "heap/heap.hpp"
#include "heap/shared_heap.hpp"
#include "heap/thread_heaps.hpp"

namespace mete::heap {
namespace {

// Bytes in the inboxes of a heap beyond which the sender puts them back into the owner's slabs
// itself, in case the owner sleeps. Little when the owner's heap shrinks: each block may hold a
// page.
constexpr std::size_t kInboxBytes = std::size_t{256} << 10;
constexpr std::size_t kShrinkingInboxBytes = std::size_t{2} << 10;
constexpr std::uint32_t kShortBatch = 2;  // less than any other

// The heap that the blocks of an open entry belong to.
METE_INLINE Heap& owner_of_entry(const Bins& bins, const Outbox::Entry& entry) noexcept {
  return *heap_of(owner_of(entry.difference ^ bins.owner_word));
}

}  // namespace

// The entry of the block's owner and class is not open: opens it, closing what was collected there
// for another pair.
METE_NOINLINE void Heap::begin_batch(Block* block, SlabWord word) noexcept {
  const Heap* owner = heap_of(owner_of(word));
  // At once, since a shared heap may end: no entry is ever open for one.
  if (is_shared(word)) return owner->shared()->take_back(block, class_in(word));
  const SlabWord difference = word ^ bins.owner_word;
  Outbox::Entry& entry = bins.outbox.entry_for(difference);
  if (entry.limit != 0) send(entry);
  bins.outbox.open(
      entry, difference,
      owner->caches_little() ? kShortBatch : static_cast<std::uint32_t>(bin_limit(class_in(word))));
  Outbox::push(entry, block);  // a batch has room for two at least
  if (bins.outbox.bytes() > Outbox::kMostBytes) send_fullest();
}

void Heap::free_remote(BlockList list, SlabWord word, std::uint32_t batch) noexcept {
  Heap* const owner = heap_of(owner_of(word));
  if (is_shared(word)) return owner->shared()->take_back(list, class_in(word));
  if (list.length >= batch) {
    owner->post(class_in(word), list);
    ++batches_;
    return;
  }
  for (Block* block = list.head; block != nullptr;) {
    Block* const next = block->next;
    free_remote(block, word);
    block = next;
  }
}

// Sends a full batch. The entry stays open for the next one, unless the owner wants other lengths
// by now or this thread would rather have the blocks itself.
METE_NOINLINE void Heap::send_full(Outbox::Entry& entry) noexcept {
  Heap& owner = owner_of_entry(bins, entry);
  const SizeClass size_class = entry.size_class();
  const bool goes_on =
      (entry.limit == kShortBatch) == owner.caches_little() && !bins.borrows[size_class.index];
  owner.post(size_class, goes_on ? Outbox::renew(entry) : bins.outbox.close(entry));
  ++batches_;
}

// Sends what an entry has, and frees it.
METE_NOINLINE void Heap::send(Outbox::Entry& entry) noexcept {
  Heap& owner = owner_of_entry(bins, entry);
  const SizeClass size_class = entry.size_class();
  const BlockList list = bins.outbox.close(entry);
  if (list.length == 0) return;
  owner.post(size_class, list);
  ++batches_;
}

void Heap::send_all() noexcept {
  if (bins.outbox.bytes() == 0) return;
  for (Outbox::Entry& entry : bins.outbox) {
    if (entry.limit != 0) send(entry);
  }
}

// Too much is pending: the entries that are half full go, the others go on collecting.
void Heap::send_fullest() noexcept {
  for (Outbox::Entry& entry : bins.outbox) {
    if (entry.limit != 0 && entry.room <= entry.limit / 2) send(entry);
  }
  if (bins.outbox.bytes() > Outbox::kMostBytes / 2) send_all();
}

void Heap::post(SizeClass size_class, BlockList list) noexcept {
  const std::size_t pending = put_into_inbox(size_class, list);
  if (caches_little()) {
    if (pending > kShrinkingInboxBytes) collect_for_owner();
    return;
  }
  const std::size_t most = inbox_limit();
  if (METE_UNLIKELY(pending > most) && domain.pages.would_purge(pending) &&
      !owner_works(pending, most))
    collect_for_owner();
}

std::size_t Heap::inbox_limit() const noexcept {
  const std::size_t share = carved_hint_.load(std::memory_order_relaxed) / 16;
  return share > kInboxBytes ? share : kInboxBytes;
}

// Whether the owner has taken a slow path since its inboxes held `margin` bytes less: then it
// empties them itself. Who did it for an owner at work would only make it wait for the lock.
bool Heap::owner_works(std::size_t pending, std::size_t margin) noexcept {
  const std::uint32_t events = slow_events_.load(std::memory_order_relaxed);
  if (events != seen_events_.load(std::memory_order_relaxed)) {
    seen_events_.store(events, std::memory_order_relaxed);
    seen_bytes_.store(pending, std::memory_order_relaxed);
    return true;
  }
  return pending < seen_bytes_.load(std::memory_order_relaxed) + margin;
}

std::size_t Heap::put_into_inbox(SizeClass size_class, BlockList list) noexcept {
  METE_ASSERT(list.length != 0);
  const std::size_t bytes = list.length * bytes_of(size_class);
  const std::size_t pending = inbox_bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  std::atomic<Block*>& inbox = inbox_[size_class.index];
  Block* first = inbox.load(std::memory_order_relaxed);
  do {
    list.head->set_magazine(first, list.length);
    // release: pairs with the acquire in take_inbox().
  } while (!inbox.compare_exchange_weak(first, list.head, std::memory_order_release,
                                        std::memory_order_relaxed));
  return pending;
}

bool Heap::collect_for_owner() noexcept {
  if (!lock_.try_lock()) return false;
  // Straight into the slabs: the owner's own magazines stay as they are.
  for (unsigned i = 1; i < kClassCount; ++i) {
    // acquire: pairs with the release in post().
    Block* magazine = inbox_[i].load(std::memory_order_relaxed) == nullptr
                          ? nullptr
                          : inbox_[i].exchange(nullptr, std::memory_order_acquire);
    Lanes lanes;
    while (magazine != nullptr) {
      Block* const next = magazine->next_magazine();
      inbox_bytes_.fetch_sub(magazine->magazine_length() * bytes_of(SizeClass(i)),
                             std::memory_order_relaxed);
      distribute_later(SizeClass(i), magazine, lanes);
      magazine = next;
    }
    distribute(SizeClass(i), lanes);
  }
  const bool shrinking = settle(false);
  if (shrinking || idle()) {
    start_draining(false);
    release_empty_slabs();
  }
  lock_.unlock();
  return true;
}

}  // namespace mete::heap
