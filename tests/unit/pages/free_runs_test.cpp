// The lists of free runs against a map from head to run.

#include "pages/free_runs.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "base/bits.hpp"
#include "pages/page_table.hpp"
#include "unit/random.hpp"

namespace mete::pages {
namespace {

constexpr std::uint32_t kFirst = 4096;
constexpr std::uint32_t kPages = 1u << 20;

struct FreeRunsTest : testing::Test {
  void SetUp() override { ASSERT_TRUE(table->ensure(PageId(kFirst), PageCount(kPages))); }

  // Takes a run out as its user does: the records are cleared.
  pages::Run remove(PageId head) {
    const pages::Run run = runs->remove(head);
    (*table)[run.first].clear();
    (*table)[run.end() - PageCount(1)].clear();
    return run;
  }

  std::unique_ptr<PageTable> table = std::make_unique<PageTable>();
  std::unique_ptr<FreeRuns> runs = std::make_unique<FreeRuns>(*table);
};

TEST_F(FreeRunsTest, EmptyListsHaveNothing) {
  for (const FreeRuns::Set set : {FreeRuns::kDirty, FreeRuns::kClean}) {
    EXPECT_FALSE(runs->longest(set));
    EXPECT_FALSE(runs->find(set, PageCount(1), PageCount(1)));
    EXPECT_FALSE(runs->find(set, kMaxRun, PageCount(1)));
  }
}

TEST_F(FreeRunsTest, RecordsSayWhatWasInserted) {
  runs->insert({PageId(kFirst), PageCount(10), PageCount(3)});
  EXPECT_EQ(PageState::kFree, (*table)[PageId(kFirst)].state());
  EXPECT_EQ(PageCount(10), (*table)[PageId(kFirst)].length());
  EXPECT_EQ(PageState::kFreeTail, (*table)[PageId(kFirst + 9)].state());
  EXPECT_EQ(PageCount(10), (*table)[PageId(kFirst + 9)].length());
  runs->insert({PageId(kFirst + 20), PageCount(1), PageCount()});
  EXPECT_EQ(PageState::kFree, (*table)[PageId(kFirst + 20)].state());
  EXPECT_EQ(PageId(kFirst), runs->find(FreeRuns::kDirty, PageCount(1), PageCount(1)));
  EXPECT_EQ(PageId(kFirst + 20), runs->find(FreeRuns::kClean, PageCount(1), PageCount(1)));
  EXPECT_FALSE(runs->find(FreeRuns::kClean, PageCount(2), PageCount(1)));
  const pages::Run run = remove(PageId(kFirst));
  EXPECT_EQ(PageCount(10), run.count);
  EXPECT_EQ(PageCount(3), run.dirty);
  EXPECT_FALSE(runs->longest(FreeRuns::kDirty));
}

TEST_F(FreeRunsTest, FitIsExactWhereThereIsOne) {
  std::uint32_t at = kFirst;
  for (std::uint32_t length = 1; length < 256; ++length) {
    runs->insert({PageId(at), PageCount(length), PageCount()});
    at += length + 1;
  }
  for (std::uint32_t length = 1; length < 256; ++length) {
    const PageId found = runs->find(FreeRuns::kClean, PageCount(length), PageCount(1));
    ASSERT_EQ(PageCount(length), (*table)[found].length());
  }
  EXPECT_EQ(PageCount(255), (*table)[runs->longest(FreeRuns::kClean)].length());
}

TEST_F(FreeRunsTest, LowAddressesComeFirstAmongEquals) {
  for (const std::uint32_t at : {900u, 300u, 600u, 100u, 500u}) {
    runs->insert({PageId(kFirst + at), PageCount(7), PageCount(7)});
  }
  EXPECT_EQ(PageId(kFirst + 100), runs->find(FreeRuns::kDirty, PageCount(7), PageCount(1)));
}

TEST_F(FreeRunsTest, AlignmentIsFoundInsideLongerRuns) {
  runs->insert(
      {PageId(kFirst + 1), PageCount(16), PageCount()});  // no multiple of 16 with 16 pages in it
  EXPECT_FALSE(runs->find(FreeRuns::kClean, PageCount(16), PageCount(16)));
  runs->insert({PageId(kFirst + 100), PageCount(31), PageCount()});
  EXPECT_EQ(PageId(kFirst + 100), runs->find(FreeRuns::kClean, PageCount(16), PageCount(16)));
}

TEST_F(FreeRunsTest, AgreesWithAModel) {
  Random random(2);
  std::map<std::uint32_t, pages::Run> model;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0) {
      // Slots of 4096 pages, so that runs never touch.
      const std::uint32_t at = kFirst + random() % (kPages / 4096) * 4096;
      const std::uint32_t length = random() % 3 == 0 ? 1 + random() % 4000 : 1 + random() % 300;
      const pages::Run run{PageId(at), PageCount(length),
                           PageCount(random() % 2 == 0 ? 0 : 1 + random() % length)};
      if (model.emplace(at, run).second) runs->insert(run);
    } else if (!model.empty()) {
      auto any = model.lower_bound(kFirst + random() % kPages);
      if (any == model.end()) any = model.begin();
      const pages::Run run = remove(PageId(any->first));
      ASSERT_EQ(any->second.count, run.count);
      ASSERT_EQ(any->second.dirty, run.dirty);
      model.erase(any);
    }
    const FreeRuns::Set set = random() % 2 == 0 ? FreeRuns::kDirty : FreeRuns::kClean;
    const std::uint32_t wanted = 1 + random() % 300;
    std::uint32_t longest = 0;
    std::uint32_t tightest = ~0u;
    for (const auto& [head, run] : model) {
      if ((run.dirty ? FreeRuns::kDirty : FreeRuns::kClean) != set) continue;
      if (run.count.value > longest) longest = run.count.value;
      if (run.count.value >= wanted && run.count.value < tightest) tightest = run.count.value;
    }
    const PageId found = runs->find(set, PageCount(wanted), PageCount(1));
    ASSERT_EQ(tightest != ~0u, static_cast<bool>(found));
    if (found) {
      ASSERT_GE((*table)[found].length().value, wanted);
      if (tightest < 256) {
        ASSERT_EQ(tightest, (*table)[found].length().value) << "best fit";
      }
    }
    const PageId long_one = runs->longest(set);
    ASSERT_EQ(longest != 0, static_cast<bool>(long_one));
    if (long_one) {
      ASSERT_GE((*table)[long_one].length().value * 5 / 4 + 1, longest);
    }
  }
}

}  // namespace
}  // namespace mete::pages
