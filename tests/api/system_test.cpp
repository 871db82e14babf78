// System takes exactly the branches of its model (S1 to S9). This program is linked with the malloc
// family wrapped, and each test looks at which functions were called, with what.

#include "mete/system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <vector>

#include "support/bytes.hpp"

namespace {

std::vector<std::string>* calls = nullptr;  // of the test that runs; null: do not listen

void record(const char* function, std::size_t a, std::size_t b = 0) {
  std::vector<std::string>* const to = std::exchange(calls, nullptr);
  if (to == nullptr) return;
  to->push_back(std::string(function) + " " + std::to_string(a) +
                (b != 0 ? " " + std::to_string(b) : ""));
  calls = to;
}

}  // namespace

extern "C" {
void* __real_malloc(std::size_t size);
void* __real_calloc(std::size_t n, std::size_t size);
void* __real_realloc(void* ptr, std::size_t size);
int __real_posix_memalign(void** ptr, std::size_t align, std::size_t size);
void __real_free(void* ptr);

void* __wrap_malloc(std::size_t size) {
  record("malloc", size);
  return __real_malloc(size);
}
void* __wrap_calloc(std::size_t n, std::size_t size) {
  record("calloc", n * size);
  return __real_calloc(n, size);
}
void* __wrap_realloc(void* ptr, std::size_t size) {
  record("realloc", size);
  return __real_realloc(ptr, size);
}
int __wrap_posix_memalign(void** ptr, std::size_t align, std::size_t size) {
  record("posix_memalign", align, size);
  return __real_posix_memalign(ptr, align, size);
}
void __wrap_free(void* ptr) {
  record("free", 0);
  __real_free(ptr);
}
}

namespace mete::test {
namespace {

using testing::ElementsAre;

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

class SystemCalls : public testing::Test {
 protected:
  // The calls that f makes.
  template <class F>
  std::vector<std::string> during(F f) {
    std::vector<std::string> made;
    calls = &made;
    f();
    calls = nullptr;
    return made;
  }

  System system_;
};

constexpr std::size_t kMin = System::kMinAlign;

TEST(System, S2_HasNoStateAndMeetsBothContracts) {
  static_assert(std::is_empty_v<System> && std::is_trivially_copyable_v<System> &&
                std::is_default_constructible_v<System>);
  static_assert(GlobalAlloc<System> && Allocator<System> && GlobalAlloc<const System>);
  static_assert(System() == System());
}

TEST(System, S3_CanBeUsedDirectly) {
  void* const ptr = System().alloc(layout(24, 8));
  ASSERT_NE(nullptr, ptr);
  System().dealloc(ptr, layout(24, 8));
}

TEST_F(SystemCalls, S9_MinimalAlignment) { EXPECT_EQ(sizeof(void*) == 8 ? 16u : 8u, kMin); }

TEST_F(SystemCalls, S1_S9_AllocIsMallocIfTheAlignmentIsNatural) {
  void* ptr = nullptr;
  for (std::size_t align = 1; align <= kMin; align *= 2) {
    EXPECT_THAT(during([&] { ptr = mete::alloc(system_, layout(align, align)); }),
                ElementsAre("malloc " + std::to_string(align)));
    EXPECT_THAT(during([&] { mete::dealloc(system_, ptr, layout(align, align)); }),
                ElementsAre("free 0"));
  }
}

TEST_F(SystemCalls, S9_AllocIsPosixMemalignIfNot) {
  void* ptr = nullptr;
  // Smaller than its alignment.
  EXPECT_THAT(
      during([&] { ptr = mete::alloc(system_, layout(kMin - 1, kMin)); }),
      ElementsAre("posix_memalign " + std::to_string(kMin) + " " + std::to_string(kMin - 1)));
  mete::dealloc(system_, ptr, layout(kMin - 1, kMin));
  // Above what malloc aligns to.
  EXPECT_THAT(during([&] { ptr = mete::alloc(system_, layout(1000, 2 * kMin)); }),
              ElementsAre("posix_memalign " + std::to_string(2 * kMin) + " 1000"));
  EXPECT_TRUE(is_aligned(ptr, 2 * kMin));
  mete::dealloc(system_, ptr, layout(1000, 2 * kMin));
  // posix_memalign takes no alignment below that of a pointer.
  EXPECT_THAT(during([&] { ptr = mete::alloc(system_, layout(1, 2)); }),
              ElementsAre("posix_memalign " + std::to_string(sizeof(void*)) + " 1"));
  mete::dealloc(system_, ptr, layout(1, 2));
}

TEST_F(SystemCalls, S9_AllocZeroed) {
  void* ptr = nullptr;
  EXPECT_THAT(during([&] { ptr = mete::alloc_zeroed(system_, layout(100, 8)); }),
              ElementsAre("calloc 100"));
  EXPECT_TRUE(is_zero(ptr, 0, 100));
  mete::dealloc(system_, ptr, layout(100, 8));
  EXPECT_THAT(during([&] { ptr = mete::alloc_zeroed(system_, layout(100, 64)); }),
              ElementsAre("posix_memalign 64 100"));
  EXPECT_TRUE(is_zero(ptr, 0, 100));
  mete::dealloc(system_, ptr, layout(100, 64));
}

TEST_F(SystemCalls, S9_ReallocDecidesByTheNewSize) {
  void* ptr = mete::alloc(system_, layout(100, 16));
  fill(ptr, 100, 1);
  EXPECT_THAT(during([&] { ptr = mete::realloc(system_, ptr, layout(100, 16), 200); }),
              ElementsAre("realloc 200"));
  EXPECT_THAT(during([&] { ptr = mete::realloc(system_, ptr, layout(200, 16), 10); }),
              ElementsAre("posix_memalign 16 10", "free 0"));
  EXPECT_TRUE(holds(ptr, 10, 1));
  EXPECT_THAT(during([&] { ptr = mete::realloc(system_, ptr, layout(10, 16), 100); }),
              ElementsAre("realloc 100"));
  EXPECT_TRUE(holds(ptr, 10, 1));
  mete::dealloc(system_, ptr, layout(100, 16));

  ptr = mete::alloc(system_, layout(100, 64));
  fill(ptr, 100, 2);
  EXPECT_THAT(during([&] { ptr = mete::realloc(system_, ptr, layout(100, 64), 200); }),
              ElementsAre("posix_memalign 64 200", "free 0"));
  EXPECT_TRUE(holds(ptr, 100, 2));
  mete::dealloc(system_, ptr, layout(200, 64));
}

TEST_F(SystemCalls, S5_SizeZeroCallsNothing) {
  Block block;
  EXPECT_THAT(during([&] { block = system_.allocate(layout(0, 64)); }), ElementsAre());
  EXPECT_EQ(Block::dangling(layout(0, 64)), block);
  EXPECT_THAT(during([&] { block = system_.allocate_zeroed(layout(0, 64)); }), ElementsAre());
  EXPECT_THAT(during([&] { system_.deallocate(block.ptr, layout(0, 64)); }), ElementsAre());
}

TEST_F(SystemCalls, S5_ABlockIsAsLargeAsAsked) {
  Block block;
  EXPECT_THAT(during([&] { block = system_.allocate(layout(100, 8)); }), ElementsAre("malloc 100"));
  EXPECT_EQ(100u, block.size);
  system_.deallocate(block.ptr, layout(100, 8));
  EXPECT_THAT(during([&] { block = system_.allocate_zeroed(layout(100, 8)); }),
              ElementsAre("calloc 100"));
  system_.deallocate(block.ptr, layout(100, 8));
}

TEST_F(SystemCalls, S6_GrowFromNothingAllocates) {
  Block block;
  const Layout nothing = layout(0, 8);
  EXPECT_THAT(during([&] { block = system_.grow(nothing.dangling(), nothing, layout(50, 8)); }),
              ElementsAre("malloc 50"));
  system_.deallocate(block.ptr, layout(50, 8));
  EXPECT_THAT(
      during([&] { block = system_.grow_zeroed(nothing.dangling(), nothing, layout(50, 8)); }),
      ElementsAre("calloc 50"));
  system_.deallocate(block.ptr, layout(50, 8));
}

TEST_F(SystemCalls, S6_GrowWithTheSameAlignmentReallocates) {
  Block block = system_.allocate(layout(50, 8));
  fill(block.ptr, 50, 3);
  EXPECT_THAT(during([&] { block = system_.grow(block.ptr, layout(50, 8), layout(60, 8)); }),
              ElementsAre("realloc 60"));
  EXPECT_THAT(
      during([&] { block = system_.grow_zeroed(block.ptr, layout(50, 8), layout(5000, 8)); }),
      ElementsAre("realloc 5000"));
  EXPECT_EQ(5000u, block.size);
  EXPECT_TRUE(holds(block.ptr, 50, 3) && is_zero(block.ptr, 50, 5000));
  system_.deallocate(block.ptr, layout(5000, 8));
}

TEST_F(SystemCalls, S6_GrowWithAnotherAlignmentCopies) {
  Block block = system_.allocate(layout(50, 8));
  fill(block.ptr, 50, 4);
  EXPECT_THAT(during([&] { block = system_.grow(block.ptr, layout(50, 8), layout(60, 64)); }),
              ElementsAre("posix_memalign 64 60", "free 0"));
  EXPECT_TRUE(holds(block.ptr, 50, 4));
  EXPECT_THAT(
      during([&] { block = system_.grow_zeroed(block.ptr, layout(50, 64), layout(70, 16)); }),
      ElementsAre("calloc 70", "free 0"));
  EXPECT_TRUE(holds(block.ptr, 50, 4) && is_zero(block.ptr, 50, 70));
  system_.deallocate(block.ptr, layout(70, 16));
}

TEST_F(SystemCalls, S7_ShrinkToNothingFrees) {
  Block block = system_.allocate(layout(50, 8));
  EXPECT_THAT(during([&] { block = system_.shrink(block.ptr, layout(50, 8), layout(0, 32)); }),
              ElementsAre("free 0"));
  EXPECT_EQ(Block::dangling(layout(0, 32)), block);
  EXPECT_THAT(during([&] { block = system_.shrink(block.ptr, layout(0, 32), layout(0, 8)); }),
              ElementsAre());
}

TEST_F(SystemCalls, S7_ShrinkReallocatesOrCopies) {
  Block block = system_.allocate(layout(50, 8));
  fill(block.ptr, 50, 5);
  EXPECT_THAT(during([&] { block = system_.shrink(block.ptr, layout(50, 8), layout(40, 8)); }),
              ElementsAre("realloc 40"));
  EXPECT_THAT(during([&] { block = system_.shrink(block.ptr, layout(40, 8), layout(30, 64)); }),
              ElementsAre("posix_memalign 64 30", "free 0"));
  EXPECT_TRUE(holds(block.ptr, 30, 5));
  EXPECT_EQ(30u, block.size);
  system_.deallocate(block.ptr, layout(30, 64));
}

TEST_F(SystemCalls, S8_AllSixAreThere) {
  static_assert(HasAllocate<System> && HasAllocateZeroed<System> && HasDeallocate<System> &&
                HasGrow<System> && HasGrowZeroed<System> && HasShrink<System>);
}

TEST_F(SystemCalls, G10_MappingToTheMallocFamily) {
  void* ptr = nullptr;
  EXPECT_THAT(during([&] {
                ptr = mete::alloc(system_, layout(32, 8));
                ptr = mete::realloc(system_, ptr, layout(32, 8), 64);
                mete::dealloc(system_, ptr, layout(64, 8));
                ptr = mete::alloc_zeroed(system_, layout(32, 8));
                mete::dealloc(system_, ptr, layout(32, 8));
              }),
              ElementsAre("malloc 32", "realloc 64", "free 0", "calloc 32", "free 0"));
}

}  // namespace
}  // namespace mete::test
