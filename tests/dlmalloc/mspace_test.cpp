// Spaces by handle: apart from each other, with memory of their own, ended in one shot.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "mete/dlmalloc.h"

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

TEST(Mspace, M1_M2_CreateAndDestroy) {
  for (const std::size_t capacity : {std::size_t{0}, std::size_t{1}, 100 * kKiB, 5 * kMiB}) {
    for (const int locked : {0, 1}) {
      mspace const space = create_mspace(capacity, locked);
      ASSERT_NE(nullptr, space);
      const std::size_t first = mspace_footprint(space);
      EXPECT_GE(first, capacity);
      void* const block = mspace_malloc(space, capacity / 2 + 1000);
      ASSERT_NE(nullptr, block);
      std::memset(block, 1, capacity / 2 + 1000);
      mspace_malloc(space, 200 * kKiB);  // it grows
      const std::size_t now = mspace_footprint(space);
      if (capacity / 2 + 1000 >= 256 * kKiB) mspace_free(space, block);  // mapped alone: not traced
      EXPECT_LE(destroy_mspace(space), now);
    }
  }
  EXPECT_EQ(nullptr, create_mspace(SIZE_MAX, 0));
  EXPECT_EQ(nullptr, create_mspace(SIZE_MAX / 2, 0));
}

TEST(Mspace, M2_DestroyGivesEverythingBack) {
  mspace const space = create_mspace(0, 0);
  for (int i = 0; i < 1000; ++i) ASSERT_NE(nullptr, mspace_malloc(space, 10'000));
  const std::size_t footprint = mspace_footprint(space);
  EXPECT_EQ(footprint, destroy_mspace(space));
}

TEST(Mspace, M3_WithABase) {
  alignas(16) static unsigned char base[64 * kKiB];
  mspace const space = create_mspace_with_base(base, sizeof(base), 0);
  ASSERT_NE(nullptr, space);
  // Less than 128 words are bookkeeping.
  void* const block = mspace_malloc(space, sizeof(base) - 128 * sizeof(std::size_t));
  ASSERT_NE(nullptr, block);
  EXPECT_TRUE(block > base && block < base + sizeof(base));
  EXPECT_EQ(sizeof(base), mspace_footprint(space));
  void* const more = mspace_malloc(space, 10'000);
  ASSERT_NE(nullptr, more) << "grows from the system when the base is used up";
  EXPECT_FALSE(more > base && more < base + sizeof(base));
  const std::size_t grown = mspace_footprint(space) - sizeof(base);
  EXPECT_EQ(grown, destroy_mspace(space)) << "the base is the caller's";
  EXPECT_EQ(nullptr, create_mspace_with_base(base, 127 * sizeof(std::size_t), 0));
  EXPECT_EQ(nullptr, create_mspace_with_base(nullptr, 100'000, 0));
}

TEST(Mspace, M4_TrackedLargeBlocksEndWithTheSpace) {
  mspace const space = create_mspace(0, 1);
  EXPECT_EQ(0, mspace_track_large_chunks(space, 1));
  EXPECT_EQ(1, mspace_track_large_chunks(space, 1));
  ASSERT_NE(nullptr, mspace_malloc(space, 10 * kMiB));
  EXPECT_EQ(0u, mspace_mallinfo(space).hblks);
  const std::size_t footprint = mspace_footprint(space);
  EXPECT_GE(footprint, 10 * kMiB);
  EXPECT_EQ(footprint, destroy_mspace(space));
}

TEST(Mspace, M5_BlocksOfASpace) {
  mspace const space = create_mspace(0, 0);
  auto* block = static_cast<char*>(mspace_malloc(space, 100));
  std::memset(block, 3, 100);
  block = static_cast<char*>(mspace_realloc(space, block, 50'000));
  EXPECT_EQ(3, block[99]);
  EXPECT_EQ(block, mspace_realloc_in_place(space, block, 60));
  EXPECT_GE(mspace_usable_size(block), 60u);
  mspace_free(space, block);
  auto* const zero = static_cast<char*>(mspace_calloc(space, 10, 100));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(0, zero[i]);
  void* const aligned = mspace_memalign(space, 4096, 10);
  EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(aligned) % 4096);
  mspace_free(space, aligned);
  mspace_free(space, zero);
  EXPECT_EQ(0u, mspace_mallinfo(space).uordblks);
  destroy_mspace(space);
}

TEST(Mspace, M6_M8_TheRest_X4) {
  mspace const space = create_mspace(0, 0);
  void* blocks[5];
  EXPECT_EQ(blocks, mspace_independent_calloc(space, 5, 100, blocks));
  EXPECT_EQ(0u, mspace_bulk_free(space, blocks, 5));
  const std::size_t sizes[] = {10, 20, 30};
  EXPECT_EQ(blocks, mspace_independent_comalloc(space, 3, sizes, blocks));
  int pieces = 0;
  mspace_inspect_all(
      space,
      [](void*, void*, std::size_t used, void* count) { *static_cast<int*>(count) += used != 0; },
      &pieces);
  EXPECT_EQ(3, pieces);
  EXPECT_EQ(0u, mspace_bulk_free(space, blocks, 3));
  EXPECT_EQ(1, mspace_mallopt(M_TRIM_THRESHOLD, 2 << 20));
  void* const block = mspace_malloc(space, 200 * kKiB);
  mspace_free(space, block);
  EXPECT_EQ(1, mspace_trim(space, 0));
  destroy_mspace(space);
}

TEST(Mspace, M7_LimitsAreOfEachSpace) {
  mspace const one = create_mspace(0, 0);
  mspace const two = create_mspace(0, 0);
  EXPECT_EQ(SIZE_MAX, mspace_footprint_limit(one));
  EXPECT_EQ(kMiB, mspace_set_footprint_limit(one, kMiB));
  EXPECT_EQ(nullptr, mspace_malloc(one, 2 * kMiB));
  EXPECT_EQ(nullptr, mspace_malloc(one, 200 * kMiB));
  void* const block = mspace_malloc(two, 2 * kMiB);
  EXPECT_NE(nullptr, block);
  mspace_free(two, block);
  EXPECT_LE(mspace_max_footprint(one), kMiB);
  EXPECT_GE(mspace_max_footprint(two), 2 * kMiB);
  destroy_mspace(one);
  destroy_mspace(two);
}

TEST(Mspace, LargeBlocksAreSeenAndEndWithTheSpace_X14) {
  mspace const space = create_mspace(0, 1);
  const std::size_t small = mspace_footprint(space);
  void* const large[] = {mspace_malloc(space, kMiB), mspace_malloc(space, 2 * kMiB),
                         mspace_malloc(space, 3 * kMiB)};
  EXPECT_EQ(3u, mspace_mallinfo(space).hblks);
  mspace_free(space, large[1]);
  EXPECT_EQ(2u, mspace_mallinfo(space).hblks);
  std::size_t seen = 0;
  mspace_inspect_all(
      space,
      [](void*, void*, std::size_t used, void* sum) { *static_cast<std::size_t*>(sum) += used; },
      &seen);
  EXPECT_GE(seen, 4 * kMiB);
  const std::size_t footprint = mspace_footprint(space);
  EXPECT_GE(footprint, small + 4 * kMiB);
  EXPECT_EQ(footprint, destroy_mspace(space));
}

TEST(Mspace, M6_BulkFreeLeavesTheBlocksOfOthersAndCountsThem) {
  mspace const one = create_mspace(0, 0);
  mspace const two = create_mspace(0, 0);
  void* blocks[] = {mspace_malloc(one, 100), mspace_malloc(two, 100), nullptr,
                    mspace_malloc(one, kMiB), mspace_malloc(two, kMiB)};
  EXPECT_EQ(2u, mspace_bulk_free(one, blocks, 5));
  EXPECT_EQ(nullptr, blocks[0]);
  EXPECT_NE(nullptr, blocks[1]);
  EXPECT_EQ(nullptr, blocks[3]);
  EXPECT_EQ(0u, mspace_mallinfo(one).uordblks);
  EXPECT_EQ(0u, mspace_bulk_free(two, blocks, 5));
  EXPECT_EQ(0u, mspace_mallinfo(two).uordblks);
  destroy_mspace(one);
  destroy_mspace(two);
}

TEST(MspaceDeathTest, ABlockOfAnotherSpaceIsNamed) {
  mspace const one = create_mspace(0, 0);
  mspace const two = create_mspace(0, 0);
  void* const block = mspace_malloc(one, 100);
  EXPECT_DEATH(mspace_free(two, block), "mete: free of a block of another space, or of none");
  void* const large = mspace_malloc(one, kMiB);
  EXPECT_DEATH(mspace_free(two, large), "mete: free of a block of another space, or of none");
  mspace_free(one, large);
  destroy_mspace(one);
  destroy_mspace(two);
}

}  // namespace
