// malloc, calloc and free at the edges of what can be asked for: nothing, everything, and products
// that do not fit. Contracts: ISO C23 7.24.3, POSIX.1-2024, glibc where these leave the choice.

#include <gtest/gtest.h>
#include <malloc.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>
#include <vector>

#include "abi/checks.h"

namespace {

constexpr std::size_t kMax = SIZE_MAX;
constexpr std::size_t kHalf = PTRDIFF_MAX;

std::vector<std::size_t> impossible_sizes() {
  return {kMax,
          kMax - 1,
          kMax - 15,
          kMax - 16,
          kMax - 4095,
          kMax - 4096,
          kMax - 65535,
          kMax / 2 + 2,
          kHalf + std::size_t{1},
          kHalf,
          kHalf - 4095,
          std::size_t{1} << 62,
          std::size_t{1} << 57,
          std::size_t{1} << 48};
}

// Runs `allocate`, which has to give null and set errno to ENOMEM.
template <class Allocate>
void expect_no_memory(Allocate allocate, const char* what, std::size_t bytes) {
  errno = 0;
  void* block = keep(allocate());
  EXPECT_EQ(block, nullptr) << what << " of " << bytes;
  EXPECT_EQ(errno, ENOMEM) << what << " of " << bytes;
  std::free(block);
}

TEST(Malloc, ZeroBytesGiveUniqueBlocksThatCanBeFreed) {
  std::set<void*> seen;
  for (int i = 0; i < 3000; ++i) {
    void* block = std::malloc(hide(0));
    ASSERT_NE(block, nullptr);
    ASSERT_TRUE(seen.insert(block).second) << "the same block twice";
  }
  for (void* block : seen) std::free(block);
}

TEST(Malloc, ZeroBytesFromEveryFunctionGiveABlock) {
  void* aligned = nullptr;
  EXPECT_EQ(posix_memalign(&aligned, 64, hide(0)), 0);
  void* blocks[] = {std::malloc(hide(0)),
                    std::calloc(hide(0), 8),
                    std::calloc(8, hide(0)),
                    std::realloc(nullptr, hide(0)),
                    memalign(64, hide(0)),
                    std::aligned_alloc(64, hide(0)),
                    valloc(hide(0)),
                    pvalloc(hide(0)),
                    reallocarray(nullptr, hide(0), 8),
                    aligned};
  std::set<void*> seen;
  for (void* block : blocks) {
    EXPECT_NE(block, nullptr);
    EXPECT_TRUE(seen.insert(block).second);
    std::free(block);
  }
}

TEST(Malloc, ImpossibleSizesGiveNullAndEnomem) {
  for (const std::size_t bytes : impossible_sizes()) {
    expect_no_memory([=] { return std::malloc(bytes); }, "malloc", bytes);
    expect_no_memory([=] { return std::calloc(1, bytes); }, "calloc(1, n)", bytes);
    expect_no_memory([=] { return std::calloc(bytes, 1); }, "calloc(n, 1)", bytes);
    expect_no_memory([=] { return std::realloc(nullptr, bytes); }, "realloc(null)", bytes);
    expect_no_memory([=] { return reallocarray(nullptr, bytes, 1); }, "reallocarray(null)", bytes);
    expect_no_memory([=] { return valloc(bytes); }, "valloc", bytes);
    expect_no_memory([=] { return pvalloc(bytes); }, "pvalloc", bytes);
    for (const std::size_t alignment :
         {std::size_t{8}, std::size_t{64}, std::size_t{4096}, std::size_t{1} << 30}) {
      expect_no_memory([=] { return memalign(alignment, bytes); }, "memalign", bytes);
      expect_no_memory([=] { return std::aligned_alloc(alignment, bytes); }, "aligned_alloc",
                       bytes);
    }
  }
}

TEST(Malloc, FailureLeavesTheHeapUsable) {
  std::vector<unsigned char*> blocks;
  for (std::size_t bytes = 1; bytes < 100000; bytes = bytes * 3 / 2 + 1) {
    auto* block = static_cast<unsigned char*>(std::malloc(bytes));
    ASSERT_NE(block, nullptr);
    std::memset(block, static_cast<int>(bytes & 0xFF), bytes);
    blocks.push_back(block);
    EXPECT_EQ(std::malloc(hide(kMax)), nullptr);
    EXPECT_EQ(std::malloc(hide(kHalf)), nullptr);
  }
  std::size_t bytes = 1;
  for (unsigned char* block : blocks) {
    for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(block[i], bytes & 0xFF);
    std::free(block);
    bytes = bytes * 3 / 2 + 1;
  }
}

TEST(Calloc, OverflowOfTheProductGivesNullAndEnomem) {
  const std::size_t root = std::size_t{1} << 32;
  const std::size_t pairs[][2] = {
      {kMax, 2},           {2, kMax},           {root, root},           {root + 1, root},
      {kMax, kMax},        {kMax / 2 + 1, 2},   {3, kMax / 2},          {kMax / 3 + 1, 3},
      {kMax / 16 + 1, 16}, {24, kMax / 24 + 1}, {kMax / 4096 + 1, 4096}};
  for (const auto& pair : pairs) {
    const std::size_t count = pair[0];
    const std::size_t size = pair[1];
    expect_no_memory([&] { return std::calloc(count, size); }, "calloc", size);
    expect_no_memory([&] { return reallocarray(nullptr, count, size); }, "reallocarray", size);
    void* block = std::malloc(100);
    std::memset(block, 0x77, 100);
    errno = 0;
    EXPECT_EQ(reallocarray(keep(block), count, size), nullptr);
    EXPECT_EQ(errno, ENOMEM);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(static_cast<unsigned char*>(block)[i], 0x77);
    std::free(block);
  }
}

bool all_zero(const unsigned char* block, std::size_t bytes) {
  return bytes == 0 || (block[0] == 0 && std::memcmp(block, block + 1, bytes - 1) == 0);
}

// Dirty blocks of the size go back first, so that calloc gets used memory if it can get any.
TEST(Calloc, IsZeroedAlsoWhereMemoryIsUsedAgain) {
  for (std::size_t bytes = 1; bytes <= std::size_t{24} << 20; bytes += bytes / 5 + 1) {
    const std::size_t count = bytes < 4096 ? 64 : bytes < (std::size_t{1} << 20) ? 8 : 2;
    std::vector<void*> blocks;
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < count; ++i) {
        void* block = round == 0 ? std::malloc(bytes) : std::calloc(1, bytes);
        ASSERT_NE(block, nullptr);
        if (round != 0) {
          ASSERT_TRUE(all_zero(static_cast<unsigned char*>(block), bytes)) << bytes << " bytes";
        }
        std::memset(block, 0xA5, malloc_usable_size(block));
        blocks.push_back(block);
      }
      for (void* block : blocks) std::free(block);
      blocks.clear();
    }
  }
}

// The sizes mix: what was one large dirty block comes back as small ones and the other way round.
TEST(Calloc, IsZeroedInMemoryOfAnotherSize) {
  for (int round = 0; round < 4; ++round) {
    auto* large = static_cast<unsigned char*>(std::malloc(8 << 20));
    ASSERT_NE(large, nullptr);
    std::memset(large, 0xC3, 8 << 20);
    std::free(large);
    std::vector<void*> small;
    for (std::size_t i = 0; i < 2000; ++i) {
      const std::size_t bytes = i * 37 % 9000 + 1;
      void* block = std::calloc(bytes, 1);
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(all_zero(static_cast<unsigned char*>(block), bytes));
      std::memset(block, 0x3C, bytes);
      small.push_back(block);
    }
    for (void* block : small) std::free(block);
    large = static_cast<unsigned char*>(std::calloc(8, 1 << 20));
    ASSERT_NE(large, nullptr);
    ASSERT_TRUE(all_zero(large, 8 << 20));
    std::memset(large, 0x99, 8 << 20);
    std::free(large);
  }
}

TEST(Free, LeavesErrnoAlone) {
  const std::size_t sizes[] = {0, 1, 100, 5000, 32768, 100000, 1 << 20, 64 << 20};
  for (const std::size_t bytes : sizes) {
    void* block = std::malloc(bytes);
    ASSERT_NE(block, nullptr);
    errno = 4711;
    std::free(block);
    EXPECT_EQ(errno, 4711) << bytes << " bytes";
  }
  errno = 4711;
  std::free(nullptr);
  EXPECT_EQ(errno, 4711);
}

TEST(Free, OfNullDoesNothingInAnyForm) {
  std::free(nullptr);
  void* (*realloc_of)(void*, std::size_t) = std::realloc;
  std::free(realloc_of(nullptr, 10));
  EXPECT_EQ(malloc_usable_size(nullptr), 0U);
}

// C23 7.24.3.4 and .5. Not in the headers of this libc, so they are looked up.
TEST(FreeSized, TakesTheSizeThatWasAskedFor) {
  auto free_sized =
      reinterpret_cast<void (*)(void*, std::size_t)>(dlsym(RTLD_DEFAULT, "free_sized"));
  auto free_aligned_sized = reinterpret_cast<void (*)(void*, std::size_t, std::size_t)>(
      dlsym(RTLD_DEFAULT, "free_aligned_sized"));
  if (free_sized == nullptr || free_aligned_sized == nullptr) {
    ASSERT_FALSE(on_mete());
    GTEST_SKIP() << "not in this allocator";
  }
  for (std::size_t bytes = 0; bytes < 200000; bytes += bytes / 8 + 1) {
    for (int i = 0; i < 8; ++i) {
      free_sized(keep(std::malloc(bytes)), bytes);
      free_sized(keep(std::calloc(1, bytes)), bytes);
      free_sized(keep(std::realloc(std::malloc(bytes / 2), bytes + 1)), bytes + 1);
      for (std::size_t alignment = 8; alignment <= 65536; alignment *= 8) {
        free_aligned_sized(keep(std::aligned_alloc(alignment, bytes)), alignment, bytes);
      }
    }
  }
  free_sized(nullptr, 0);
  free_aligned_sized(nullptr, 64, 0);
}

}  // namespace
