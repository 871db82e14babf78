// How a region is cut into chunks: boundary tags (Knuth, TAOCP 2.5), one word for a block in use.
//
//   region   | Region | chunk | chunk | ...                  | end |
//   chunk    | head | payload ...                            |            in use
//   chunk    | head | next | link | ...               | size |            free
//                                                     `-> is also the word before the next head
//
// The head holds the size of the chunk, from its head to the next one, and three flags. A block may
// use the word before the next head, since the size is only written there while the chunk is free.
// So the payload of a chunk of n bytes is n less one word, and the chunk before is found only if it
// is free, which is when it is looked for.
//
// Invariants: no two free chunks are neighbours; every free chunk is in the list of its size, but
// for the open one, which has no size at its end; the flag kPreviousInUse of a chunk is right; the
// end of a region is a head of size 0, in use.

#pragma once

#include <cstddef>
#include <cstdint>

#include "mete/space.hpp"

namespace mete {

struct Space::Chunk {
  static constexpr std::size_t kInUse = 1;
  static constexpr std::size_t kPreviousInUse = 2;
  static constexpr std::size_t kFirst = 4;  // the first of its region
  static constexpr std::size_t kFlags = 7;
  static constexpr std::size_t kWord = sizeof(std::size_t);
  static constexpr std::size_t kSmallest = 4 * kWord;

  std::size_t previous_size;  // of the chunk before, if that is free; else its payload
  std::size_t head;
  Chunk* next;   // in the list, if this chunk is in one; else payload
  Chunk** link;  // what points to this chunk: the `next` of the one before in the list, or its head

  std::size_t size() const noexcept { return head & ~kFlags; }
  bool in_use() const noexcept { return (head & kInUse) != 0; }
  bool previous_in_use() const noexcept { return (head & kPreviousInUse) != 0; }
  bool is_first() const noexcept { return (head & kFirst) != 0; }
  bool is_end() const noexcept { return size() == 0; }

  // Changes the size and keeps the flags.
  void set_size(std::size_t size) noexcept { head = size | (head & kFlags); }

  void* payload() noexcept { return &next; }
  static Chunk* of(void* payload) noexcept {
    return reinterpret_cast<Chunk*>(static_cast<std::byte*>(payload) - 2 * kWord);
  }
  static const Chunk* of(const void* payload) noexcept { return of(const_cast<void*>(payload)); }

  Chunk* at(std::size_t distance) noexcept {
    return reinterpret_cast<Chunk*>(reinterpret_cast<std::byte*>(this) + distance);
  }
  Chunk* after() noexcept { return at(size()); }
  const Chunk* after() const noexcept { return const_cast<Chunk*>(this)->after(); }
  // Requires: the chunk before is in a list.
  Chunk* listed_before() noexcept {
    return reinterpret_cast<Chunk*>(reinterpret_cast<std::byte*>(this) - previous_size);
  }

  // The size of a chunk whose payload has `bytes`; 0 if there is no such chunk.
  static constexpr std::size_t size_for(std::size_t bytes) noexcept {
    if (bytes > SIZE_MAX / 2 - 2 * kGranule) return 0;
    return size_for_small(bytes);
  }
  // The same, where there is one for sure.
  static constexpr std::size_t size_for_small(std::size_t bytes) noexcept {
    const std::size_t size = (bytes + kWord + kGranule - 1) & ~(kGranule - 1);
    return size < kSmallest ? kSmallest : size;
  }
};

// The head of a region. The first chunk begins in its last word: what lies before a first chunk is
// never asked for.
struct Space::Region {
  Region* next;
  std::byte* base;          // as it was given
  std::size_t twice_bytes;  // and its length; the lowest bit: whether it is from the source

  std::size_t bytes() const noexcept { return twice_bytes >> 1; }
  bool from_source() const noexcept { return (twice_bytes & 1) != 0; }
  void set(std::byte* start, std::size_t length, bool is_from_source) noexcept {
    base = start;
    twice_bytes = length << 1 | (is_from_source ? 1 : 0);
  }

  Chunk* first() noexcept {
    return reinterpret_cast<Chunk*>(reinterpret_cast<std::byte*>(this) + sizeof(Region) +
                                    Chunk::kWord - kGranule);
  }
  // The head that ends the region, in its last word that is aligned as heads are.
  Chunk* end() noexcept {
    const auto last = reinterpret_cast<std::uintptr_t>(base + bytes()) & ~(kGranule - 1);
    return reinterpret_cast<Chunk*>(last - kGranule);
  }
  const Chunk* first() const noexcept { return const_cast<Region*>(this)->first(); }
  const Chunk* end() const noexcept { return const_cast<Region*>(this)->end(); }

  // Whether nothing in it is in use.
  bool is_empty() noexcept { return !first()->in_use() && first()->after() == end(); }

  static Region* of(Chunk* first) noexcept {
    return reinterpret_cast<Region*>(reinterpret_cast<std::byte*>(first) + kGranule - Chunk::kWord -
                                     sizeof(Region));
  }
};

}  // namespace mete
