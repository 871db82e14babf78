// An array indexed by page (or by group of pages) over the whole window, of which only the parts in
// use exist.
//
// Two levels: a directory of chunks; a chunk is reserved when pages in its span are first taken
// from the system and stays. Entries are zero at first. Entries of one chunk lie densely together,
// far from the memory they describe.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "pages/metadata.hpp"

namespace mete::pages {

// kIndexBits: bits of an index; kChunkBits: of these, those that count inside a chunk.
template <class T, unsigned kIndexBits, unsigned kChunkBits>
class SparseArray {
 public:
  static_assert(kIndexBits > kChunkBits && kIndexBits <= 32);

  // Makes entries [first, last] exist. Returns: false when there is no memory. Any thread; of two
  // that race to make the same chunk, one wastes the addresses of its own.
  bool ensure(std::uint32_t first, std::uint32_t last) noexcept {
    for (std::uint32_t chunk = first >> kChunkBits; chunk <= last >> kChunkBits; ++chunk) {
      if (directory_[chunk].load(std::memory_order_relaxed) != nullptr) continue;
      void* memory = allocate_metadata(sizeof(T) << kChunkBits);
      if (memory == nullptr) return false;
      T* none = nullptr;
      // release: pairs with the acquires in find() and operator[].
      directory_[chunk].compare_exchange_strong(none, static_cast<T*>(memory),
                                                std::memory_order_release);
    }
    return true;
  }

  // The entry, or null if its chunk does not exist. Any thread, any index.
  T* find(std::uint32_t index) const noexcept {
    // acquire: pairs with the release in ensure().
    T* chunk = directory_[index >> kChunkBits].load(std::memory_order_acquire);
    return chunk == nullptr ? nullptr : chunk + (index & kMask);
  }

  // The entry. Requires: it exists.
  T& operator[](std::uint32_t index) const noexcept {
    // acquire: pairs with the release in ensure().
    return directory_[index >> kChunkBits].load(std::memory_order_acquire)[index & kMask];
  }

  static constexpr std::uint32_t kMask =
      (std::uint32_t{1} << kChunkBits) - 1;  // of an index inside its chunk

 private:
  std::atomic<T*> directory_[std::size_t{1} << (kIndexBits - kChunkBits)]{};
};

}  // namespace mete::pages
