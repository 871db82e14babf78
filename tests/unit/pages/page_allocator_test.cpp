// Taking, giving, growing, shrinking and moving runs, one property per test. Long random sequences:
// page_sequence_test.cpp; failing systems: page_faults_test.cpp.

#include "pages/page_allocator.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "unit/pages/page_model.hpp"

namespace mete::pages {
namespace {

using fake_port::Call;

constexpr PageAllocator::Settings kKeepAll{.retain_bytes = std::size_t{1} << 32};
constexpr PageAllocator::Settings kKeepNone{.retain_bytes = 0, .retain_percent = 0};

TEST(PageAllocator, FirstTakeReservesAndIsClean) {
  PageModel model;
  const pages::Run run = model.take(3);
  ASSERT_TRUE(run);
  EXPECT_EQ(PageCount(), run.dirty);
  model.audit();
  EXPECT_EQ(1u, model->statistics().growths);
  model.give(run.first);
  model.audit();
}

TEST(PageAllocator, GivenPagesAreTakenAgainFirst) {
  PageModel model(kKeepAll);
  const pages::Run first = model.take(16);
  ASSERT_TRUE(model.take(1));
  model.give(first.first);
  const pages::Run again = model.take(16);
  EXPECT_EQ(first.first, again.first);
  EXPECT_EQ(PageCount(16), again.dirty);
  model.audit();
}

TEST(PageAllocator, CleanIsPreferredWhenAskedFor) {
  PageModel model(kKeepAll);
  const pages::Run first = model.take(16);
  ASSERT_TRUE(model.take(1));
  model.give(first.first);
  EXPECT_EQ(PageCount(), model.take(16, 1, true).dirty);
  model.audit();
}

TEST(PageAllocator, NeighboursJoin) {
  PageModel model(kKeepAll);
  std::vector<pages::Run> runs;
  for (int i = 0; i < 8; ++i) runs.push_back(model.take(10));
  for (const int i : {1, 3, 5, 2, 4, 6}) {
    model.give(runs[static_cast<std::size_t>(i)].first);
    model.audit();
  }
  EXPECT_EQ(PageCount(60), (*model.table)[runs[1].first].length());
  EXPECT_EQ(runs[1].first, model.take(60).first);
}

TEST(PageAllocator, OnlyTouchedPagesComeBackDirty) {
  PageModel model(kKeepAll);
  const pages::Run run = model.take(16, 16);
  model.give_touched(run.first, 0b1001);
  model.audit();
  EXPECT_EQ(PageCount(2), model->statistics().free_dirty);
  EXPECT_EQ(PageCount(2), model.take(16, 16).dirty);
}

class PagesOfSize : public testing::TestWithParam<std::size_t> {
  void SetUp() override { fake_port::set_page_size(GetParam()); }
};

TEST_P(PagesOfSize, AlignmentIsKeptUpToOneGibibyte) {
  PageModel model;
  for (std::size_t alignment = GetParam(); alignment <= std::size_t{1} << 30; alignment *= 2) {
    const auto pages = static_cast<std::uint32_t>(alignment / GetParam());
    for (const std::uint32_t count : {1u, 2u, 17u}) {
      const pages::Run run = model.take(count, pages);
      ASSERT_TRUE(run);
      EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(model.address_of(run.first)) % alignment);
    }
    model.audit();
  }
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  model.audit();
  EXPECT_LT(fake_port::reserved_bytes(), std::size_t{8} << 30);
}

TEST_P(PagesOfSize, AddressesAreMultiplesOfThePage) {
  PageModel model(kKeepNone);
  std::vector<pages::Run> runs;
  for (std::uint32_t count = 1; count < 40; ++count) runs.push_back(model.take(count));
  for (std::size_t i = 0; i < runs.size(); i += 2)
    model.give(runs[i].first);  // the fake port checks multiples
  model.audit();
  model->trim(PageCount());
  model.audit();
  EXPECT_EQ(PageCount(), model->statistics().free_dirty);
}

INSTANTIATE_TEST_SUITE_P(PageSizes, PagesOfSize, testing::Values(4096, 16384, 65536));

TEST(PageAllocator, GrowsRightBelowTheNewestRange) {
  PageModel model;
  std::byte* lowest = nullptr;
  for (std::uint64_t growths = 1; growths < 6; ++growths) {
    while (model->statistics().growths < growths) ASSERT_TRUE(model.take(64));
    std::byte* const now = model.address_of(model.runs.begin()->first);
    if (lowest != nullptr) {
      EXPECT_LT(now, lowest);
    }
    lowest = now;
  }
  // One stretch of pages: the ranges have joined.
  const PageCount reserved = model->statistics().reserved;
  EXPECT_TRUE(fake_port::is_reserved(lowest, model.bytes_of(model->statistics().in_use)));
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  EXPECT_TRUE(model.take(reserved.value)) << "all ranges are one free run";
  EXPECT_EQ(reserved, model->statistics().reserved);
  model.audit();
}

TEST(PageAllocator, WorksWhereRangesNeverTouch) {
  fake_port::deny_hints(true);
  PageModel model;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(model.take(100));
  model.audit();
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  model.audit();
}

TEST(PageAllocator, GrowsInPlaceIntoAFreeNeighbourOnly) {
  PageModel model(kKeepAll);
  const pages::Run a = model.take(10);
  const pages::Run b = model.take(10);
  const pages::Run c = model.take(10);
  ASSERT_EQ(a.end(), b.first);
  ASSERT_EQ(b.end(), c.first);
  EXPECT_FALSE(model.grow(a.first, 11));
  model.give(b.first);
  EXPECT_FALSE(model.grow(a.first, 21)) << "longer than the neighbour";
  EXPECT_TRUE(model.grow(a.first, 13));
  EXPECT_TRUE(model.grow(a.first, 20));
  EXPECT_FALSE(model.grow(a.first, 21));
  EXPECT_TRUE(model.grow(c.first, 1000)) << "into the clean rest of the range";
  EXPECT_FALSE(model->grow_in_place(c.first, PageCount(1000), PageCount(kMaxRun.value + 1)));
  model.audit();
}

TEST(PageAllocator, ShrunkenTailIsFreeAndDirty) {
  PageModel model(kKeepAll);
  const pages::Run a = model.take(20);
  ASSERT_TRUE(model.take(1));
  model.shrink(a.first, 5);
  model.audit();
  EXPECT_EQ(PageCount(15), model->statistics().free_dirty);
  EXPECT_EQ(a.first + PageCount(5), model.take(15).first);
  model.audit();
}

TEST(PageAllocator, MoveKeepsContentsAndFreesTheSource) {
  PageModel model(kKeepAll);
  const pages::Run run = model.take(1000);
  ASSERT_TRUE(model.take(1));
  const pages::Run moved = model.move(run.first, 1500);
  ASSERT_TRUE(moved);
  model.audit();
  EXPECT_EQ(PageCount(), model->statistics().free_dirty) << "what was moved away is clean";
}

TEST(PageAllocator, MoveCopiesWhereTheSystemRefuses) {
  for (const std::size_t largest : {std::size_t{0}, std::size_t{200} * 4096}) {
    fake_port::refuse_moves_above(largest);
    PageModel model(kKeepAll);
    const pages::Run run = model.take(1000);
    ASSERT_TRUE(model.move(run.first, 1500));
    model.audit();
  }
}

TEST(PageAllocator, MoveMayLoseTheAddressesOfItsSource) {
  fake_port::vacate_on_move(true);
  PageModel model(kKeepAll);
  const pages::Run run = model.take(1000);
  ASSERT_TRUE(model.take(1));
  const PageCount reserved = model->statistics().reserved;
  ASSERT_TRUE(model.move(run.first, 1500));
  EXPECT_LE(model->statistics().reserved.value, reserved.value + 1500 + 64 * 1024 - 1000);
  model.audit();
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  model.audit();
  ASSERT_TRUE(model.take(100));
  model.audit();
}

TEST(PageAllocator, LimitIsNotPassed) {
  PageAllocator::Settings settings;
  settings.limit_bytes = std::size_t{16} << 20;
  PageModel model(settings);
  EXPECT_FALSE(model.take(4097)) << "more than 16 MiB";
  while (model.take(10)) {
  }
  EXPECT_GT(model.in_use.value, 4096u - 10 - 1);
  EXPECT_LE(model.bytes_of(model->statistics().reserved), settings.limit_bytes);
  model.audit();
  while (!model.runs.empty()) model.give(model.runs.begin()->first);
  EXPECT_TRUE(model.take(4096)) << "free runs make room for one that fits no single one of them";
  model.audit();
}

TEST(PageAllocator, TrimGivesBackAllButWhatIsKept) {
  PageModel model(kKeepAll);
  std::vector<pages::Run> runs;
  for (int i = 0; i < 64; ++i) runs.push_back(model.take(32));
  for (std::size_t i = 0; i < runs.size(); i += 2) model.give(runs[i].first);
  EXPECT_EQ(PageCount(1024), model->statistics().free_dirty);
  EXPECT_EQ(PageCount(), model->trim(PageCount(1024)));
  EXPECT_GE(model->trim(PageCount(500)), PageCount(524));
  EXPECT_LE(model->statistics().free_dirty, PageCount(500));
  model->trim(PageCount());
  EXPECT_EQ(PageCount(), model->statistics().free_dirty);
  for (std::size_t i = 0; i < runs.size(); i += 2) {
    EXPECT_EQ(0u, fake_port::resident_pages(model.address_of(runs[i].first),
                                            model.bytes_of(runs[i].count)));
  }
  for (std::size_t i = 1; i < runs.size(); i += 2) model.check(runs[i].first);
  model.audit();
}

TEST(PageAllocator, BuiltAndFreedGoesBackAtOnce) {
  constexpr PageAllocator::Settings kSettings;
  PageModel model(kSettings);
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(model.take(16));
  while (!model.runs.empty()) {
    model.give(model.runs.begin()->first);
    ASSERT_LE(model->statistics().free_dirty, model.bound(kSettings));
  }
  EXPECT_GT(model->statistics().purged, 15'000u);
  model.audit();
}

TEST(PageAllocator, WhatCouldNotBePaidForGoesBackAtATick) {
  PageAllocator::Settings settings;
  settings.purge_bytes_per_second = std::size_t{64} << 20;
  PageModel model(settings);
  model->tick(1000);
  for (int round = 0; round < 4;
       ++round) {  // builds and frees until the credit of the peak is spent
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(model.take(16));
    while (!model.runs.empty()) model.give(model.runs.begin()->first);
  }
  EXPECT_GT(model->statistics().free_dirty, model.bound(settings));
  model->tick(1500);
  EXPECT_GT(model->statistics().free_dirty, model.bound(settings));
  model->tick(3000);
  EXPECT_LE(model->statistics().free_dirty, model.bound(settings));
  model.audit();
}

TEST(PageAllocator, WhatIsUsedBetweenTicksIsNotIdle) {
  PageAllocator::Settings settings;
  settings.purge_bytes_per_second = 0;
  PageModel model(settings);
  std::uint64_t now = 1000;
  const auto round = [&] {
    const pages::Run run = model.take(10'000);
    model.give(run.first);
    model->tick(now += settings.tick_milliseconds);
  };
  for (int i = 0; i < 4; ++i) round();  // spends the credit
  const std::uint64_t purged = model->statistics().purged;
  for (int i = 0; i < 10; ++i) round();
  EXPECT_EQ(purged, model->statistics().purged) << "the pages were in use since the tick before";
  EXPECT_GE(model->statistics().free_dirty, PageCount(9'000));
  model->tick(now += settings.tick_milliseconds);
  model->tick(now += settings.tick_milliseconds);
  EXPECT_LE(model->statistics().free_dirty, model.bound(settings)) << "now they were not";
  model.audit();
}

TEST(PageAllocator, AddressesOutsideAreNoPages) {
  PageModel model;
  EXPECT_FALSE(model->page_of(&model)) << "before the first range there are none";
  const pages::Run run = model.take(1);
  EXPECT_EQ(run.first, model->page_of(model.address_of(run.first) + 4095));
  EXPECT_FALSE(model->page_of(nullptr));
  EXPECT_FALSE(model->page_of(reinterpret_cast<void*>(~std::uintptr_t{0})));
}

TEST(PageAllocator, HugePagesAreAskedForWhenTheHeapIsLarge) {
  PageAllocator::Settings settings;
  settings.huge_pages = true;
  PageModel model(settings);
  ASSERT_TRUE(model.take(1024));
  EXPECT_EQ(0u, fake_port::calls(Call::kHugePages));
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(model.take(512));
  EXPECT_GT(fake_port::calls(Call::kHugePages), 0u);
}

TEST(PageAllocator, RequestsBeyondTheLargestRunAreRefused) {
  PageModel model;
  EXPECT_FALSE(model->take(PageCount(kMaxRun.value + 1), PageCount(1)));
  EXPECT_FALSE(model->take(PageCount(1), PageCount(1u << 28)));
  EXPECT_FALSE(model->take(PageCount(1u << 31), PageCount(1u << 31)));
  model.audit();
}

}  // namespace
}  // namespace mete::pages
