// A port (mete/port.h) that refuses now and then, and sees to it that what it is asked is right.
// One at a time, made for each input.

#pragma once

#include <cstddef>
#include <cstdint>

#include "fuzz/arena.hpp"
#include "fuzz/input.hpp"
#include "mete/dlmalloc.h"
#include "mete/port.h"

namespace mete::fuzz {

class FailingPort {
 public:
  // Whose pieces are which: memory of the heap of a space, blocks that are mapped alone, what has
  // been such a block until it was not taken back and is memory of the heap since, and what the
  // caller has lent.
  enum Kind { kHeap, kDirect, kLeft, kBase, kKinds };
  static int owner(int space, Kind kind) { return kKinds * space + kind; }

  FailingPort() { one_ = this; }
  FailingPort(const FailingPort&) = delete;
  FailingPort& operator=(const FailingPort&) = delete;
  static FailingPort& one() { return *one_; }

  void change(Input& input) {
    where_ = input.byte();
    refuse_every_ = how_often(input.byte());
    keep_every_ = how_often(input.byte());
    has_direct_ = !input.one_in(4);
  }
  void be_willing() { refuse_every_ = keep_every_ = 0; }

  void* map(std::size_t bytes, bool direct) {
    METE_EXPECT(bytes != 0 && bytes % kUnit == 0);
    if (space != nullptr && mspace_footprint_limit(space) != SIZE_MAX)
      METE_EXPECT(mspace_footprint(space) + bytes <= mspace_footprint_limit(space));
    void* base = nullptr;
    if (!is_one_of(refuse_every_, mapped_) && (has_direct_ || !direct))
      base = arena.take(bytes, owner(now, direct ? kDirect : kHeap), where_);
    if (base == nullptr && !direct) ++refused;
    return base != nullptr ? base : reinterpret_cast<void*>(~std::uintptr_t{0});
  }
  int unmap(void* base, std::size_t bytes) {
    const auto piece = arena.pieces().find(static_cast<std::byte*>(base));
    METE_EXPECT(piece != arena.pieces().end());
    const bool direct = piece->second.owner == owner(now, kDirect);
    if (is_one_of(keep_every_, unmapped_)) {
      ++kept;
      if (direct) arena.change_owner(piece->first, owner(now, kLeft));
      return -1;
    }
    arena.give(piece->first, bytes, owner(now, direct ? kDirect : kHeap));
    given += bytes;
    return 0;
  }

  static constexpr std::size_t kUnit = 4096;
  Arena arena{kUnit};
  int now = 0;             // the space that is called
  mspace space = nullptr;  // and its handle, if it has one yet
  unsigned refused = 0;
  unsigned kept = 0;
  std::size_t given = 0;

 private:
  // Never, always, or each so many.
  static unsigned how_often(unsigned byte) { return byte % 4 == 3 ? 1 + byte / 4 % 4 : 0; }
  static bool is_one_of(unsigned every, unsigned& count) {
    return every != 0 && ++count % every == 0;
  }

  static inline FailingPort* one_ = nullptr;
  unsigned where_ = 2;
  unsigned refuse_every_ = 0;
  unsigned keep_every_ = 0;
  bool has_direct_ = true;
  unsigned mapped_ = 0;
  unsigned unmapped_ = 0;
};

}  // namespace mete::fuzz
