// The thread's end of a heap: one LIFO list of free blocks per class, the only thing that the fast
// path touches.
//
//   blocks in the bin + room == limit of the bin, as it was last set
//
// The bins of a thread are reached through one thread-local pointer. It starts out at `no_bins`,
// whose lists are empty and whose owner matches no slab, so a thread without a heap takes the slow
// path by itself: no test for it.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/size_class.hpp"
#include "heap/slab_map.hpp"

namespace mete::heap {

class Heap;

struct Bin {
  Block* head = nullptr;
  std::int32_t room = 0;  // blocks that may still be pushed; -1 asks for overflow()
  std::int32_t limit = 0;

  std::uint32_t length() const noexcept { return static_cast<std::uint32_t>(limit - room); }
};

// A class as the byte offset of its bin: what the slab word and the size table hold, so that no
// shift is needed.
using BinOffset = std::uint32_t;
inline constexpr BinOffset kBinsEnd = kClassCount * sizeof(Bin);
static_assert(sizeof(Bin) == std::size_t{1} << kClassShift);

struct Bins {
  Bin bin[kClassCount];                              // owner thread only
  SlabWord owner_word = kMostOwners << kOwnerShift;  // owner id << kOwnerShift
  Heap* heap = nullptr;

  METE_INLINE Bin& at(BinOffset offset) noexcept {
    return *reinterpret_cast<Bin*>(reinterpret_cast<std::byte*>(this) + offset);
  }
  Bin& operator[](SizeClass size_class) noexcept { return bin[size_class.index]; }
  SizeClass class_of(const Bin& which) const noexcept {
    return SizeClass(static_cast<unsigned>(&which - bin));
  }
};

extern constinit Bins no_bins;    // of a thread that has not allocated yet
extern constinit Bins dead_bins;  // of a thread that has given up its heap and is about to end

// Hidden also in programs that include this, so that what they get is one load from the thread
// pointer.
[[gnu::visibility("hidden")]] extern constinit thread_local Bins* current_bins;

// The same for typed allocation (mete/typed.hpp), and empty for ever if the program has selected
// another global allocator: global/global_alloc.cpp sets it.
[[gnu::visibility("hidden")]] extern constinit thread_local Bins* global_bins;

}  // namespace mete::heap
