// Runs of hundreds of gibibytes: addresses without memory behind them, up to and beyond what one
// run can be.

#include <gtest/gtest.h>

#include <memory>

#include "pages/page_allocator.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::pages {
namespace {

constexpr std::uint32_t kGibibyte = 1u << 18;  // in pages

struct HugeRuns : testing::Test {
  void SetUp() override {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the thread sanitizer has no room for that many addresses";
#endif
    fake_port::set_arena(std::size_t{8} << 40);
    allocator->configure({.retain_bytes = std::size_t{8} << 40});
  }

  pages::Run take(std::uint32_t count, std::uint32_t alignment = 1) {
    return allocator->take(PageCount(count), PageCount(alignment));
  }
  void expect_sound() {
    const char* const fault = allocator->audit();
    EXPECT_EQ(nullptr, fault) << fault;
  }

  std::unique_ptr<PageTable> table = std::make_unique<PageTable>();
  std::unique_ptr<PageAllocator> allocator = std::make_unique<PageAllocator>(*table);
};

// Together they are more than 1 TiB, which no run can be.
TEST_F(HugeRuns, NeighboursThatAreTooLongTogetherStayApart) {
  const pages::Run first = take(600 * kGibibyte);
  const pages::Run second = take(600 * kGibibyte);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  ASSERT_TRUE(first.end() == second.first || second.end() == first.first) << "they are neighbours";
  const PageCount reserved = allocator->statistics().reserved;
  allocator->give(first.first, first.count);
  allocator->give(second.first, second.count);
  EXPECT_TRUE(take(600 * kGibibyte));
  EXPECT_TRUE(take(600 * kGibibyte));
  EXPECT_EQ(reserved, allocator->statistics().reserved) << "no page was lost";
  expect_sound();
}

TEST_F(HugeRuns, NeighboursGivenInTheOtherOrderStayApartToo) {
  const pages::Run first = take(600 * kGibibyte);
  const pages::Run second = take(600 * kGibibyte);
  allocator->give(second.first, second.count);
  allocator->give(first.first, first.count);
  const PageCount reserved = allocator->statistics().reserved;
  EXPECT_TRUE(take(600 * kGibibyte));
  EXPECT_TRUE(take(600 * kGibibyte));
  EXPECT_EQ(reserved, allocator->statistics().reserved) << "no page was lost";
}

// What has to be reserved so that both fit is more than a run can be. No run is an answer; a broken
// one is not.
TEST_F(HugeRuns, AlignmentAndLengthMayBeTooLongTogether) {
  const pages::Run run = take(768 * kGibibyte, 512 * kGibibyte);
  if (run) {
    EXPECT_EQ(0u, run.first.value % (512 * kGibibyte));
    allocator->give(run.first, run.count);
  }
  expect_sound();
  EXPECT_TRUE(take(10 * kGibibyte));
  expect_sound();
}

// What is reserved is a multiple of 64 KiB, which must not be more than a run can be either.
TEST_F(HugeRuns, TheLongestAreServedOrRefused) {
  for (const std::uint32_t less : {0u, 1u, 2u, 10u, 15u, 16u, 17u}) {
    const pages::Run run = take(kMaxRun.value - less);
    if (run) {
      EXPECT_EQ(kMaxRun - PageCount(less), run.count);
      allocator->give(run.first, run.count);
    }
  }
  EXPECT_TRUE(take(1));
  expect_sound();
}

}  // namespace
}  // namespace mete::pages
