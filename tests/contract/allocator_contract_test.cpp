// What every allocator promises, by the numbers of the requirements: G (GlobalAlloc), T
// (Allocator), X (defects of the models, not to be repeated), each as far as it has a meaning for
// functions in the manner of C.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "contract/allocators.hpp"
#include "support/bytes.hpp"
#include "unit/random.hpp"

namespace mete::contract {
namespace {

template <class Allocator>
class AllocatorContract : public testing::Test {};
TYPED_TEST_SUITE(AllocatorContract, Allocators, NameOfAllocator);

constexpr std::size_t kSizes[] = {
    1,      2,      7,      8,      15,     16,      17,      24,        31,
    32,     33,     48,     63,     64,     65,      100,     127,       128,
    129,    200,    255,    256,    257,    500,     1000,    1024,      1025,
    4095,   4096,   4097,   8192,   10'000, 16'384,  30'000,  32'767,    32'768,
    32'769, 40'000, 65'535, 65'536, 65'537, 100'000, 262'144, 1'000'000, 5'000'000};

// Not known to the compiler, which would say that it is too large.
std::size_t opaque(std::size_t value) {
  volatile std::size_t hidden = value;
  return hidden;
}

unsigned char* bytes_of(void* block) { return static_cast<unsigned char*>(block); }

using test::fill;
using test::holds;
using test::is_aligned;
using test::is_zero;
using test::pattern;

TYPED_TEST(AllocatorContract, G1_BlocksCanBeWrittenAndRead) {
  for (const std::size_t size : kSizes) {
    void* const block = TypeParam::allocate(size);
    ASSERT_NE(nullptr, block);
    fill(block, size, 1);
    EXPECT_TRUE(holds(block, size, 1));
    TypeParam::deallocate(block);
  }
}

TYPED_TEST(AllocatorContract, G1_AlignmentIsKept) {
  for (std::size_t alignment = 32; alignment <= std::size_t{2} << 20; alignment *= 2) {
    for (const std::size_t size :
         {std::size_t{1}, alignment / 2, alignment, alignment + 1, 3 * alignment}) {
      void* const block = TypeParam::allocate(size, alignment);
      ASSERT_NE(nullptr, block);
      EXPECT_TRUE(is_aligned(block, alignment)) << size << " aligned to " << alignment;
      std::memset(block, 1, size);
      TypeParam::deallocate(block);
    }
  }
}

TYPED_TEST(AllocatorContract, X1_AlignmentIsSixteenWithoutBeingAsked) {
  constexpr std::size_t kNatural = TypeParam::kNaturalAlignment;
  static_assert(kNatural >= alignof(std::max_align_t));
  for (std::size_t size = 1; size < 5000; ++size) {
    void* const block = TypeParam::allocate(size);
    EXPECT_TRUE(is_aligned(block, size >= kNatural ? kNatural : 8)) << size;
    TypeParam::deallocate(block);
  }
}

TYPED_TEST(AllocatorContract, G1_TooMuchIsNull) {
  for (const std::size_t size :
       {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 4096, SIZE_MAX / 2, SIZE_MAX / 2 + 1, SIZE_MAX / 4}) {
    EXPECT_EQ(nullptr, TypeParam::allocate(opaque(size)));
    EXPECT_EQ(nullptr, TypeParam::allocate(opaque(size), 4096));
    EXPECT_EQ(nullptr, TypeParam::allocate_zeroed(opaque(size)));
  }
}

TYPED_TEST(AllocatorContract, G2_FreedMemoryIsUsedAgain) {
  // 64 GiB in all, more than there is; less where every step is slow.
  for (int i = 0; i < (64 << 10) / kSlowdown / kSlowdown; ++i) {
    void* const block = TypeParam::allocate(std::size_t{1} << 20);
    ASSERT_NE(nullptr, block);
    bytes_of(block)[i % 4096] = 1;
    TypeParam::deallocate(block);
    if (i % 1024 == 0) {
      TypeParam::deallocate(TypeParam::allocate(100));
    }
  }
}

TYPED_TEST(AllocatorContract, G3_ZeroedIsZeroAfterDirtyReuse) {
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : kSizes) {
      void* const block = TypeParam::allocate_zeroed(size);
      ASSERT_NE(nullptr, block);
      EXPECT_TRUE(is_zero(block, 0, size));
      std::memset(block, 0xff, size);
      TypeParam::deallocate(block);
    }
  }
}

TYPED_TEST(AllocatorContract, G3_ZeroedIsZeroAmongManyBlocks) {
  for (const std::size_t size : {1u, 16u, 40u, 500u, 3000u, 20'000u, 60'000u}) {
    std::vector<void*> blocks;
    for (int round = 0; round < 3; ++round) {
      for (int i = 0; i < 100; ++i) {
        blocks.push_back(TypeParam::allocate_zeroed(size));
        ASSERT_TRUE(is_zero(blocks.back(), 0, size));
        std::memset(blocks.back(), 0xff, size);
      }
      while (blocks.size() > 50) {
        TypeParam::deallocate(blocks.front());
        blocks.front() = blocks.back();
        blocks.pop_back();
      }
    }
    for (void* block : blocks) TypeParam::deallocate(block);
  }
}

TYPED_TEST(AllocatorContract, G4_ReallocKeepsTheFirstBytes) {
  for (const std::size_t from : kSizes) {
    for (const std::size_t to : {std::size_t{1}, from / 2 + 1, from - from / 8, from, from + 1,
                                 from + from / 8 + 1, 2 * from, std::size_t{70'000}}) {
      void* block = TypeParam::allocate(from);
      fill(block, from, 7);
      block = TypeParam::reallocate(block, to);
      ASSERT_NE(nullptr, block);
      EXPECT_TRUE(holds(block, std::min(from, to), 7)) << from << " to " << to;
      std::memset(block, 0xee, to);
      TypeParam::deallocate(block);
    }
  }
}

TYPED_TEST(AllocatorContract, G4_ReallocStepByStep) {
  void* block = TypeParam::allocate(1);
  fill(block, 1, 3);
  std::size_t size = 1;
  const auto resize = [&](std::size_t next) {
    block = TypeParam::reallocate(block, next);
    ASSERT_NE(nullptr, block);
    ASSERT_TRUE(holds(block, std::min(size, next), 3));
    fill(block, next, 3);
    size = next;
  };
  while (size < 500'000) resize(size + size / 7 + 1);
  while (size > 1) resize(size - size / 9 - 1);
  TypeParam::deallocate(block);
}

TYPED_TEST(AllocatorContract, G4_ReallocOfAlignedBlocksKeepsTheirContents) {
  for (const std::size_t alignment : {64u, 4096u, 65'536u, 1u << 20}) {
    for (const std::size_t size : {1u, 5000u, 200'000u, 2'000'000u}) {
      void* block = TypeParam::allocate(size, alignment);
      fill(block, size, 9);
      for (const std::size_t to : {2 * size, 5 * size, 3 * size, size}) {
        block = TypeParam::reallocate(block, to);  // X16: as large as asked
        ASSERT_NE(nullptr, block);
        EXPECT_TRUE(holds(block, size, 9));
        EXPECT_GE(TypeParam::usable_size(block), to);
        bytes_of(block)[to - 1] = pattern(to - 1, 9);
      }
      TypeParam::deallocate(block);
    }
  }
}

TYPED_TEST(AllocatorContract, G5_FailedReallocLeavesTheBlock) {
  for (const std::size_t size : kSizes) {
    void* const block = TypeParam::allocate(size);
    fill(block, size, 5);
    for (const std::size_t to : {SIZE_MAX, SIZE_MAX - 4096, SIZE_MAX / 2, SIZE_MAX / 4}) {
      EXPECT_EQ(nullptr, TypeParam::reallocate(block, opaque(to)));
    }
    EXPECT_TRUE(holds(block, size, 5));
    TypeParam::deallocate(block);
  }
}

TYPED_TEST(AllocatorContract, G6_AfterReallocTheOldPlaceIsFree) {
  std::vector<void*> blocks;
  for (int i = 0; i < 100; ++i) {
    blocks.push_back(TypeParam::allocate(100));
    fill(blocks.back(), 100, static_cast<unsigned>(i));
  }
  for (void*& block : blocks) block = TypeParam::reallocate(block, 10'000);
  std::vector<void*> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(TypeParam::allocate(100));
    std::memset(others.back(), 0xff, 100);
  }
  for (unsigned i = 0; i < 100; ++i) EXPECT_TRUE(holds(blocks[i], 100, i));
  for (void* block : blocks) TypeParam::deallocate(block);
  for (void* block : others) TypeParam::deallocate(block);
}

TYPED_TEST(AllocatorContract, G7_NothingThrows) {
  static_assert(noexcept(TypeParam::allocate(1))&& noexcept(TypeParam::allocate_zeroed(1)));
  static_assert(
      noexcept(TypeParam::deallocate(nullptr))&& noexcept(TypeParam::reallocate(nullptr, 1)));
  TypeParam::deallocate(nullptr);
}

TYPED_TEST(AllocatorContract, G12_RoundTripOfTheExample) {
  auto* const number = static_cast<std::uint16_t*>(
      TypeParam::allocate(sizeof(std::uint16_t), alignof(std::uint16_t)));
  ASSERT_NE(nullptr, number);
  *number = 42;
  EXPECT_EQ(42, *number);
  TypeParam::deallocate(number);
}

TYPED_TEST(AllocatorContract, T1_AllThatIsUsableCanBeWritten) {
  for (const std::size_t size : kSizes) {
    std::vector<std::pair<void*, std::size_t>> blocks;
    for (unsigned i = 0; i < 4; ++i) {
      void* const block = TypeParam::allocate(size);
      const std::size_t usable = TypeParam::usable_size(block);
      ASSERT_GE(usable, size);
      fill(block, usable, i);
      blocks.emplace_back(block, usable);
    }
    for (unsigned i = 0; i < 4; ++i) {
      EXPECT_TRUE(holds(blocks[i].first, blocks[i].second, i));
      TypeParam::deallocate(blocks[i].first);
    }
  }
  EXPECT_EQ(0u, TypeParam::usable_size(nullptr));
}

TYPED_TEST(AllocatorContract, T3_NoBytesAreABlockToo) {
  for (const std::size_t alignment : {16u, 64u, 4096u, 65'536u}) {
    void* const a = TypeParam::allocate(0, alignment);
    void* const b = TypeParam::allocate(0, alignment);
    ASSERT_NE(nullptr, a);
    EXPECT_NE(a, b);
    EXPECT_TRUE(is_aligned(a, alignment));
    TypeParam::deallocate(a);
    TypeParam::deallocate(b);
  }
  TypeParam::deallocate(TypeParam::allocate_zeroed(0));
}

TYPED_TEST(AllocatorContract, T10_ASizeBetweenAskedAndUsableFits) {
  for (const std::size_t size : kSizes) {
    void* block = TypeParam::allocate(size);
    fill(block, size, 2);
    // To resize within what is usable loses nothing.
    const std::size_t usable = TypeParam::usable_size(block);
    block = TypeParam::reallocate(block, usable);
    EXPECT_TRUE(holds(block, size, 2));
    EXPECT_GE(TypeParam::usable_size(block), usable);
    TypeParam::deallocate(block);
  }
}

}  // namespace
}  // namespace mete::contract
