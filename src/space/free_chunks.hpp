// Free chunks: the lists of a space and the bits that say which are not empty, the open chunk, and
// how a chunk becomes free. Part of the hot path, so all of it is inline.

#pragma once

#include <cstddef>

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "mete/space.hpp"
#include "space/chunk.hpp"

namespace mete {

constexpr unsigned Space::list_of(std::size_t size) noexcept {
  const std::size_t granules = size / kGranule;
  if (granules < kExact) return static_cast<unsigned>(granules) - kLeast;
  constexpr unsigned kExactLog = 5;
  constexpr unsigned kPartsLog = 2;
  static_assert(kExact == 1 << kExactLog && kParts == 1 << kPartsLog);
  const unsigned log = base::log2_floor(granules) - kExactLog;
  if (METE_LIKELY(log < kFine)) {
    const auto part = static_cast<unsigned>(granules >> (log + kExactLog - kPartsLog)) % kParts;
    return kExact - kLeast + log * kParts + part;
  }
  const unsigned list = kExact - kLeast + kFine * kParts + (log - kFine);
  return list < kLists ? list : kLists - 1;
}

// Puts a free chunk at the head of a list.
inline void Space::push(std::size_t list, Chunk* chunk) noexcept {
  Chunk* const head = list_[list];
  chunk->next = head;
  // Where there is no chunk its link goes nowhere: a store is cheaper than a wrong guess.
  Chunk*** const back = head != nullptr ? &head->link : &nowhere_;
  *back = &chunk->next;
  chunk->link = &list_[list];
  list_[list] = chunk;
  occupied_[list / kWordBits] |= std::size_t{1} << (list % kWordBits);
}

inline void Space::insert(Chunk* chunk, std::size_t size) noexcept { push(list_of(size), chunk); }

// Takes the first chunk of a list out. Returns: false if somebody wrote to the next one, which is
// reported, and nothing has changed.
inline bool Space::pop(std::size_t list, Chunk* chunk) noexcept {
  Chunk* const next = chunk->next;
  if (next != nullptr) {
    if (METE_UNLIKELY(next->link != &chunk->next)) return spoilt(next), false;
    next->link = &list_[list];
  } else {
    occupied_[list / kWordBits] &= ~(std::size_t{1} << (list % kWordBits));
  }
  list_[list] = next;
  return true;
}

// Requires: the chunk is in a list.
inline void Space::unlist(Chunk* chunk) noexcept {
  Chunk* const next = chunk->next;
  Chunk** const link = chunk->link;
  *link = next;
  Chunk*** const back = next != nullptr ? &next->link : &nowhere_;
  *back = link;
  const auto list = static_cast<std::size_t>(link - list_);
  if (next == nullptr && list < kLists)
    occupied_[list / kWordBits] &= ~(std::size_t{1} << (list % kWordBits));
}

// Takes a free chunk out of where it is.
inline void Space::remove(Chunk* chunk) noexcept {
  if (chunk == open_) {
    open_ = open_end_ = nullptr;
  } else {
    unlist(chunk);
  }
}

// Whether the list has a chunk where the chunk says; not so if somebody wrote to it.
inline bool Space::is_listed(const Chunk* chunk) const noexcept { return *chunk->link == chunk; }
inline bool Space::is_listed(const Chunk* chunk, std::size_t size) const noexcept {
  return chunk->size() == size && is_listed(chunk);
}

// Requires: the chunk before this one is free.
inline Space::Chunk* Space::before(Chunk* chunk) const noexcept {
  return chunk == open_end_ ? open_ : chunk->listed_before();
}

// Whether the free neighbours of a chunk in use are as they were left; reports it if not.
inline bool Space::neighbours_are_well(Chunk* chunk) const noexcept {
  if (!chunk->previous_in_use() && chunk != open_end_) {
    Chunk* const before = chunk->listed_before();
    if (METE_UNLIKELY(!is_listed(before, chunk->previous_size))) return spoilt(before), false;
  }
  Chunk* const after = chunk->after();
  if (!after->in_use() && after != open_ && METE_UNLIKELY(!is_listed(after)))
    return spoilt(after), false;
  return true;
}

// Makes `size` bytes from `chunk` on, which are in no list, a free chunk, joined with free
// neighbours; the open one stays the open one. The head of `chunk` is right but for its size.
// Returns: the chunk that they are now; null if somebody wrote to a neighbour, which is reported,
// and nothing has changed.
inline Space::Chunk* Space::make_free(Chunk* chunk, std::size_t size) noexcept {
  Chunk* after = chunk->at(size);
  std::size_t listed_size = 0;  // of `chunk`, if it is in a list already
  if (!chunk->previous_in_use()) {
    const std::size_t previous_size = chunk->previous_size;
    const bool opened = chunk == open_end_;
    chunk = opened ? open_ : chunk->listed_before();
    if (!opened) {
      if (METE_UNLIKELY(!is_listed(chunk, previous_size))) return spoilt(chunk), nullptr;
      listed_size = previous_size;
    }
    size += chunk->size();
  }
  if (!after->in_use()) {
    const std::size_t after_size = after->size();
    size += after_size;
    if (after == open_) {
      if (listed_size != 0) unlist(chunk);
      open_ = chunk;
    } else {
      if (METE_UNLIKELY(!is_listed(after))) return spoilt(after), nullptr;
      unlist(after);
    }
    after = after->at(after_size);
  }
  chunk->head = size | (chunk->head & (Chunk::kFirst | Chunk::kPreviousInUse));
  after->head &= ~Chunk::kPreviousInUse;
  if (chunk == open_) {
    open_end_ = after;
    return chunk;
  }
  after->previous_size = size;
  if (listed_size != 0) {
    // Small ones never stay in their list.
    if (listed_size >= kExact * kGranule && list_of(size) == list_of(listed_size)) return chunk;
    unlist(chunk);
  }
  insert(chunk, size);
  return chunk;
}

// ---- blocks ----

inline bool Space::is_aligned(const void* address, std::size_t alignment) noexcept {
  return (reinterpret_cast<std::uintptr_t>(address) & (alignment - 1)) == 0;
}

// Whether this can be the chunk of a block: what is around it says so, too.
inline bool Space::is_block(const Chunk* chunk) const noexcept {
  constexpr std::size_t kNeverSet = (kGranule - 1) & ~Chunk::kFlags;
  if (!is_aligned(chunk, kGranule)) return false;
  if ((chunk->head & (Chunk::kInUse | kNeverSet)) != Chunk::kInUse) return false;
  // Neither too small nor so large that there can be no such block.
  const std::size_t size = chunk->size();
  if (size - Chunk::kSmallest >= statistics_.in_use) return false;
  return chunk->after()->previous_in_use();
}

inline void Space::count_in(std::size_t size) noexcept { statistics_.in_use += size; }

// A peak is where it goes down again: so allocating need not look.
inline void Space::count_out(std::size_t size) noexcept {
  note_peak();
  statistics_.in_use -= size;
}

inline void Space::note_peak() noexcept {
  if (statistics_.in_use > statistics_.peak_in_use) statistics_.peak_in_use = statistics_.in_use;
}

inline void* Space::begin_block(Chunk* chunk, std::size_t size) noexcept {
  count_in(size);
  ++statistics_.blocks;
  return chunk->payload();
}

inline void Space::end_block(std::size_t size) noexcept {
  --statistics_.blocks;
  count_out(size);
}

// Cuts a block of `size` bytes from the open chunk, which has `room`. Requires: that leaves a
// chunk.
inline void* Space::cut_open(std::size_t size, std::size_t room) noexcept {
  Chunk* const chunk = open_;
  chunk->head = size | Chunk::kInUse | (chunk->head & Chunk::kFlags);
  open_ = chunk->at(size);
  open_->head = (room - size) | Chunk::kPreviousInUse;
  return begin_block(chunk, size);
}

}  // namespace mete
