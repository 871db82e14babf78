// The functions of the engine in one thread: sizes, alignments, zeroes, resizing, questions about
// pointers.

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

using fake_port::Call;

class EngineWithPages : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { fake_port::set_page_size(GetParam()); }
};

TEST_P(EngineWithPages, EverySizeIsAlignedUsableAndApart) {
  LiveBlocks live;
  for (std::size_t bytes = 0; bytes <= 70'000; bytes += bytes < 1100 ? 1 : 37 * kSlowdown) {
    for (int i = 0; i < 3; ++i) {
      void* const block = allocate(bytes);
      ASSERT_NE(nullptr, block);
      ASSERT_EQ(0u, address_of(block) % 16) << bytes;
      ASSERT_TRUE(live.add(block, bytes));
    }
    const std::size_t usable = usable_size(live.first());
    ASSERT_GE(usable, 16u);
    while (live.size() > 300) live.free(live.first());
  }
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST_P(EngineWithPages, EveryAlignmentIsKept) {
  LiveBlocks live;
  for (std::size_t alignment = 1; alignment <= std::size_t{4} << 20; alignment *= 2) {
    for (const std::size_t bytes :
         {std::size_t{0}, std::size_t{1}, alignment - 1, alignment, alignment + 1, 3 * alignment,
          std::size_t{100}, std::size_t{5000}, std::size_t{40'000}}) {
      if (bytes > std::size_t{4} << 20) continue;
      void* const block = allocate_aligned(alignment, bytes);
      ASSERT_NE(nullptr, block);
      ASSERT_EQ(0u, address_of(block) % alignment) << bytes << " aligned to " << alignment;
      live.add(block, bytes);
    }
  }
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST_P(EngineWithPages, MixedWorkKeepsContents) {
  Random random(GetParam());
  LiveBlocks live;
  for (int step = 0; step < 20'000 / kSlowdown && !HasFailure(); ++step) {
    const std::size_t bytes = random.one_in(20)  ? random.below(2'000'000)
                              : random.one_in(4) ? random.below(70'000)
                                                 : random.below(1000);
    switch (random.below(8)) {
      case 0:
      case 1:
        live.add(allocate(bytes), bytes);
        break;
      case 2:
        live.add(allocate_aligned(std::size_t{1} << random.below(18), bytes), bytes);
        break;
      case 3: {
        auto* const block = static_cast<char*>(allocate_zeroed(bytes));
        for (std::size_t i = 0; i < bytes; i += i < 100 ? 1 : 101) ASSERT_EQ(0, block[i]);
        live.add(block, bytes);
        break;
      }
      case 4:
        if (!live.empty()) live.resize(live.any(random), bytes);
        break;
      default:
        if (!live.empty()) live.free(live.any(random));
    }
    if (live.size() > 300) live.free(live.any(random));
    if (step % 64 == 0) fake_port::advance_milliseconds(random.below(100));
  }
  live.free_all();
  EXPECT_EQ(nullptr, domain.pages.audit());
}

INSTANTIATE_TEST_SUITE_P(PageSizes, EngineWithPages, testing::Values(4096, 16384, 65536));

TEST(Allocate, ZeroBytesAreABlock) {
  void* const a = allocate(0);
  void* const b = allocate(0);
  EXPECT_NE(nullptr, a);
  EXPECT_NE(a, b);
  deallocate(a);
  deallocate(b);
  deallocate(nullptr);
}

TEST(Allocate, TooMuchIsNull) {
  for (const std::size_t bytes :
       {~std::size_t{0}, ~std::size_t{0} - 15, ~std::size_t{0} / 2, ~std::size_t{0} / 2 + 1,
        std::size_t{1} << 47, std::size_t{1} << 40}) {
    EXPECT_EQ(nullptr, allocate(bytes)) << bytes;
    EXPECT_EQ(nullptr, allocate_zeroed(bytes)) << bytes;
    EXPECT_EQ(nullptr, allocate_aligned(64, bytes)) << bytes;
    EXPECT_EQ(nullptr, allocate_zeroed(64, bytes)) << bytes;
    EXPECT_EQ(nullptr, allocate_aligned(std::size_t{1} << 20, bytes)) << bytes;
    EXPECT_EQ(nullptr, allocate_aligned(std::size_t{1} << 63, bytes)) << bytes;
  }
  EXPECT_EQ(nullptr, allocate_aligned(std::size_t{1} << 63, 1));
  EXPECT_NE(nullptr, allocate(1));
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Allocate, FreedBlockIsTheNextOne) {
  for (const std::size_t bytes : {16u, 100u, 5000u, 32768u}) {
    void* const first = allocate(bytes);
    deallocate(first);
    EXPECT_EQ(first, allocate(bytes)) << "the hottest block first";
    deallocate(first);
  }
}

TEST(Allocate, FastPathAsksTheSystemNothing) {
  std::vector<void*> blocks(1000);
  const auto round = [&] {
    for (void*& block : blocks) block = allocate(64);
    for (void* block : blocks) deallocate(block);
  };
  round();
  const std::uint64_t reserves = fake_port::calls(Call::kReserve);
  const std::uint64_t opened = heap_statistics().slabs_opened;
  for (int i = 0; i < 100; ++i) round();
  EXPECT_EQ(reserves, fake_port::calls(Call::kReserve));
  EXPECT_EQ(opened, heap_statistics().slabs_opened) << "magazines serve them all";
}

TEST(AllocateZeroed, IsZeroAfterDirtyReuse) {
  for (const std::size_t bytes :
       {1u, 16u, 17u, 100u, 4096u, 32768u, 40'000u, 300'000u, 3'000'000u}) {
    for (int round = 0; round < 3; ++round) {
      std::vector<void*> blocks(8);
      for (void*& block : blocks) {
        block = allocate(bytes);
        std::memset(block, 0xff, usable_size(block));
      }
      for (void* block : blocks) deallocate(block);
      for (void*& block : blocks) {
        auto* const data = static_cast<unsigned char*>(block = allocate_zeroed(bytes));
        for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(0, data[i]) << bytes;
      }
      for (void* block : blocks) deallocate(block);
    }
  }
}

TEST(AllocateZeroed, IsAlignedAndZeroAfterDirtyReuse) {
  for (const std::size_t alignment : {8u, 64u, 4096u, 65536u}) {
    for (const std::size_t bytes : {1u, 100u, 5000u, 40'000u, 300'000u}) {
      void* const dirty = allocate_aligned(alignment, bytes);
      std::memset(dirty, 0xff, usable_size(dirty));
      deallocate(dirty);
      auto* const data = static_cast<unsigned char*>(allocate_zeroed(alignment, bytes));
      EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(data) % alignment) << bytes;
      for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(0, data[i]) << bytes;
      deallocate(data);
    }
  }
}

TEST(AllocateZeroed, FreshMemoryIsNotWrittenHoweverAligned) {
  for (const std::size_t alignment : {std::size_t{64}, std::size_t{4096}, std::size_t{1} << 20}) {
    constexpr std::size_t kBytes = std::size_t{8} << 20;
    void* const block = allocate_zeroed(alignment, kBytes);
    EXPECT_EQ(0u, fake_port::resident_pages(block, kBytes)) << alignment;
  }
}

TEST(AllocateZeroed, FreshMemoryIsNotWritten) {
  for (const std::size_t bytes :
       {std::size_t{100'000}, std::size_t{1} << 20, std::size_t{64} << 20}) {
    void* const block = allocate_zeroed(bytes);
    EXPECT_EQ(0u, fake_port::resident_pages(block, bytes)) << bytes;
  }
  std::size_t resident = 0;
  for (int i = 0; i < 64; ++i)
    resident += fake_port::resident_pages(allocate_zeroed(32'000), 32'000);
  EXPECT_LE(resident, 2u * 64) << "the page of the link, and one of a neighbour";
}

TEST(AllocateZeroed, PurgedMemoryIsNotWrittenAgain) {
  void* const block = allocate(std::size_t{32} << 20);
  std::memset(block, 1, std::size_t{32} << 20);
  deallocate(block);
  domain.pages.trim(pages::PageCount());
  void* const again = allocate_zeroed(std::size_t{32} << 20);
  EXPECT_EQ(0u, fake_port::resident_pages(again, std::size_t{32} << 20));
}

TEST(Reallocate, KeepsContentsBetweenAllSizes) {
  const std::size_t sizes[] = {1,      16,     17,     100,     600,       5000,
                               32'768, 32'769, 70'000, 500'000, 2'000'000, 9'000'000};
  for (const std::size_t from : sizes) {
    for (const std::size_t to : sizes) {
      LiveBlocks live;
      live.add(allocate(from), from);
      ASSERT_TRUE(live.resize(live.first(), to)) << from << " to " << to;
    }
  }
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reallocate, StaysWhereItFits) {
  void* const block = allocate(100);
  EXPECT_EQ(block, reallocate(block, 112));
  EXPECT_EQ(block, reallocate(block, 60));
  void* const large = allocate(1'000'000);
  EXPECT_EQ(large, reallocate(large, 999'000));
}

TEST(Reallocate, LargeBlocksGrowInPlaceIntoFreePages) {
  void* const block = allocate(1'000'000);
  EXPECT_EQ(block, reallocate(block, 2'000'000)) << "nothing is to its right yet";
  EXPECT_EQ(0u, fake_port::calls(Call::kMove));
}

TEST(Reallocate, LargeBlocksShrinkInPlaceAndGiveTheRestBack) {
  void* const block = allocate(8'000'000);
  std::memset(block, 1, 8'000'000);
  EXPECT_EQ(block, reallocate(block, 100'000));
  EXPECT_LE(usable_size(block), 128u * 1024);
  EXPECT_LT(domain.pages.statistics().in_use.value * 4096u, 1'000'000u);
}

TEST(Reallocate, LargeBlocksMoveByTheirPageTables) {
  LiveBlocks live;
  void* const block = allocate(4'000'000);
  live.add(block, 4'000'000);
  live.add(allocate(4'000'000), 4'000'000);  // in the way
  ASSERT_TRUE(live.resize(block, 40'000'000));
  EXPECT_GT(fake_port::calls(Call::kMove), 0u);
  EXPECT_EQ(1u, heap_statistics().moves);
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Reallocate, GrowingStepByStepMovesSeldom) {
  LiveBlocks live;
  live.add(allocate(1000), 1000);
  std::uintptr_t where = address_of(live.first());
  int moves = 0;
  for (std::size_t bytes = 1000; bytes < 4'000'000; bytes += 1000 + bytes / 100) {
    ASSERT_TRUE(live.resize(live.first(), bytes));
    if (address_of(live.first()) != where) ++moves;
    where = address_of(live.first());
  }
  EXPECT_LT(moves, 60);
}

TEST(Reallocate, WithoutMemoryTheBlockIsUnchanged) {
  LiveBlocks live;
  for (const std::size_t bytes : {100u, 40'000u, 3'000'000u}) live.add(allocate(bytes), bytes);
  fake_port::fail(Call::kReserve, 1, fake_port::kForever);
  Random random(1);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(nullptr, reallocate(live.any(random), std::size_t{1} << 36));
    EXPECT_EQ(nullptr, reallocate(live.any(random), ~std::size_t{0}));
  }
  live.free_all();  // checks the contents
}

TEST(Owns, NothingBeforeTheFirstAllocation) {
  int local = 0;
  EXPECT_FALSE(owns(nullptr));
  EXPECT_FALSE(owns(&local));
}

TEST(Owns, KnowsItsBlocks) {
  int local = 0;
  void* const small = allocate(100);
  void* const large = allocate(100'000);
  EXPECT_TRUE(owns(small));
  EXPECT_TRUE(owns(large));
  EXPECT_FALSE(owns(nullptr));
  EXPECT_FALSE(owns(&local));
  EXPECT_FALSE(owns(reinterpret_cast<void*>(~std::uintptr_t{0})));
  deallocate(large);
  EXPECT_FALSE(owns(large));
}

}  // namespace
}  // namespace mete::heap
