// The thread's end of a heap: one LIFO list of free blocks per class, the only thing that the fast
// path touches; and what waits for other heaps.
//
//   blocks in the bin + room == limit of the bin, as it was last set (bin_limit)
//
// The bins of a thread are reached through one thread-local pointer. It starts out at `no_bins`,
// whose lists are empty and whose owner matches no slab, so a thread without a heap takes the slow
// path by itself: no test for it.

#pragma once

#include <cstddef>
#include <cstdint>

#include "base/compiler.hpp"
#include "heap/block.hpp"
#include "heap/outbox.hpp"
#include "heap/size_class.hpp"
#include "heap/slab_map.hpp"

namespace mete::heap {

class Heap;

inline constexpr SlabWord kNoHeapWord = kMostOwners << kOwnerShift;  // of no slab

struct Bin {
  alignas(8) Block* head = nullptr;  // 16 bytes in all, however wide
  std::int32_t room = 0;             // blocks that may still be pushed; -1 asks for overflow()
  SlabWord word = kNoHeapWord;       // of the slabs whose blocks belong here
};

// A class as the byte offset of its bin: what the slab word and the size table hold, so that no
// shift is needed.
using BinOffset = std::uint32_t;
inline constexpr BinOffset kBinsEnd = kClassCount * sizeof(Bin);
static_assert(sizeof(Bin) == std::size_t{1} << kClassShift);

struct Bins {
  Bin bin[kClassCount];               // owner thread only
  SlabWord owner_word = kNoHeapWord;  // owner id << kOwnerShift, and kSharedMark
  Heap* heap = nullptr;
  std::int32_t limit[kClassCount]{};  // owner thread only
  bool borrows[kClassCount]{};        // refill.cpp
  Outbox outbox;                      // owner thread only; of a thread without a heap it is empty

  METE_INLINE Bin& at(BinOffset offset) noexcept {
    return *reinterpret_cast<Bin*>(reinterpret_cast<std::byte*>(this) + offset);
  }
  Bin& operator[](SizeClass size_class) noexcept { return bin[size_class.index]; }
  // Blocks in a bin.
  std::int32_t length(SizeClass size_class) const noexcept {
    return limit[size_class.index] - bin[size_class.index].room;
  }
  // Gives a bin, which holds `length` blocks, room up to `limit`.
  void set_limit(SizeClass size_class, std::int32_t new_limit, std::int32_t length = 0) noexcept {
    limit[size_class.index] = new_limit;
    bin[size_class.index].room = new_limit - length;
  }
  // Whether a block of another heap, whose slab word this is, may come into its bin. Blocks of a
  // shared heap may not: it can end.
  bool may_borrow(SlabWord word) const noexcept {
    return borrows[class_in(word).index] && !is_shared(word);
  }
  SizeClass class_of(const Bin& which) const noexcept {
    return SizeClass(static_cast<unsigned>(&which - bin));
  }
};

extern constinit Bins no_bins;    // of a thread that has no heap yet (thread_heaps.hpp)
extern constinit Bins dead_bins;  // of a thread that has given up its heap and is about to end

// Hidden also in programs that include this, so that what they get is one load from the thread
// pointer; in an executable at an offset that the linker knows.
#if defined(__PIC__) && !defined(__PIE__)
#define METE_TLS [[gnu::visibility("hidden"), gnu::tls_model("initial-exec")]]
#else
#define METE_TLS [[gnu::visibility("hidden"), gnu::tls_model("local-exec")]]
#endif

METE_TLS extern constinit thread_local Bins* current_bins;

// The same for typed allocation (mete/typed.hpp), and empty for ever if the program has selected
// another global allocator: global/global_alloc.cpp sets it.
METE_TLS extern constinit thread_local Bins* global_bins;

}  // namespace mete::heap
