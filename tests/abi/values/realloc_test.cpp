// realloc and reallocarray: contents over a matrix of sizes, the old block after a failure, size
// zero as glibc has it (the block is freed, null comes back).

#include <gtest/gtest.h>
#include <malloc.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "abi/checks.h"

namespace {

std::vector<std::size_t> sizes() {
  std::vector<std::size_t> all = {1,    2,    7,     12,    24,    40,     100,    1000,
                                  3000, 5000, 10000, 20000, 50000, 300000, 1 << 20};
  for (std::size_t power = 8; power <= (std::size_t{1} << 17); power *= 2) {
    all.push_back(power - 1);
    all.push_back(power);
    all.push_back(power + 1);
  }
  return all;
}

// The byte at `i` of a block marked with `seed`; its period of 251 is prime, so a shift shows.
void mark(void* block, std::size_t bytes, unsigned seed) {
  auto* byte = static_cast<unsigned char*>(block);
  const std::size_t head = bytes < 251 ? bytes : 251;
  for (std::size_t i = 0; i < head; ++i) byte[i] = static_cast<unsigned char>(i * 7 + seed);
  for (std::size_t i = head; i < bytes; i += head) {
    std::memcpy(byte + i, byte, bytes - i < head ? bytes - i : head);
  }
}

bool is_marked(const void* block, std::size_t bytes, unsigned seed) {
  unsigned char period[251];
  mark(period, sizeof(period), seed);
  const auto* byte = static_cast<const unsigned char*>(block);
  for (std::size_t i = 0; i < bytes; i += sizeof(period)) {
    const std::size_t part = bytes - i < sizeof(period) ? bytes - i : sizeof(period);
    if (std::memcmp(byte + i, period, part) != 0) return false;
  }
  return true;
}

TEST(Realloc, KeepsContentsFromEverySizeToEverySize) {
  unsigned seed = 0;
  for (const std::size_t from : sizes()) {
    for (const std::size_t to : sizes()) {
      // Neighbours on both sides notice what is written past the end of the block.
      void* left = std::malloc(from);
      void* block = std::malloc(from);
      void* right = std::malloc(to);
      ASSERT_TRUE(left != nullptr && block != nullptr && right != nullptr);
      mark(left, from, 1);
      mark(block, from, ++seed);
      mark(right, to, 2);
      block = std::realloc(block, to);
      ASSERT_NE(block, nullptr);
      ASSERT_GE(malloc_usable_size(block), to);
      ASSERT_TRUE(is_aligned(block, 16));
      ASSERT_TRUE(is_marked(block, from < to ? from : to, seed)) << from << " to " << to;
      mark(block, malloc_usable_size(block), ++seed);
      ASSERT_TRUE(is_marked(left, from, 1)) << from << " to " << to;
      ASSERT_TRUE(is_marked(right, to, 2)) << from << " to " << to;
      std::free(left);
      std::free(block);
      std::free(right);
    }
  }
}

TEST(Realloc, KeepsContentsOfAlignedBlocks) {
  for (std::size_t alignment = 16; alignment <= (std::size_t{4} << 20); alignment *= 4) {
    for (const std::size_t from : {std::size_t{1}, std::size_t{100}, std::size_t{5000},
                                   std::size_t{70000}, std::size_t{2} << 20}) {
      for (const std::size_t to : {from * 3, from / 2 + 1, from + 4096, from * 17}) {
        void* block = memalign(alignment, from);
        ASSERT_NE(block, nullptr);
        mark(block, from, 5);
        block = std::realloc(block, to);
        ASSERT_NE(block, nullptr);
        ASSERT_GE(malloc_usable_size(block), to);
        ASSERT_TRUE(is_marked(block, from < to ? from : to, 5))
            << alignment << ": " << from << " to " << to;
        mark(block, malloc_usable_size(block), 6);
        std::free(block);
      }
    }
  }
}

TEST(Realloc, GrowsStepByStepAndShrinksAgain) {
  for (const std::size_t limit : {std::size_t{2} << 20, std::size_t{96} << 20}) {
    std::size_t bytes = 16;
    void* block = std::malloc(bytes);
    mark(block, bytes, 9);
    while (bytes < limit) {
      const std::size_t more = limit > (std::size_t{2} << 20) ? bytes * 2 : bytes + bytes / 9 + 24;
      block = std::realloc(block, more);
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(is_marked(block, bytes, 9)) << bytes << " to " << more;
      bytes = more;
      mark(block, bytes, 9);
    }
    while (bytes > 100) {
      bytes = bytes * 2 / 3;
      block = std::realloc(block, bytes);
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(is_marked(block, bytes, 9)) << "down to " << bytes;
    }
    std::free(block);
  }
}

// Several large blocks that grow in turn stand in each other's way and have to move.
TEST(Realloc, LargeBlocksThatGrowInTurnKeepTheirContents) {
  constexpr std::size_t kBlocks = 5;
  constexpr std::size_t kStep = 700000;
  void* blocks[kBlocks] = {};
  for (std::size_t round = 1; round <= 12; ++round) {
    for (std::size_t i = 0; i < kBlocks; ++i) {
      blocks[i] = std::realloc(blocks[i], round * kStep);
      ASSERT_NE(blocks[i], nullptr);
      ASSERT_TRUE(is_marked(blocks[i], (round - 1) * kStep, static_cast<unsigned>(i)));
      mark(blocks[i], round * kStep, static_cast<unsigned>(i));
    }
  }
  for (std::size_t i = 0; i < kBlocks; ++i) {
    EXPECT_TRUE(is_marked(blocks[i], 12 * kStep, static_cast<unsigned>(i)));
    std::free(blocks[i]);
  }
}

TEST(Realloc, OfNullAllocates) {
  for (std::size_t bytes = 1; bytes < 3000000; bytes *= 3) {
    void* block = std::realloc(nullptr, bytes);
    ASSERT_NE(block, nullptr);
    mark(block, bytes, 1);
    std::free(block);
    block = reallocarray(nullptr, bytes, 3);
    ASSERT_NE(block, nullptr);
    mark(block, bytes * 3, 1);
    std::free(block);
  }
}

// Were the block not freed, the loop would hold 20 GB.
TEST(Realloc, ToNothingFreesTheBlockAndGivesNull) {
  for (std::size_t i = 0; i < 20000; ++i) {
    void* block = std::malloc(i % 10 == 0 ? 1 << 20 : 100 + i);
    ASSERT_NE(block, nullptr);
    std::memset(block, 1, i % 10 == 0 ? 1 << 20 : 100 + i);
    ASSERT_EQ(i % 2 == 0 ? std::realloc(block, hide(0)) : reallocarray(block, hide(0), 7), nullptr);
  }
}

TEST(Realloc, FailureLeavesTheOldBlockIntact) {
  const std::size_t impossible[] = {SIZE_MAX,
                                    SIZE_MAX - 4096,
                                    PTRDIFF_MAX,
                                    std::size_t{PTRDIFF_MAX} + 1,
                                    std::size_t{1} << 48,
                                    std::size_t{1} << 62};
  for (const std::size_t bytes : sizes()) {
    void* block = std::malloc(bytes);
    ASSERT_NE(block, nullptr);
    mark(block, bytes, 3);
    for (const std::size_t size : impossible) {
      errno = 0;
      ASSERT_EQ(std::realloc(keep(block), hide(size)), nullptr);
      ASSERT_EQ(errno, ENOMEM) << bytes << " to " << size;
    }
    errno = 0;
    ASSERT_EQ(reallocarray(keep(block), hide(SIZE_MAX / 4), 5), nullptr);
    ASSERT_EQ(errno, ENOMEM);
    ASSERT_TRUE(is_marked(block, bytes, 3)) << bytes;
    ASSERT_GE(malloc_usable_size(block), bytes);
    std::free(block);
  }
}

// What realloc shrinks and grows again may not bring back old bytes as zeros: only calloc promises
// zeros.
TEST(Realloc, CallocAfterShrinkIsZeroed) {
  for (int round = 0; round < 20; ++round) {
    void* block = std::malloc(6 << 20);
    ASSERT_NE(block, nullptr);
    std::memset(block, 0xEE, 6 << 20);
    block = std::realloc(block, 1 << 20);
    ASSERT_NE(block, nullptr);
    auto* zeroed = static_cast<unsigned char*>(std::calloc(4, 1 << 20));
    ASSERT_NE(zeroed, nullptr);
    for (std::size_t i = 0; i < (4 << 20); i += 61) ASSERT_EQ(zeroed[i], 0) << i;
    std::free(block);
    std::free(zeroed);
  }
}

}  // namespace
