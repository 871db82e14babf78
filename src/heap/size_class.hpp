// Size classes: the block sizes that slabs are cut into.
//
//   16, 24, 32 … 128        steps of 8
//   144, 160 … 256          steps of 16
//   288 … 512, 576 … 32768  eight per doubling
//
// A block size is a multiple of every power of two up to an eighth of it, and slabs start at
// multiples of 64 KiB, so a class is aligned to the lowest bit of its size. Sizes with alignment
// above 8 use the classes that are multiples of 16; the others (24, 40 …) serve layouts of
// alignment 8 or less, about a third of all allocations.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bits.hpp"

namespace mete::heap {

inline constexpr std::size_t kSlabBytes = std::size_t{64} << 10;
inline constexpr unsigned kSlabShift = 16;
inline constexpr std::size_t kLargestClassBytes = std::size_t{32} << 10;
inline constexpr std::size_t kSmallestBlock = 16;
inline constexpr unsigned kClassCount = 80;  // class 0 is no class
inline constexpr std::size_t kGranule = 16;

struct SizeClass {
  std::uint8_t index = 0;

  constexpr SizeClass() noexcept = default;
  constexpr explicit SizeClass(unsigned number) noexcept
      : index(static_cast<std::uint8_t>(number)) {}
  constexpr bool operator==(const SizeClass&) const noexcept = default;
};

consteval std::array<std::uint32_t, kClassCount> make_class_bytes() {
  std::array<std::uint32_t, kClassCount> bytes{};
  unsigned index = 1;
  std::uint32_t size = kSmallestBlock;
  bytes[index++] = size;
  while (size < 128) bytes[index++] = size += 8;
  while (size < 256) bytes[index++] = size += 16;
  while (size < kLargestClassBytes)
    bytes[index++] = size += std::uint32_t{1} << (base::log2_floor(size) - 3);
  return bytes;
}

inline constexpr std::array<std::uint32_t, kClassCount> kClassBytes = make_class_bytes();

constexpr std::uint32_t bytes_of(SizeClass size_class) noexcept {
  return kClassBytes[size_class.index];
}

// The class that serves `bytes` at alignment 16, by granule of 16 bytes: kClassOfGranule[(bytes +
// 15) / 16].
consteval std::array<std::uint8_t, kLargestClassBytes / kGranule + 1> make_class_of_granule() {
  std::array<std::uint8_t, kLargestClassBytes / kGranule + 1> table{};
  unsigned index = 1;
  for (std::size_t granule = 0; granule < table.size(); ++granule) {
    while (kClassBytes[index] < granule * kGranule || kClassBytes[index] % kGranule != 0) ++index;
    table[granule] = static_cast<std::uint8_t>(index);
  }
  return table;
}

inline constexpr auto kClassOfGranule = make_class_of_granule();

// Requires: bytes <= kLargestClassBytes.
constexpr SizeClass class_of(std::size_t bytes) noexcept {
  return SizeClass(kClassOfGranule[(bytes + kGranule - 1) / kGranule]);
}

// As class_of, for blocks of alignment 8 or less. Up to 128 bytes the classes are 8 bytes apart.
constexpr SizeClass class_of_unaligned(std::size_t bytes) noexcept {
  if (bytes > 128) return class_of(bytes);
  return bytes <= kSmallestBlock ? SizeClass(1)
                                 : SizeClass(static_cast<unsigned>((bytes + 7) / 8 - 1));
}

// The class for a layout, no class if it needs pages of its own. Requires: `align` is a power of
// two.
constexpr SizeClass class_for(std::size_t bytes, std::size_t align) noexcept {
  if (bytes > kLargestClassBytes || align > kLargestClassBytes) return SizeClass();
  if (align <= 8) return class_of_unaligned(bytes);
  // Rounded up to its alignment a size gets a class that is a multiple of it.
  const std::size_t rounded = base::round_up(bytes, align);
  return rounded <= kLargestClassBytes ? class_of(rounded) : SizeClass();
}

// Blocks that a slab of the class holds.
constexpr std::uint32_t capacity_of(SizeClass size_class) noexcept {
  return static_cast<std::uint32_t>(kSlabBytes) / bytes_of(size_class);
}

// Blocks that a bin of the class holds at most: 8 KiB worth, between 4 and 64.
consteval std::array<std::uint8_t, kClassCount> make_bin_limits() {
  std::array<std::uint8_t, kClassCount> limits{};
  for (unsigned i = 1; i < kClassCount; ++i) {
    const std::uint32_t worth = (std::uint32_t{8} << 10) / kClassBytes[i];
    limits[i] = static_cast<std::uint8_t>(worth > 64 ? 64 : worth < 4 ? 4 : worth);
  }
  return limits;
}

inline constexpr auto kBinLimit = make_bin_limits();

constexpr std::int32_t bin_limit(SizeClass size_class) noexcept {
  return kBinLimit[size_class.index];
}

// And in a heap that has a new thread: it doubles with each refill. Threads that live for a moment
// then do not take, and put back, sixty blocks for the two that they need.
constexpr std::int32_t first_bin_limit(SizeClass size_class) noexcept {
  return bin_limit(size_class) > 16 ? bin_limit(size_class) / 8 : 2;
}

// Division by the block size as a multiplication, exact for every offset in a slab and in as much
// behind it.
consteval std::array<std::uint32_t, kClassCount> make_reciprocals() {
  std::array<std::uint32_t, kClassCount> table{};
  for (unsigned i = 1; i < kClassCount; ++i) {
    table[i] = static_cast<std::uint32_t>(((std::uint64_t{1} << 32) + kClassBytes[i] - 1) /
                                          kClassBytes[i]);
  }
  return table;
}

inline constexpr auto kReciprocal = make_reciprocals();

// The block that `offset` bytes into a slab lies in; the capacity or more where that is behind the
// slab, as the end of a guest that does not fit may. Requires: offset < 2 * kSlabBytes.
constexpr std::uint32_t block_index(SizeClass size_class, std::uint32_t offset) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{offset} * kReciprocal[size_class.index] >> 32);
}

// What the tables promise.
consteval bool size_classes_are_sound() {
  if (kClassBytes[kClassCount - 1] != kLargestClassBytes) return false;
  for (unsigned i = 2; i < kClassCount; ++i) {
    if (kClassBytes[i] <= kClassBytes[i - 1]) return false;
    const std::uint32_t step = kClassBytes[i] - kClassBytes[i - 1];
    if (kClassBytes[i] > 128 && step * 8 > kClassBytes[i])
      return false;  // internal waste at most 1/8
  }
  for (std::size_t bytes = 1; bytes <= kLargestClassBytes;
       bytes += bytes % 8 == 0 ? 1 : 7) {  // around each step
    const std::uint32_t size = bytes_of(class_of(bytes));
    if (size < bytes || size % kGranule != 0) return false;
    const std::uint32_t tight = bytes_of(class_of_unaligned(bytes));
    if (tight < bytes || tight > size || tight % 8 != 0) return false;
  }
  // A reciprocal is too large by less than 2^-32; over the offsets of two slabs that adds up to
  // less than one byte of a block, so the quotient is exact.
  if (std::uint64_t{2 * kSlabBytes} * kLargestClassBytes > std::uint64_t{1} << 32) return false;
  return true;
}

}  // namespace mete::heap
