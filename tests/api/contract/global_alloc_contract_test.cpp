// What every GlobalAlloc promises (G1 to G12), whoever it is.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "api/contract/allocators.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

template <class Case>
class GlobalAllocContract : public testing::Test {
 protected:
  auto& a() { return case_.allocator; }

  static Layout layout(std::size_t size, std::size_t align) {
    return Layout::from_size_align(size, align).value();
  }

 private:
  Case case_;
};
TYPED_TEST_SUITE(GlobalAllocContract, GlobalAllocs, NameOfCase);

constexpr std::size_t kSizes[] = {1, 2, 7, 8, 15, 16, 17, 40, 100, 1000, 4096, 5000, 70'000};
constexpr std::size_t kAligns[] = {1, 2, 8, 16, 32, 64, 256, 4096};

// Not known to the compiler, which would say that it is too large.
std::size_t opaque(std::size_t value) {
  volatile std::size_t hidden = value;
  return hidden;
}

TYPED_TEST(GlobalAllocContract, G1_BlocksAreAlignedAndTheirOwn) {
  std::vector<std::pair<void*, Layout>> blocks;
  for (const std::size_t size : kSizes) {
    for (const std::size_t align : kAligns) {
      blocks.emplace_back(mete::alloc(this->a(), this->layout(size, align)),
                          this->layout(size, align));
      ASSERT_NE(nullptr, blocks.back().first);
      EXPECT_TRUE(is_aligned(blocks.back().first, align));
      fill(blocks.back().first, size, static_cast<unsigned>(blocks.size()));
    }
  }
  for (unsigned i = 0; i < blocks.size(); ++i) {
    EXPECT_TRUE(holds(blocks[i].first, blocks[i].second.size(), i + 1));
    mete::dealloc(this->a(), blocks[i].first, blocks[i].second);
  }
}

TYPED_TEST(GlobalAllocContract, G1_TooMuchIsNull) {
  const std::size_t much = opaque(std::size_t{PTRDIFF_MAX} - (std::size_t{1} << 20));
  for (const std::size_t align : {1u, 16u, 4096u}) {
    EXPECT_EQ(nullptr, mete::alloc(this->a(), this->layout(much, align)));
    EXPECT_EQ(nullptr, mete::alloc_zeroed(this->a(), this->layout(much, align)));
  }
}

TYPED_TEST(GlobalAllocContract, G2_BlocksGoBackWithTheirLayout) {
  // The strict allocators in the list look at it.
  for (int i = 0; i < 1000; ++i) {
    const Layout layout = this->layout(static_cast<std::size_t>(i) + 1, std::size_t{1} << i % 13);
    mete::dealloc(this->a(), mete::alloc(this->a(), layout), layout);
  }
}

TYPED_TEST(GlobalAllocContract, G3_ZeroedIsZeroAfterDirtyReuse) {
  for (int round = 0; round < 3; ++round) {
    for (const std::size_t size : kSizes) {
      for (const std::size_t align : kAligns) {
        const Layout layout = this->layout(size, align);
        void* const ptr = mete::alloc_zeroed(this->a(), layout);
        ASSERT_NE(nullptr, ptr);
        EXPECT_TRUE(is_aligned(ptr, align));
        EXPECT_TRUE(is_zero(ptr, 0, size));
        std::memset(ptr, 0xff, size);
        mete::dealloc(this->a(), ptr, layout);
      }
    }
  }
}

TYPED_TEST(GlobalAllocContract, G4_ReallocKeepsTheBytesAndTheAlignment) {
  for (const std::size_t align : kAligns) {
    for (const std::size_t from : kSizes) {
      for (const std::size_t to : {std::size_t{1}, from / 2 + 1, from, from + 1, 2 * from}) {
        void* ptr = mete::alloc(this->a(), this->layout(from, align));
        fill(ptr, from, 3);
        ptr = mete::realloc(this->a(), ptr, this->layout(from, align), to);
        ASSERT_NE(nullptr, ptr);
        EXPECT_TRUE(is_aligned(ptr, align));
        EXPECT_TRUE(holds(ptr, std::min(from, to), 3)) << from << " to " << to;
        std::memset(ptr, 0xee, to);
        mete::dealloc(this->a(), ptr, this->layout(to, align));
      }
    }
  }
}

TYPED_TEST(GlobalAllocContract, G5_FailedReallocLeavesTheBlock) {
  for (const std::size_t align : {1u, 16u, 4096u}) {
    const Layout layout = this->layout(100, align);
    void* const ptr = mete::alloc(this->a(), layout);
    fill(ptr, 100, 4);
    const std::size_t most = std::size_t{PTRDIFF_MAX};
    for (const std::size_t size :
         {most - 4095, most - 4094, most, most + 1, most + 101, std::size_t{SIZE_MAX}}) {
      EXPECT_EQ(nullptr, mete::realloc(this->a(), ptr, layout, opaque(size)));
    }
    EXPECT_TRUE(holds(ptr, 100, 4));
    mete::dealloc(this->a(), ptr, layout);
  }
}

TYPED_TEST(GlobalAllocContract, G6_AfterReallocTheOldPlaceIsFree) {
  const Layout small = this->layout(100, 8);
  std::vector<void*> blocks;
  for (unsigned i = 0; i < 100; ++i) {
    blocks.push_back(mete::alloc(this->a(), small));
    fill(blocks.back(), 100, i);
  }
  for (void*& ptr : blocks) ptr = mete::realloc(this->a(), ptr, small, 1000);
  std::vector<void*> others;
  for (int i = 0; i < 200; ++i) {
    others.push_back(mete::alloc(this->a(), small));
    std::memset(others.back(), 0xff, 100);
  }
  for (unsigned i = 0; i < 100; ++i) EXPECT_TRUE(holds(blocks[i], 100, i));
  for (void* ptr : blocks) mete::dealloc(this->a(), ptr, this->layout(1000, 8));
  for (void* ptr : others) mete::dealloc(this->a(), ptr, small);
}

TYPED_TEST(GlobalAllocContract, G7_NothingThrows) {
  auto& a = this->a();
  const Layout l = this->layout(8, 8);
  static_assert(noexcept(mete::alloc(a, l))&& noexcept(mete::dealloc(a, nullptr, l)));
  static_assert(noexcept(mete::alloc_zeroed(a, l))&& noexcept(mete::realloc(a, nullptr, l, 8)));
}

TYPED_TEST(GlobalAllocContract, G12_RoundTripOfTheExample) {
  constexpr Layout layout = Layout::of<std::uint16_t>();
  auto* const number = static_cast<std::uint16_t*>(mete::alloc(this->a(), layout));
  ASSERT_NE(nullptr, number);
  *number = 42;
  EXPECT_EQ(42, *number);
  mete::dealloc(this->a(), number, layout);
}

}  // namespace
}  // namespace mete::test
