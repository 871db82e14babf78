// What every Allocator promises (T1 to T13), whoever it is.

#include <algorithm>
#include <vector>

#include "api/contract/allocators.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

template <class Case>
class AllocatorContract : public testing::Test {
 protected:
  auto& a() { return case_.allocator; }

  Block allocate(std::size_t size, std::size_t align) {
    return mete::allocate(a(), layout(size, align));
  }

  static Layout layout(std::size_t size, std::size_t align) {
    return Layout::from_size_align(size, align).value();
  }

 private:
  Case case_;
};
TYPED_TEST_SUITE(AllocatorContract, Allocators, NameOfCase);

constexpr std::size_t kSizes[] = {1, 2, 7, 8, 15, 16, 17, 40, 100, 1000, 4096, 5000, 70'000};
constexpr std::size_t kAligns[] = {1, 2, 8, 16, 32, 64, 256, 4096};

// More than any machine has. Not known to the compiler, which would say so.
std::size_t too_much() {
  volatile std::size_t size = std::size_t{PTRDIFF_MAX} - (std::size_t{1} << 20);
  return size;
}

TYPED_TEST(AllocatorContract, T1_BlocksAreAlignedAndAtLeastAsLargeAsAsked) {
  std::vector<std::pair<Block, Layout>> blocks;
  for (const std::size_t size : kSizes) {
    for (const std::size_t align : kAligns) {
      const Block block = this->allocate(size, align);
      ASSERT_TRUE(block);
      EXPECT_GE(block.size, size);
      EXPECT_TRUE(is_aligned(block.ptr, align));
      // All that was given may be used.
      fill(block.ptr, block.size, static_cast<unsigned>(blocks.size()));
      blocks.emplace_back(block, this->layout(size, align));
    }
  }
  for (unsigned i = 0; i < blocks.size(); ++i) {
    EXPECT_TRUE(holds(blocks[i].first.ptr, blocks[i].first.size, i));
    mete::deallocate(this->a(), blocks[i].first.ptr, blocks[i].second);
  }
}

TYPED_TEST(AllocatorContract, T1_TooMuchIsNull) {
  for (const std::size_t align : {1u, 16u, 4096u}) {
    const Layout large = this->layout(too_much(), align);
    EXPECT_FALSE(mete::allocate(this->a(), large));
    EXPECT_FALSE(mete::allocate_zeroed(this->a(), large));
  }
}

TYPED_TEST(AllocatorContract, T2_AllBytesOfAZeroedBlockAreZero) {
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : kSizes) {
      const Layout layout = this->layout(size, 16);
      const Block block = mete::allocate_zeroed(this->a(), layout);
      ASSERT_TRUE(block);
      EXPECT_TRUE(is_zero(block.ptr, 0, block.size));
      std::memset(block.ptr, 0xff, block.size);
      mete::deallocate(this->a(), block.ptr, layout);
    }
  }
}

TYPED_TEST(AllocatorContract, T3_SizeZeroIsABlockWithoutMemory) {
  for (const std::size_t align : kAligns) {
    const Layout nothing = this->layout(0, align);
    for (const Block block :
         {mete::allocate(this->a(), nothing), mete::allocate_zeroed(this->a(), nothing)}) {
      ASSERT_TRUE(block);
      EXPECT_EQ(0u, block.size);
      EXPECT_TRUE(is_aligned(block.ptr, align));
      mete::deallocate(this->a(), block.ptr, nothing);
    }
  }
}

// The members themselves serve size 0 too, where a type is mete's own and not a test's.
TYPED_TEST(AllocatorContract, T3_MembersServeSizeZero) {
  if constexpr (!std::is_base_of_v<StrictBlocks, std::decay_t<decltype(this->a())>>) {
    const Layout nothing = this->layout(0, 64);
    const Block block = this->a().allocate(nothing);
    ASSERT_TRUE(block);
    EXPECT_EQ(0u, block.size);
    this->a().deallocate(block.ptr, nothing);
  }
}

TYPED_TEST(AllocatorContract, T4_GrowKeepsWhatWasThere) {
  for (const std::size_t from : kSizes) {
    for (const std::size_t more : {0u, 1u, 13u, 5000u}) {
      const Layout old_layout = this->layout(from, 8);
      const Layout new_layout = this->layout(from + more, 8);
      Block block = mete::allocate(this->a(), old_layout);
      fill(block.ptr, from, 1);
      block = mete::grow(this->a(), block.ptr, old_layout, new_layout);
      ASSERT_TRUE(block);
      EXPECT_GE(block.size, from + more);
      EXPECT_TRUE(holds(block.ptr, from, 1));
      std::memset(block.ptr, 0xee, block.size);
      mete::deallocate(this->a(), block.ptr, new_layout);
    }
  }
}

TYPED_TEST(AllocatorContract, T4_GrowChangesTheAlignmentEitherWay) {
  for (const std::size_t from : kAligns) {
    for (const std::size_t to : kAligns) {
      const Layout old_layout = this->layout(100, from);
      const Layout new_layout = this->layout(150, to);
      // Something behind it, so that an arena cannot always stay in place.
      Block block = mete::allocate(this->a(), old_layout);
      const Block behind = to % 16 == 0 ? this->allocate(1, 1) : Block{};
      fill(block.ptr, 100, 2);
      block = mete::grow(this->a(), block.ptr, old_layout, new_layout);
      ASSERT_TRUE(block);
      EXPECT_TRUE(is_aligned(block.ptr, to));
      EXPECT_TRUE(holds(block.ptr, 100, 2));
      if (behind) mete::deallocate(this->a(), behind.ptr, this->layout(1, 1));
      mete::deallocate(this->a(), block.ptr, new_layout);
    }
  }
}

TYPED_TEST(AllocatorContract, T4_GrowFromNothing) {
  const Layout nothing = this->layout(0, 32);
  const Layout something = this->layout(64, 32);
  Block block = mete::allocate(this->a(), nothing);
  block = mete::grow(this->a(), block.ptr, nothing, nothing);
  ASSERT_TRUE(block);
  block = mete::grow(this->a(), block.ptr, nothing, something);
  ASSERT_TRUE(block);
  std::memset(block.ptr, 1, block.size);
  mete::deallocate(this->a(), block.ptr, something);
  block = mete::grow_zeroed(this->a(), nothing.dangling(), nothing, something);
  EXPECT_TRUE(is_zero(block.ptr, 0, block.size));
  mete::deallocate(this->a(), block.ptr, something);
}

TYPED_TEST(AllocatorContract, T5_GrowZeroedKeepsTheOldAndZeroesTheNew) {
  for (const std::size_t from : kSizes) {
    for (const std::size_t more : {0u, 1u, 13u, 5000u}) {
      for (const std::size_t align : {8u, 64u}) {
        const Layout old_layout = this->layout(from, 8);
        const Layout new_layout = this->layout(from + more, align);
        Block block = mete::allocate(this->a(), old_layout);
        const std::size_t old_block_size = block.size;
        fill(block.ptr, old_block_size, 3);
        block = mete::grow_zeroed(this->a(), block.ptr, old_layout, new_layout);
        ASSERT_TRUE(block);
        EXPECT_TRUE(holds(block.ptr, from, 3));
        // In between: zero, or as it was.
        for (std::size_t i = from; i < std::min(old_block_size, block.size); ++i) {
          const unsigned char byte = static_cast<unsigned char*>(block.ptr)[i];
          EXPECT_TRUE(byte == 0 || byte == pattern(i, 3)) << i;
        }
        EXPECT_TRUE(is_zero(block.ptr, std::min(old_block_size, block.size), block.size));
        mete::deallocate(this->a(), block.ptr, new_layout);
      }
    }
  }
}

TYPED_TEST(AllocatorContract, T6_ShrinkKeepsTheBeginning) {
  for (const std::size_t from : kSizes) {
    for (const std::size_t to : {from, from - 1, from / 2, std::size_t{1}}) {
      const Layout old_layout = this->layout(from, 8);
      const Layout new_layout = this->layout(to, 8);
      Block block = mete::allocate(this->a(), old_layout);
      fill(block.ptr, from, 4);
      block = mete::shrink(this->a(), block.ptr, old_layout, new_layout);
      ASSERT_TRUE(block);
      EXPECT_GE(block.size, to);
      EXPECT_TRUE(holds(block.ptr, to, 4));
      mete::deallocate(this->a(), block.ptr, new_layout);
    }
  }
}

TYPED_TEST(AllocatorContract, T6_ShrinkChangesTheAlignmentEitherWay) {
  for (const std::size_t from : kAligns) {
    for (const std::size_t to : kAligns) {
      const Layout old_layout = this->layout(150, from);
      const Layout new_layout = this->layout(100, to);
      Block block = mete::allocate(this->a(), old_layout);
      fill(block.ptr, 150, 5);
      block = mete::shrink(this->a(), block.ptr, old_layout, new_layout);
      ASSERT_TRUE(block);
      EXPECT_TRUE(is_aligned(block.ptr, to));
      EXPECT_TRUE(holds(block.ptr, 100, 5));
      mete::deallocate(this->a(), block.ptr, new_layout);
    }
  }
}

TYPED_TEST(AllocatorContract, T6_ShrinkToNothingGivesTheBlockBack) {
  const Layout old_layout = this->layout(100, 8);
  for (const std::size_t align : {1u, 8u, 4096u}) {
    const Layout nothing = this->layout(0, align);
    const Block block = mete::allocate(this->a(), old_layout);
    const Block shrunk = mete::shrink(this->a(), block.ptr, old_layout, nothing);
    ASSERT_TRUE(shrunk);
    EXPECT_EQ(0u, shrunk.size);
    EXPECT_TRUE(is_aligned(shrunk.ptr, align));
    mete::deallocate(this->a(), shrunk.ptr, nothing);
  }
}

TYPED_TEST(AllocatorContract, T9_GrownAndShrunkBlocksAreBlocks) {
  // A block is used through a long life, and is always as large as its layout says.
  Layout now = this->layout(1, 8);
  Block block = mete::allocate(this->a(), now);
  fill(block.ptr, now.size(), 6);
  const auto resize = [&](std::size_t size) {
    const Layout next = this->layout(size, 8);
    const std::size_t kept = std::min(size, now.size());
    block = size >= now.size() ? mete::grow(this->a(), block.ptr, now, next)
                               : mete::shrink(this->a(), block.ptr, now, next);
    ASSERT_TRUE(block);
    ASSERT_TRUE(holds(block.ptr, kept, 6));
    fill(block.ptr, size, 6);
    now = next;
  };
  while (now.size() < 20'000) resize(now.size() + now.size() / 3 + 1);
  while (now.size() > 1) resize(now.size() - now.size() / 3 - 1);
  mete::deallocate(this->a(), block.ptr, now);
}

TYPED_TEST(AllocatorContract, T10_EverySizeThatFitsIsAccepted) {
  for (const std::size_t size : {1u, 10u, 100u, 1000u}) {
    const Layout asked = this->layout(size, 8);
    const Block first = mete::allocate(this->a(), asked);
    const std::size_t given = first.size;
    mete::deallocate(this->a(), first.ptr, asked);
    for (std::size_t fit = size; fit <= given; fit += 1 + (given - size) / 20) {
      const Block block = mete::allocate(this->a(), asked);
      mete::deallocate(this->a(), block.ptr, this->layout(std::min(fit, block.size), 8));
    }
    // As the old layout of grow and shrink, too.
    Block block = mete::allocate(this->a(), asked);
    fill(block.ptr, block.size, 7);
    const std::size_t kept = block.size;
    block = mete::grow(this->a(), block.ptr, this->layout(kept, 8), this->layout(kept + 100, 8));
    EXPECT_TRUE(holds(block.ptr, kept, 7));
    block = mete::shrink(this->a(), block.ptr, this->layout(block.size, 8), this->layout(kept, 8));
    EXPECT_TRUE(holds(block.ptr, kept, 7));
    mete::deallocate(this->a(), block.ptr, this->layout(block.size, 8));
  }
}

TYPED_TEST(AllocatorContract, T12_FailureLeavesTheBlock) {
  for (const std::size_t align : {8u, 4096u}) {
    const Layout old_layout = this->layout(100, 8);
    const Layout large = this->layout(too_much(), align);
    const Block block = mete::allocate(this->a(), old_layout);
    fill(block.ptr, block.size, 8);
    EXPECT_FALSE(mete::grow(this->a(), block.ptr, old_layout, large));
    EXPECT_FALSE(mete::grow_zeroed(this->a(), block.ptr, old_layout, large));
    EXPECT_TRUE(holds(block.ptr, block.size, 8));
    mete::deallocate(this->a(), block.ptr, old_layout);
  }
}

TYPED_TEST(AllocatorContract, T13_ACopyIsTheSameAllocator) {
  using A = std::remove_cvref_t<decltype(this->a())>;
  if constexpr (std::is_copy_constructible_v<A>) {
    static_assert(std::equality_comparable<A>);
    const Layout layout = this->layout(100, 8);
    const Block block = mete::allocate(this->a(), layout);
    {
      A copy = this->a();
      EXPECT_EQ(this->a(), copy);
      fill(block.ptr, 100, 9);
      const Block grown = mete::grow(copy, block.ptr, layout, this->layout(200, 8));
      EXPECT_TRUE(holds(grown.ptr, 100, 9));
      mete::deallocate(this->a(), grown.ptr, this->layout(200, 8));
    }
  }
}

}  // namespace
}  // namespace mete::test
