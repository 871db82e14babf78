// Numbers of heaps.

#include "heap/registry.hpp"

#include "heap/domain.hpp"
#include "pages/metadata.hpp"

namespace mete::heap {

constinit Registry registry;

void* Registry::metadata(std::size_t bytes) noexcept {
  if (void* const memory = pages::allocate_metadata(bytes)) return memory;
  domain.pages.release_free();
  return pages::allocate_metadata(bytes);
}

Registry::Slot* Registry::next_slot() noexcept {
  const std::uint32_t id = next_id();
  if (id >= kMostOwners) return nullptr;
  std::atomic<Slot*>& part = table[id >> kTableShift];
  if (part.load(std::memory_order_relaxed) == nullptr) {
    void* memory = metadata(kTableSize * sizeof(Slot));
    if (memory == nullptr) return nullptr;
    // release: pairs with the acquire in heap_of().
    part.store(static_cast<Slot*>(memory), std::memory_order_release);
  }
  return part.load(std::memory_order_relaxed) + (id & (kTableSize - 1));
}

void Registry::publish(Slot* slot, Heap& heap) noexcept {
  // release: pairs with the acquires in heap_of() and heap_count().
  slot->store(&heap, std::memory_order_release);
  count.store(next_id(), std::memory_order_release);
}

Heap* heap_of(std::uint32_t id) noexcept {
  // acquire: pairs with the releases in next_slot() and publish().
  return registry.table[id >> Registry::kTableShift]
      .load(std::memory_order_acquire)[id & (Registry::kTableSize - 1)]
      .load(std::memory_order_acquire);
}

std::uint32_t heap_count() noexcept { return registry.count.load(std::memory_order_acquire); }

}  // namespace mete::heap
