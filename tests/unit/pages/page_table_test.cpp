// Records and dirty bits by page number, against a plain vector of bools.

#include "pages/page_table.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "unit/fake_port/fake_port.hpp"
#include "unit/random.hpp"

namespace mete::pages {
namespace {

constexpr std::uint32_t kFirst =
    65'000;  // near the end of a chunk, so that ranges cross into the next
constexpr std::uint32_t kPages = 3000;

struct PageTableTest : testing::Test {
  void SetUp() override { ASSERT_TRUE(table->ensure(PageId(kFirst), PageCount(kPages))); }
  std::unique_ptr<PageTable> table = std::make_unique<PageTable>();
};

TEST_F(PageTableTest, RangesExistWithTheirNeighbours) {
  EXPECT_NE(nullptr, table->find(PageId(kFirst - 1)));
  EXPECT_NE(nullptr, table->find(PageId(kFirst + kPages)));
  EXPECT_EQ(nullptr, table->find(PageId(1u << 20)));
  EXPECT_EQ(nullptr, table->find(PageId(~0u)));
  EXPECT_EQ(PageState::kNone, (*table)[PageId(kFirst)].state());
  EXPECT_FALSE(table->is_dirty(PageId(kFirst)));
}

TEST_F(PageTableTest, NeighboursExistAcrossChunks) {
  auto edge = std::make_unique<PageTable>();
  ASSERT_TRUE(edge->ensure(PageId(1u << 16), PageCount(1u << 16)));
  EXPECT_NE(nullptr, edge->find(PageId((1u << 16) - 1)));
  EXPECT_NE(nullptr, edge->find(PageId(1u << 17)));
}

TEST_F(PageTableTest, DirtyBitsAgreeWithAModel) {
  Random random(1);
  std::vector<bool> model(kPages);
  for (int step = 0; step < 2000; ++step) {
    const std::uint32_t from = random() % kPages;
    const std::uint32_t count =
        random() % (step % 2 == 0 ? 200 : kPages - from + 1) % (kPages - from + 1);
    const PageId first(kFirst + from);
    const bool dirty = random() % 2 == 0;
    dirty ? table->mark_dirty(first, PageCount(count)) : table->mark_clean(first, PageCount(count));
    for (std::uint32_t i = 0; i < count; ++i) model[from + i] = dirty;

    const std::uint32_t a = random() % kPages;
    const std::uint32_t b = a + random() % (kPages - a);
    std::uint32_t sum = 0;
    std::uint32_t next_dirty = b;
    std::uint32_t next_clean = b;
    for (std::uint32_t i = b; i-- > a;) {
      sum += model[i];
      (model[i] ? next_dirty : next_clean) = i;
    }
    ASSERT_EQ(PageCount(sum), table->count_dirty(PageId(kFirst + a), PageCount(b - a)));
    ASSERT_EQ(PageId(kFirst + next_dirty),
              table->next_dirty(PageId(kFirst + a), PageId(kFirst + b)));
    ASSERT_EQ(PageId(kFirst + next_clean),
              table->next_clean(PageId(kFirst + a), PageId(kFirst + b)));
    ASSERT_EQ(model[a], table->is_dirty(PageId(kFirst + a)));
  }
}

TEST_F(PageTableTest, BitsOfUpTo64PagesAgreeWithAModel) {
  Random random(2);
  std::vector<bool> model(kPages);
  for (int step = 0; step < 5000; ++step) {
    const std::uint32_t from = random() % (kPages - 64);
    const std::uint32_t count = random() % 65;
    const PageId first(kFirst + from);
    const std::uint64_t bits = std::uint64_t{random()} << 32 | random();  // beyond count, too
    table->mark_dirty(first, PageCount(count), bits);
    std::uint64_t expected = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      if ((bits >> i & 1) != 0) model[from + i] = true;
      if (model[from + i]) expected |= std::uint64_t{1} << i;
    }
    ASSERT_EQ(expected, table->dirty_bits(first, PageCount(count)));
    for (std::uint32_t i = from == 0 ? 0 : from - 1; i <= from + count; ++i)
      ASSERT_EQ(model[i], table->is_dirty(PageId(kFirst + i)));
    if (step % 20 != 0) continue;
    table->mark_clean(PageId(kFirst), PageCount(kPages));
    model.assign(kPages, false);
  }
}

TEST_F(PageTableTest, RecordsInsideALongRunAreGivenBackAndZero) {
  const PageId first(kFirst);
  const PageCount count(kPages);
  for (std::uint32_t i = 0; i < kPages; ++i)
    (*table)[first + PageCount(i)].next = 77;  // stale links say nothing
  (*table)[first].set(PageState::kFree, count);
  (*table)[first + count - PageCount(1)].set(PageState::kFreeTail, count);
  const std::uint64_t before = fake_port::calls(fake_port::Call::kDecommit);
  table->decommit_inside({first, count, PageCount()});
  EXPECT_GT(fake_port::calls(fake_port::Call::kDecommit), before);
  EXPECT_EQ(PageState::kFree, (*table)[first].state());
  EXPECT_EQ(count, (*table)[first].length());
  EXPECT_EQ(77u, (*table)[first].next);
  EXPECT_EQ(PageState::kFreeTail, (*table)[first + count - PageCount(1)].state());
  EXPECT_EQ(77u, (*table)[first - PageCount(0)].next);
  std::uint32_t zero = 0;
  for (std::uint32_t i = 1; i + 1 < kPages; ++i) {
    ASSERT_EQ(PageState::kNone, (*table)[first + PageCount(i)].state());
    zero += (*table)[first + PageCount(i)].next == 0;
  }
  EXPECT_GT(zero, kPages - 2 * 256 - 2) << "but for the records that share a page with others";
}

TEST_F(PageTableTest, ShortRunsKeepTheirRecords) {
  const std::uint64_t before = fake_port::calls(fake_port::Call::kDecommit);
  table->decommit_inside({PageId(kFirst), PageCount(250), PageCount()});
  EXPECT_EQ(before, fake_port::calls(fake_port::Call::kDecommit));
}

}  // namespace
}  // namespace mete::pages
