// Alignment: what malloc gives without being asked, and every way to ask for more.

#include <gtest/gtest.h>
#include <malloc.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "abi/checks.h"

namespace {

const std::size_t kPage = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
constexpr std::size_t kLargest = std::size_t{1} << 30;

// Writes where a wrong block hurts: both ends, and everything if that is not much.
void use(void* block, std::size_t bytes) {
  if (bytes <= 65536) {
    std::memset(block, 0x6B, bytes);
    return;
  }
  std::memset(block, 0x6B, 512);
  std::memset(static_cast<char*>(block) + bytes - 512, 0x6B, 512);
}

TEST(Alignment, MallocOfEverySizeIsAlignedTo16) {
  for (std::size_t bytes = 0; bytes <= 70000; ++bytes) {
    void* blocks[3] = {std::malloc(bytes), std::calloc(1, bytes),
                       std::realloc(std::malloc(bytes / 3), bytes + 1)};
    for (void* block : blocks) {
      ASSERT_NE(block, nullptr);
      ASSERT_TRUE(is_aligned(block, 16)) << bytes << " bytes at " << block;
      std::free(block);
    }
  }
}

// Consecutive blocks of one size, since the first of a slab is aligned by luck.
TEST(Alignment, ManyBlocksOfOneSizeAreAllAlignedTo16) {
  for (std::size_t bytes = 1; bytes <= 4096; bytes += bytes < 130 ? 1 : 37) {
    std::vector<void*> blocks(200);
    for (void*& block : blocks) {
      block = std::malloc(bytes);
      ASSERT_TRUE(is_aligned(block, 16)) << bytes << " bytes at " << block;
    }
    for (void* block : blocks) std::free(block);
  }
}

TEST(Alignment, EveryPowerOfTwoInEveryFunction) {
  for (std::size_t alignment = 1; alignment <= kLargest; alignment *= 2) {
    const std::size_t sizes[] = {0,         1,
                                 8,         alignment - 1,
                                 alignment, alignment + 1,
                                 100,       3 * kPage + 5,
                                 40000,     std::size_t{1} << 20};
    for (const std::size_t bytes : sizes) {
      void* blocks[3] = {memalign(alignment, bytes), std::aligned_alloc(alignment, bytes), nullptr};
      const int count = alignment < sizeof(void*) ? 2 : 3;  // posix_memalign wants more
      if (count == 3) {
        ASSERT_EQ(posix_memalign(&blocks[2], alignment, bytes), 0)
            << bytes << " aligned to " << alignment;
      }
      for (void* block : std::span(blocks, static_cast<std::size_t>(count))) {
        ASSERT_NE(block, nullptr) << bytes << " aligned to " << alignment;
        ASSERT_TRUE(is_aligned(block, alignment)) << bytes << " aligned to " << alignment;
        ASSERT_GE(malloc_usable_size(block), bytes);
        use(block, bytes);
      }
      for (void* block : blocks) std::free(block);
    }
  }
}

// Several at once, so that one cannot be the beginning of something aligned anyway.
TEST(Alignment, ManyAlignedBlocksDoNotOverlap) {
  for (std::size_t alignment = 32; alignment <= (std::size_t{1} << 20); alignment *= 2) {
    for (const std::size_t bytes : {std::size_t{24}, alignment, alignment * 3 / 2}) {
      std::vector<unsigned char*> blocks;
      for (unsigned i = 0; i < 24; ++i) {
        auto* block = static_cast<unsigned char*>(memalign(alignment, bytes));
        ASSERT_TRUE(block != nullptr && is_aligned(block, alignment));
        std::memset(block, static_cast<int>(i), bytes);
        blocks.push_back(block);
      }
      for (unsigned i = 0; i < 24; ++i) {
        for (std::size_t k = 0; k < bytes; k += 17) ASSERT_EQ(blocks[i][k], i) << alignment;
        std::free(blocks[i]);
      }
    }
  }
}

TEST(PosixMemalign, BadAlignmentGivesEinvalAndTouchesNothing) {
  char marker = 0;
  const std::size_t bad[] = {0,
                             1,
                             2,
                             4,
                             3,
                             5,
                             7,
                             9,
                             12,
                             24,
                             40,
                             48,
                             96,
                             4095,
                             4097,
                             12288,
                             SIZE_MAX,
                             SIZE_MAX - 7,
                             (std::size_t{1} << 40) + 8};
  for (const std::size_t alignment : bad) {
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{100}, std::size_t{SIZE_MAX}}) {
      void* block = &marker;
      errno = 4711;
      EXPECT_EQ(posix_memalign(&block, alignment, bytes), EINVAL) << alignment;
      EXPECT_EQ(block, &marker) << alignment;
      EXPECT_EQ(errno, 4711) << alignment;
    }
  }
}

TEST(PosixMemalign, NoMemoryGivesEnomemAndTouchesNothing) {
  char marker = 0;
  // The last size is one that only the kernel refuses.
  for (std::size_t alignment = 8; alignment != 0; alignment *= 2) {
    for (const std::size_t bytes : {std::size_t{SIZE_MAX}, std::size_t{PTRDIFF_MAX},
                                    std::size_t{SIZE_MAX - 4096}, std::size_t{1} << 46}) {
      void* block = &marker;
      errno = 4711;
      EXPECT_EQ(posix_memalign(&block, alignment, bytes), ENOMEM) << alignment;
      EXPECT_EQ(block, &marker);
      if (on_mete()) {  // POSIX lets it change errno, and glibc does
        EXPECT_EQ(errno, 4711);
      }
    }
  }
}

TEST(PosixMemalign, SuccessLeavesErrnoAlone) {
  for (std::size_t alignment = 8; alignment <= (std::size_t{1} << 24); alignment *= 2) {
    void* block = nullptr;
    errno = 4711;
    EXPECT_EQ(posix_memalign(&block, alignment, 300), 0);
    EXPECT_EQ(errno, 4711);
    std::free(block);
  }
}

TEST(Memalign, AlignmentThatIsNoPowerOfTwoIsRoundedUp) {
  for (const std::size_t alignment :
       {std::size_t{0}, std::size_t{3}, std::size_t{17}, std::size_t{24}, std::size_t{100},
        std::size_t{1000}, std::size_t{5000}, std::size_t{70000}}) {
    for (int i = 0; i < 20; ++i) {
      void* block = memalign(alignment, 200);
      ASSERT_NE(block, nullptr) << alignment;
      ASSERT_TRUE(is_aligned(block, std::bit_ceil(alignment))) << alignment;
      use(block, 200);
      std::free(block);
    }
  }
}

TEST(Memalign, AlignmentAboveHalfOfTheAddressesGivesNull) {
  for (const std::size_t alignment : {SIZE_MAX / 2 + 2, SIZE_MAX, SIZE_MAX - 1}) {
    EXPECT_EQ(memalign(hide(alignment), 8), nullptr);
  }
  for (int shift = 47; shift < 64; ++shift)
    EXPECT_EQ(memalign(hide(std::size_t{1} << shift), 8), nullptr);
}

// glibc refuses since 2.38; older ones round up.
TEST(AlignedAlloc, AlignmentThatIsNoPowerOfTwoIsRefused) {
  for (const std::size_t alignment :
       {std::size_t{0}, std::size_t{3}, std::size_t{24}, std::size_t{48}, std::size_t{100},
        std::size_t{12288}, std::size_t{SIZE_MAX}}) {
    errno = 0;
    void* block = std::aligned_alloc(hide(alignment), 96);
    if (on_mete()) {
      EXPECT_EQ(block, nullptr) << alignment;
    }
    if (block == nullptr) {
      EXPECT_EQ(errno, EINVAL) << alignment;
    } else {
      EXPECT_TRUE(is_aligned(block, std::bit_ceil(alignment)));
    }
    std::free(block);
  }
}

TEST(Valloc, IsAlignedToThePageAndPvallocRoundsUpToPages) {
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{100}, kPage - 1, kPage, kPage + 1,
                                  5 * kPage, 5 * kPage + 1, std::size_t{1} << 20}) {
    void* plain = valloc(bytes);
    void* rounded = pvalloc(bytes);
    ASSERT_TRUE(plain != nullptr && rounded != nullptr);
    EXPECT_TRUE(is_aligned(plain, kPage) && is_aligned(rounded, kPage));
    EXPECT_GE(malloc_usable_size(plain), bytes);
    const std::size_t pages = (bytes + kPage - 1) / kPage * kPage;
    EXPECT_GE(malloc_usable_size(rounded), pages);
    std::memset(plain, 1, bytes);
    std::memset(rounded, 1, pages);
    std::free(plain);
    std::free(rounded);
  }
}

}  // namespace
