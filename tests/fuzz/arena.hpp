// Memory for what is fuzzed: pieces of one array, side by side or apart as the input says. What is
// in no piece is poisoned, so that AddressSanitizer sees who looks beyond.

#pragma once

#include <sanitizer/asan_interface.h>

#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <utility>

#include "fuzz/input.hpp"

namespace mete::fuzz {

class Arena {
 public:
  struct Piece {
    std::size_t bytes;
    int owner;  // whose it is, as the caller counts
  };
  using Pieces = std::map<std::byte*, Piece>;

  // Pieces begin in a unit of their own.
  explicit Arena(std::size_t unit) : unit_(unit) {
    ASAN_POISON_MEMORY_REGION(memory_, sizeof(memory_));
  }
  ~Arena() { ASAN_UNPOISON_MEMORY_REGION(memory_, sizeof(memory_)); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A piece with `skew` bytes before it in its unit; null if there is no room. `where`: beside
  // which piece, or apart from all.
  std::byte* take(std::size_t bytes, int owner, unsigned where, std::size_t skew = 0) {
    if (bytes > sizeof(memory_) / 2) return nullptr;
    const std::size_t whole = (skew + bytes + unit_ - 1) / unit_ * unit_;
    std::byte* const unit = place(whole, where);
    if (unit == nullptr) return nullptr;
    std::byte* const base = unit + skew;
    ASAN_UNPOISON_MEMORY_REGION(base, bytes);
    std::memset(base, 0xA5, bytes);
    pieces_[base] = {bytes, owner};
    return base;
  }

  // Bytes between the piece that `where` names and the one above; 0 if there is none.
  std::size_t gap(unsigned where) const {
    if (pieces_.empty()) return 0;
    const auto piece = named(where);
    const auto next = std::next(piece);
    if (next == pieces_.end()) return 0;
    return static_cast<std::size_t>(next->first - piece->first) - piece->second.bytes;
  }

  // Whole pieces of one owner, several if they are neighbours.
  void give(std::byte* base, std::size_t bytes, int owner) {
    for (std::byte* const end = base + bytes; base < end;) {
      const auto piece = pieces_.find(base);
      METE_EXPECT(piece != pieces_.end());
      METE_EXPECT(piece->second.owner == owner);
      base = remove(piece);
      METE_EXPECT(base <= end);
    }
  }

  void change_owner(std::byte* base, int owner) { pieces_.at(base).owner = owner; }

  // All pieces of an owner, whoever still uses them.
  void give_all(int owner) {
    for (auto piece = pieces_.begin(); piece != pieces_.end();) {
      const auto next = std::next(piece);
      if (piece->second.owner == owner) remove(piece);
      piece = next;
    }
  }

  const Pieces& pieces() const { return pieces_; }
  std::size_t bytes_of(int owner) const {
    std::size_t sum = 0;
    for (const auto& [base, piece] : pieces_) sum += piece.owner == owner ? piece.bytes : 0;
    return sum;
  }

 private:
  static constexpr std::size_t kApart = 4;  // free on both sides of what lies apart

  std::byte* remove(Pieces::iterator piece) {
    const auto [base, bytes] = std::pair{piece->first, piece->second.bytes};
    ASAN_POISON_MEMORY_REGION(unit_of(base),
                              bytes + static_cast<std::size_t>(base - unit_of(base)));
    pieces_.erase(piece);
    return base + bytes;
  }

  std::byte* unit_of(std::byte* at) const {
    return at - static_cast<std::size_t>(at - memory_) % unit_;
  }
  std::byte* end_of(Pieces::const_iterator piece) const {
    return unit_of(piece->first + piece->second.bytes + unit_ - 1);
  }
  Pieces::const_iterator named(unsigned where) const {
    return std::next(pieces_.begin(), static_cast<std::ptrdiff_t>(where / 4 % pieces_.size()));
  }

  // Whether whole units are in the memory and in no piece.
  bool is_free(const std::byte* at, std::size_t bytes) const {
    if (at < memory_ || at > std::end(memory_)) return false;
    if (bytes > static_cast<std::size_t>(std::end(memory_) - at)) return false;
    const auto above = pieces_.lower_bound(const_cast<std::byte*>(at));
    if (above != pieces_.end() && above->first < at + bytes) return false;
    return above == pieces_.begin() || end_of(std::prev(above)) <= at;
  }

  std::byte* place(std::size_t bytes, unsigned where) const {
    if (where % 4 != 0 && !pieces_.empty()) {
      const auto piece = named(where);
      std::byte* const at = where % 4 == 1 ? unit_of(piece->first) - bytes : end_of(piece);
      if (is_free(at, bytes)) return at;
    }
    const std::size_t apart = kApart * unit_;
    std::byte* at = memory_ + apart * (1 + where / 16);
    for (auto piece = pieces_.lower_bound(at); !is_free(at - apart, bytes + 2 * apart); ++piece) {
      if (piece == pieces_.end()) return nullptr;
      at = end_of(piece) + apart;
    }
    return at;
  }

  alignas(4096) static inline std::byte memory_[2 << 20];
  std::size_t unit_;
  Pieces pieces_;
};

}  // namespace mete::fuzz
