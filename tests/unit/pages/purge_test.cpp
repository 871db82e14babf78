// Stretches that go back to the system together: those of free runs, and those of runs in use. When
// and how much is purged: purge_policy_test.cpp and page_allocator_test.cpp.

#include <gtest/gtest.h>

#include <vector>

#include "pages/page_allocator.hpp"
#include "unit/pages/page_model.hpp"

namespace mete::pages {
namespace {

using fake_port::Call;
using Stretch = PageAllocator::Stretch;
using Cost = PageAllocator::Cost;

constexpr PageAllocator::Settings kKeepAll{.retain_bytes = std::size_t{1} << 32};
constexpr std::uint32_t kMostStretches = PageAllocator::kMostStretches;

// Free dirty runs of `pages` each, none beside another.
std::vector<pages::Run> scattered_free_runs(PageModel& model, int count, std::uint32_t pages) {
  std::vector<pages::Run> runs;
  for (int i = 0; i < count; ++i) {
    runs.push_back(model.take(pages));
    model.take(1);
  }
  for (const pages::Run& run : runs) model.give(run.first);
  return runs;
}

std::size_t credit_of(PageModel& model) {
  std::size_t pages = 0;
  while (model->would_purge((pages + 1) * model.page_bytes())) ++pages;
  return pages;
}

bool reads_zero(PageModel& model, Stretch stretch) {
  const std::byte* const memory = model.address_of(stretch.first);
  for (std::size_t i = 0; i < model.bytes_of(stretch.count); ++i) {
    if (memory[i] != std::byte{0}) return false;
  }
  return true;
}

std::uint32_t written_pages(PageModel& model, const pages::Run& run) {
  std::uint32_t sum = 0;
  for (std::uint32_t i = 0; i < run.count.value; ++i)
    if (!reads_zero(model, {run.first + PageCount(i), PageCount(1)})) ++sum;
  return sum;
}

TEST(Purge, FreeRunsGoBackTogether) {
  PageModel model(kKeepAll);
  const auto runs = scattered_free_runs(model, 3 * static_cast<int>(kMostStretches) - 1, 5);
  const std::uint64_t calls = fake_port::calls(Call::kDecommit);
  EXPECT_EQ(PageCount(static_cast<std::uint32_t>(runs.size() * 5)), model->trim(PageCount()));
  EXPECT_EQ(calls + 3, fake_port::calls(Call::kDecommit));
  EXPECT_EQ(3u, model->statistics().purge_calls);
  EXPECT_EQ(PageCount(), model->statistics().free_dirty);
  for (const pages::Run& run : runs) EXPECT_TRUE(reads_zero(model, {run.first, run.count}));
  model.audit();
}

TEST(Purge, NoMoreGoesBackThanIsAskedFor) {
  PageModel model(kKeepAll);
  scattered_free_runs(model, 10, 100);
  EXPECT_EQ(PageCount(250), model->trim(PageCount(750)));
  EXPECT_EQ(PageCount(750), model->statistics().free_dirty);
  model.audit();
}

TEST(Purge, RunsAreWholeAgainAfterOnlyAPartWentBack) {
  PageModel model(kKeepAll);
  const pages::Run run = model.take(9000);
  ASSERT_TRUE(model.take(1));
  model.give(run.first);
  EXPECT_EQ(PageCount(5000), model->trim(PageCount(4000)));
  model.audit();
  EXPECT_EQ(run.first, model.take(9000).first);
}

TEST(Purge, RunsBehindOneThatIsLockedStayAndAreUsable) {
  PageModel model(kKeepAll);
  const auto runs = scattered_free_runs(model, 10, 5);
  fake_port::lock_page(model.address_of(runs[4].first + PageCount(2)));
  const PageCount gone = model->trim(PageCount());
  EXPECT_LT(gone, PageCount(46));
  EXPECT_EQ(PageCount(50) - gone, model->statistics().free_dirty);
  model.audit();
  fake_port::lock_page(nullptr);
  EXPECT_EQ(PageCount(50) - gone, model->trim(PageCount()));
  model.audit();
}

TEST(Purge, PagesOfARunInUseReadZero) {
  PageModel model;
  const pages::Run run = model.take(100);
  const Stretch stretch{run.first + PageCount(50), PageCount(20)};
  ASSERT_EQ(1u, model->purge_in_use(&stretch, 1, Cost::kCredit));
  EXPECT_EQ(80u, written_pages(model, run));
  EXPECT_TRUE(reads_zero(model, stretch));
}

TEST(Purge, ManyStretchesInUseGoBackByOneCall) {
  PageModel model;
  const pages::Run run = model.take(3 * kMostStretches);
  std::vector<Stretch> stretches;
  for (std::uint32_t i = 0; i < kMostStretches; ++i)
    stretches.push_back({run.first + PageCount(3 * i), PageCount(2)});
  const std::uint64_t calls = fake_port::calls(Call::kDecommit);
  ASSERT_EQ(kMostStretches, model->purge_in_use(stretches.data(), kMostStretches, Cost::kCredit));
  EXPECT_EQ(calls + 1, fake_port::calls(Call::kDecommit));
  EXPECT_EQ(2u * kMostStretches, model->statistics().purged);
  EXPECT_EQ(kMostStretches, written_pages(model, run));
  for (const Stretch& stretch : stretches) EXPECT_TRUE(reads_zero(model, stretch));
}

TEST(Purge, StretchesInUseGoBackAsFarAsThereIsCredit) {
  PageModel model;
  const pages::Run run = model.take(100);
  const auto credit = static_cast<std::uint32_t>(credit_of(model));
  ASSERT_EQ(125u, credit);
  Stretch all{run.first, PageCount(95)};
  ASSERT_EQ(1u, model->purge_in_use(&all, 1, Cost::kCredit));
  const Stretch more[] = {{run.first + PageCount(0), PageCount(20)},
                          {run.first + PageCount(20), PageCount(20)},
                          {run.first + PageCount(40), PageCount(10)}};
  EXPECT_EQ(1u, model->purge_in_use(more, 3, Cost::kCredit)) << "those after one too long do not";
  EXPECT_EQ(10u, credit_of(model));
  EXPECT_EQ(3u, model->purge_in_use(more, 3, Cost::kAny));
  EXPECT_EQ(10u, credit_of(model));
}

TEST(Purge, StretchesInUseGoBackUpToOneThatIsLocked) {
  PageModel model;
  const pages::Run run = model.take(30);
  const Stretch stretches[] = {{run.first, PageCount(5)},
                               {run.first + PageCount(10), PageCount(5)},
                               {run.first + PageCount(20), PageCount(5)}};
  fake_port::lock_page(model.address_of(run.first + PageCount(12)));
  EXPECT_EQ(1u, model->purge_in_use(stretches, 3, Cost::kCredit));
  EXPECT_EQ(25u, written_pages(model, run));
  EXPECT_EQ(5u, model->statistics().purged);
  model.audit();
}

TEST(Purge, PagesInUseThatAreNeededAgainAreChargedOnce) {
  PageModel model;
  const pages::Run run = model.take(100);
  const std::size_t before = credit_of(model);
  const Stretch stretch{run.first + PageCount(50), PageCount(5)};
  ASSERT_EQ(1u, model->purge_in_use(&stretch, 1, Cost::kCredit));
  EXPECT_EQ(before - 5, credit_of(model));
  model->note_needed_again(PageCount(4));
  EXPECT_EQ(before - 5 - 4 * pages::PurgePolicy::kRegret, credit_of(model));
  model->note_needed_again(PageCount(4));
  EXPECT_EQ(before - 5 - 5 * pages::PurgePolicy::kRegret, credit_of(model));
}

}  // namespace
}  // namespace mete::pages
