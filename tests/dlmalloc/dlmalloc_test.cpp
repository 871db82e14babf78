// The functions of dlmalloc.h without a space, by their requirements.

#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "mete/dlmalloc.h"
#include "support/random.hpp"

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

bool aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

bool is_filled(const void* ptr, int byte, std::size_t size) {
  const auto* const bytes = static_cast<const unsigned char*>(ptr);
  for (std::size_t i = 0; i < size; ++i)
    if (bytes[i] != byte) return false;
  return true;
}

TEST(Dlmalloc, D1_D2_MallocAndFree) {
  for (std::size_t size = 0; size < 3 * kMiB; size = size * 3 / 2 + 1) {
    void* const block = dlmalloc(size);
    ASSERT_NE(nullptr, block);
    EXPECT_TRUE(aligned(block, 2 * sizeof(void*))) << "X1: that is the alignment, not four words";
    EXPECT_GE(dlmalloc_usable_size(block), size);
    std::memset(block, 1, size);
    dlfree(block);
  }
  dlfree(nullptr);
  EXPECT_EQ(nullptr, dlmalloc(SIZE_MAX));
  EXPECT_EQ(nullptr, dlmalloc(SIZE_MAX / 2));
}

TEST(Dlmalloc, D3_CallocIsZeroAndChecksTheProduct) {
  for (const std::size_t size : {10u, 1000u, 300'000u}) {
    void* const dirty = dlmalloc(size);
    std::memset(dirty, 1, size);
    dlfree(dirty);
    void* const block = dlcalloc(size / 10, 10);
    EXPECT_TRUE(is_filled(block, 0, size / 10 * 10));
    dlfree(block);
  }
  EXPECT_EQ(nullptr, dlcalloc(SIZE_MAX / 2, 3));
}

TEST(Dlmalloc, D4_ReallocKeepsTheContents_X7) {
  for (const std::size_t from : {1u, 100u, 5000u, 300'000u, 2'000'000u}) {
    for (const std::size_t to : {1u, 100u, 5000u, 300'000u, 2'000'000u}) {
      void* block = dlmalloc(from);
      std::memset(block, 7, from);
      block = dlrealloc(block, to);
      ASSERT_NE(nullptr, block);
      EXPECT_TRUE(is_filled(block, 7, from < to ? from : to)) << from << " to " << to;
      std::memset(block, 8, to);
      EXPECT_EQ(nullptr, dlrealloc(block, SIZE_MAX)) << "and keeps the block";
      EXPECT_TRUE(is_filled(block, 8, to));
      dlfree(block);
    }
  }
  void* const block = dlrealloc(nullptr, 10);
  EXPECT_NE(nullptr, block);
  void* const smallest = dlrealloc(block, 0);
  EXPECT_NE(nullptr, smallest) << "a size of 0 is the smallest block";
  dlfree(smallest);
}

TEST(Dlmalloc, D5_ReallocInPlaceNeverMoves) {
  void* const block = dlmalloc(1000);
  EXPECT_EQ(block, dlrealloc_in_place(block, 100));
  EXPECT_EQ(block, dlrealloc_in_place(block, 1000)) << "over what it gave up";
  EXPECT_EQ(nullptr, dlrealloc_in_place(block, 100 * kMiB));
  EXPECT_EQ(nullptr, dlrealloc_in_place(nullptr, 10));
  dlfree(block);
}

TEST(Dlmalloc, D6_D8_AlignedBlocks) {
  for (std::size_t align = 1; align <= kMiB; align *= 2) {
    for (const std::size_t size : {1u, 1000u, 300'000u}) {
      void* const block = dlmemalign(align, size);
      ASSERT_NE(nullptr, block);
      EXPECT_TRUE(aligned(block, align));
      std::memset(block, 1, size);
      dlfree(block);
    }
  }
  void* const rounded = dlmemalign(100, 10);
  EXPECT_TRUE(aligned(rounded, 128)) << "to the next power of two";
  dlfree(rounded);
  void* const page = dlvalloc(10);
  EXPECT_TRUE(aligned(page, 4096));
  dlfree(page);
  void* const pages = dlpvalloc(4097);
  EXPECT_TRUE(aligned(pages, 4096));
  EXPECT_GE(dlmalloc_usable_size(pages), 8192u);
  dlfree(pages);
}

TEST(Dlmalloc, D7_PosixMemalign) {
  void* block = &block;
  EXPECT_EQ(EINVAL, dlposix_memalign(&block, 3, 10));
  EXPECT_EQ(EINVAL, dlposix_memalign(&block, sizeof(void*) / 2, 10));
  EXPECT_EQ(EINVAL, dlposix_memalign(&block, 0, 10));
  EXPECT_EQ(ENOMEM, dlposix_memalign(&block, 64, SIZE_MAX));
  EXPECT_EQ(static_cast<void*>(&block), block) << "untouched on errors";
  EXPECT_EQ(0, dlposix_memalign(&block, 64, 10));
  EXPECT_TRUE(aligned(block, 64));
  dlfree(block);
}

TEST(Dlmalloc, D9_Mallopt) {
  EXPECT_EQ(1, dlmallopt(M_GRANULARITY, 128 << 10));
  EXPECT_EQ(0, dlmallopt(M_GRANULARITY, 3000));
  EXPECT_EQ(0, dlmallopt(M_GRANULARITY, 1024)) << "less than a page";
  EXPECT_EQ(0, dlmallopt(77, 1));
  EXPECT_EQ(1, dlmallopt(M_MMAP_THRESHOLD, -1));
  void* const large = dlmalloc(kMiB);
  EXPECT_EQ(0u, dlmallinfo().hblks) << "none is mapped alone any more";
  dlfree(large);
  EXPECT_EQ(1, dlmallopt(M_MMAP_THRESHOLD, 256 << 10));
  EXPECT_EQ(1, dlmallopt(M_TRIM_THRESHOLD, 2 << 20));
}

TEST(Dlmalloc, D10_D13_FootprintAndItsLimit_X8) {
  EXPECT_EQ(SIZE_MAX, dlmalloc_footprint_limit());
  dlfree(dlmalloc(100));
  const std::size_t footprint = dlmalloc_footprint();
  EXPECT_GT(footprint, 0u);
  EXPECT_GE(dlmalloc_max_footprint(), footprint);
  EXPECT_EQ(0u, dlmalloc_set_footprint_limit(0)) << "no more than there is, not no limit";
  EXPECT_NE(nullptr, dlmalloc(100)) << "what there is serves on";
  EXPECT_EQ(nullptr, dlmalloc(kMiB));
  EXPECT_EQ(nullptr, dlmalloc(200 * kKiB));
  EXPECT_EQ(footprint, dlmalloc_footprint());
  EXPECT_EQ(4 * kMiB + 4096, dlmalloc_set_footprint_limit(4 * kMiB + 1)) << "rounded to pages";
  EXPECT_EQ(nullptr, dlmalloc(5 * kMiB));
  void* const block = dlmalloc(3 * kMiB);
  EXPECT_NE(nullptr, block);
  dlfree(block);
  EXPECT_EQ(SIZE_MAX, dlmalloc_set_footprint_limit(SIZE_MAX));
}

TEST(Dlmalloc, D14_InspectSeesWhatIsInUse_X3) {
  struct Seen {
    void* looked_for;
    std::size_t used = 0;
    std::size_t free_pieces = 0;
  } seen{dlmalloc(1234)};
  dlmalloc_inspect_all(
      [](void* start, void* end, std::size_t used, void* argument) {
        auto& to = *static_cast<Seen*>(argument);
        EXPECT_LT(start, end);
        if (start == to.looked_for) to.used = used;
        to.free_pieces += used == 0;
      },
      &seen);
  EXPECT_GE(seen.used, 1234u);
  EXPECT_GE(seen.free_pieces, 1u);
  dlfree(seen.looked_for);
}

TEST(Dlmalloc, D15_Mallinfo_X11) {
  const auto before = dlmallinfo();
  void* const block = dlmalloc(1000);
  void* const large = dlmalloc(kMiB);
  const auto now = dlmallinfo();
  EXPECT_EQ(now.arena, now.uordblks - now.hblkhd + now.fordblks);
  EXPECT_GE(now.uordblks, before.uordblks + 1000 + kMiB);
  EXPECT_EQ(1u, now.hblks) << "blocks mapped alone are counted";
  EXPECT_GE(now.hblkhd, kMiB);
  EXPECT_EQ(dlmalloc_footprint(), now.arena + now.hblkhd);
  EXPECT_EQ(dlmalloc_max_footprint(), now.usmblks);
  dlfree(large);
  dlfree(block);
  EXPECT_EQ(before.uordblks, dlmallinfo().uordblks);
}

TEST(Dlmalloc, D16_IndependentCallocIsZeroAndAdjacent_X10) {
  void* blocks[10];
  ASSERT_EQ(blocks, dlindependent_calloc(10, 40, blocks));
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(is_filled(blocks[i], 0, 40));
    if (i > 0) {
      EXPECT_EQ(48, static_cast<char*>(blocks[i]) - static_cast<char*>(blocks[i - 1]));
    }
    std::memset(blocks[i], i, 40);
  }
  for (int i : {3, 1, 9, 0, 2, 8, 7, 4, 5, 6}) {
    EXPECT_TRUE(is_filled(blocks[i], i, 40));
    dlfree(blocks[i]);
  }
  void** const made = dlindependent_calloc(3, 8, nullptr);
  ASSERT_NE(nullptr, made);
  EXPECT_EQ(0u, dlbulk_free(made, 3));
  EXPECT_EQ(nullptr, made[0]) << "and nulls them";
  dlfree(made);
  void** const empty = dlindependent_calloc(0, 8, nullptr);
  EXPECT_NE(nullptr, empty);
  dlfree(empty);
  EXPECT_EQ(nullptr, dlindependent_calloc(SIZE_MAX / 4, 100, blocks)) << "overflow";
  EXPECT_EQ(0u, dlmallinfo().uordblks);
}

TEST(Dlmalloc, D17_D18_IndependentComallocAndBulkFree_X2) {
  const std::size_t sizes[] = {1, 300'000, 0, 77};
  void* blocks[4];
  ASSERT_EQ(blocks, dlindependent_comalloc(4, sizes, blocks));
  for (int i = 0; i < 4; ++i) std::memset(blocks[i], i, sizes[i]);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(is_filled(blocks[i], i, sizes[i]));
  dlfree(blocks[1]);
  blocks[1] = nullptr;
  EXPECT_EQ(0u, dlbulk_free(blocks, 4));
  EXPECT_EQ(0u, dlmallinfo().uordblks);
}

TEST(Dlmalloc, D19_TrimGivesBack) {
  dlmallopt(M_TRIM_THRESHOLD, -1);
  std::vector<void*> blocks;
  for (int i = 0; i < 100; ++i) blocks.push_back(dlmalloc(50'000));
  const std::size_t full = dlmalloc_footprint();
  for (void* const block : blocks) dlfree(block);
  EXPECT_EQ(full, dlmalloc_footprint()) << "not by itself";
  EXPECT_GT(dlmallinfo().keepcost, 0u);
  EXPECT_EQ(0, dlmalloc_trim(SIZE_MAX)) << "all may stay";
  EXPECT_EQ(1, dlmalloc_trim(0));
  EXPECT_EQ(0u, dlmalloc_footprint());
  EXPECT_EQ(0, dlmalloc_trim(0));
  dlmallopt(M_TRIM_THRESHOLD, 2 << 20);
}

TEST(Dlmalloc, D20_StatsArePrinted) {
  void* const block = dlmalloc(1000);
  testing::internal::CaptureStderr();
  dlmalloc_stats();
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(std::string::npos, text.find("max system bytes ="));
  EXPECT_NE(std::string::npos, text.find("in use bytes     =       1008"));
  dlfree(block);
}

TEST(Dlmalloc, D21_UsableSize) {
  EXPECT_EQ(0u, dlmalloc_usable_size(nullptr));
  for (const std::size_t size : {1u, 24u, 25u, 300'000u}) {
    void* const block = dlmalloc(size);
    std::memset(block, 1, dlmalloc_usable_size(block));
    dlfree(block);
  }
}

TEST(Dlmalloc, D1_NoMemorySetsErrno) {
  errno = 0;
  EXPECT_EQ(nullptr, dlmalloc(SIZE_MAX / 2));
  EXPECT_EQ(ENOMEM, errno);
  errno = 0;
  EXPECT_EQ(nullptr, dlcalloc(SIZE_MAX / 4, 8));
  EXPECT_EQ(ENOMEM, errno);
  void* const block = dlmalloc(10);
  errno = 0;
  EXPECT_EQ(nullptr, dlrealloc(block, SIZE_MAX - 100));
  EXPECT_EQ(ENOMEM, errno);
  dlfree(block);
}

TEST(Dlmalloc, D1_TheSmallestBlockIsFourWordsAlignedToTwo_X1) {
  void* blocks[10];
  for (int i = 0; i < 10; ++i) {
    void* const block = dlmalloc(0);
    blocks[i] = block;
    EXPECT_EQ(3 * sizeof(void*), dlmalloc_usable_size(block));
    EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(block) % (2 * sizeof(void*)));
  }
  EXPECT_EQ(0u, dlbulk_free(blocks, 10));
}

TEST(Dlmalloc, MistakesAreCountedAndRefusedIfSoChosen) {
  EXPECT_EQ(1, dlmallopt(M_PROCEED_ON_ERROR, 1));
  const std::size_t before = dlmalloc_error_count();
  void* const block = dlmalloc(600);
  void* const wall = dlmalloc(600);
  const auto well = dlmallinfo();
  dlfree(static_cast<char*>(block) + 16);
  EXPECT_EQ(before + 1, dlmalloc_error_count());
  alignas(64) static char foreign[256];
  EXPECT_EQ(nullptr, dlrealloc(foreign + 128, 10));
  EXPECT_EQ(before + 2, dlmalloc_error_count());
  EXPECT_EQ(well.uordblks, dlmallinfo().uordblks) << "nothing changed";
  dlfree(block);
  dlfree(block);
  EXPECT_EQ(before + 3, dlmalloc_error_count());
  dlfree(wall);
  EXPECT_EQ(1, dlmallopt(M_PROCEED_ON_ERROR, 0));
}

TEST(Dlmalloc, X16_AnAlignedLargeBlockGrowsWhole) {
  for (const std::size_t alignment : {4096u, 65536u, 1u << 20}) {
    auto* block = static_cast<unsigned char*>(dlmemalign(alignment, 300 * kKiB));
    ASSERT_NE(nullptr, block);
    for (const std::size_t bytes : {310 * kKiB, 4000 * kKiB, 299 * kKiB}) {
      block = static_cast<unsigned char*>(dlrealloc(block, bytes));
      ASSERT_NE(nullptr, block);
      ASSERT_GE(dlmalloc_usable_size(block), bytes);
      std::memset(block, 5, bytes);
    }
    dlfree(block);
  }
}

TEST(Dlmalloc, X13_LargeZeroedBlocksAreZeroAgain) {
  for (int i = 0; i < 3; ++i) {
    auto* const block = static_cast<unsigned char*>(dlcalloc(3, 400 * kKiB));
    ASSERT_TRUE(is_filled(block, 0, 1200 * kKiB));
    std::memset(block, 1, 1200 * kKiB);
    dlfree(block);
  }
}

TEST(Dlmalloc, ManyThreadsAtATime) {
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      support::Random random(t);
      struct Block {
        void* ptr;
        std::size_t size;
      };
      std::vector<Block> blocks;
      const int fill = static_cast<int>(t + 1);
      for (int step = 0; step < 5000; ++step) {
        if (blocks.size() < 50 || (blocks.size() < 100 && random.one_in(2))) {
          const std::size_t size = random.log_uniform(1, 20'000);
          blocks.push_back({dlmalloc(size), size});
          ASSERT_NE(nullptr, blocks.back().ptr);
          std::memset(blocks.back().ptr, fill, size);
          continue;
        }
        Block& block = blocks[random.below(blocks.size())];
        ASSERT_TRUE(is_filled(block.ptr, fill, block.size));
        if (random.one_in(3)) {
          const std::size_t size = random.log_uniform(1, 20'000);
          block.ptr = dlrealloc(block.ptr, size);
          ASSERT_TRUE(is_filled(block.ptr, fill, size < block.size ? size : block.size));
          std::memset(block.ptr, fill, size);
          block.size = size;
          continue;
        }
        dlfree(block.ptr);
        block = blocks.back();
        blocks.pop_back();
      }
      for (const Block& block : blocks) dlfree(block.ptr);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(0u, dlmallinfo().uordblks);
}

TEST(DlmallocDeathTest, D2_ABadFreeIsNamed) {
  void* const block = dlmalloc(100);
  void* const neighbour = dlmalloc(100);
  dlfree(block);
  EXPECT_DEATH(dlfree(block), "mete: free of what is no block in use");
  EXPECT_DEATH(dlfree(static_cast<char*>(neighbour) + 16), "mete: free of what is no block in use");
  alignas(16) char local[64] = {};
  EXPECT_DEATH(dlfree(local + 32), "mete: free of a block of another space, or of none");
}

}  // namespace
