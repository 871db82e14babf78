// What a block is filled with, derived from its address, its size and a seed.
//
// Two live blocks never have the same pattern, so a block that overlaps another one, that was
// handed out twice or that lost bytes in a realloc is seen when it is next checked. Blocks up to
// kWholeLimit are filled entirely, larger ones at the head, at the tail and one word in every page
// (at most about 64 pages):
//
//     |HHHH....|w.......|w.......|w.......|....TTTT|
#pragma once

#include <cstddef>
#include <cstdint>

namespace stress {

class Pattern {
 public:
  static constexpr std::size_t kWholeLimit = 16 * 1024;
  static constexpr std::size_t kEnds = 256;
  static constexpr std::size_t kSampleStride = 4096;
  static constexpr std::size_t kMaxSamples = 64;

  struct Mismatch {
    bool found;
    std::size_t offset;
    std::byte expected;
    std::byte actual;
  };

  Pattern(const void* address, std::size_t size, std::uint64_t seed) noexcept;

  /// Requires: `block` has the size given to the constructor.
  void write(void* block) const noexcept;

  /// Checks the first `length` bytes: after a realloc, the bytes that had to survive. Requires:
  /// length <= size.
  Mismatch check(const void* block, std::size_t length) const noexcept;

 private:
  template <class Visit>
  void for_each_range(std::size_t length, Visit visit) const noexcept;
  std::uint64_t word(std::size_t offset) const noexcept;
  std::byte byte(std::size_t offset) const noexcept;

  std::size_t size_;
  std::uint64_t key_;
};

}  // namespace stress
