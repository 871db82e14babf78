// Making and filling the leaves of the slab map.

#include "heap/slab_map.hpp"

#include "base/check.hpp"
#include "pages/metadata.hpp"
#include "port/memory.hpp"

namespace mete::heap {

constinit SlabMap slab_map;

bool SlabMap::start() noexcept {
  static_assert(size_classes_are_sound());
  void* zeroes = port::reserve_read_only(kLeafBytes);
  if (zeroes == nullptr) return false;
  pages::count_metadata(kLeafBytes);
  not_ours_ = zeroes;
  for (std::size_t i = 0; i < kRootEntries; ++i)
    root_[i].store(biased(zeroes, i), std::memory_order_relaxed);
  return true;
}

bool SlabMap::set(const void* slab, SlabWord word) noexcept {
  METE_ASSERT(covers(slab));
  const auto address = reinterpret_cast<std::uintptr_t>(slab);
  const std::size_t index = address >> kLeafShift;
  Leaf leaf = root_[index].load(std::memory_order_relaxed);
  if (leaf == biased(not_ours_, index)) {
    void* fresh = port::reserve(kLeafBytes, nullptr);
    if (fresh == nullptr) return false;
    // Another thread may have been faster.
    if (root_[index].compare_exchange_strong(leaf, biased(fresh, index),
                                             std::memory_order_relaxed)) {
      leaf = biased(fresh, index);
      pages::count_metadata(kLeafBytes);
    } else {
      port::release(fresh, kLeafBytes);
    }
  }
  entry(leaf, address).store(word, std::memory_order_relaxed);
  return true;
}

void SlabMap::clear(const void* slab) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(slab);
  const std::size_t index = address >> kLeafShift;
  const Leaf leaf = root_[index].load(std::memory_order_relaxed);
  // The leaf of zeroes cannot be written to, and need not.
  if (leaf != biased(not_ours_, index)) entry(leaf, address).store(0, std::memory_order_relaxed);
}

}  // namespace mete::heap
