// The outbox of foreign blocks and the cache of large runs.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "heap/block.hpp"
#include "heap/outbox.hpp"
#include "heap/run_cache.hpp"

namespace mete::heap {
namespace {

using pages::PageCount;
using pages::PageId;
using pages::PageState;

TEST(Block, MagazineLinkAndLengthShareAWord) {
  Block first{};
  Block second{};
  for (const std::uint32_t length : {1u, 64u, 65535u}) {
    first.set_magazine(&second, length);
    EXPECT_EQ(&second, first.next_magazine());
    EXPECT_EQ(length, first.magazine_length());
  }
  first.set_magazine(nullptr, 3);
  EXPECT_EQ(nullptr, first.next_magazine());
}

TEST(Outbox, CollectsByOwnerAndClass) {
  const auto outbox = std::make_unique<Outbox>();
  std::vector<Block> blocks(10);
  const SlabWord word = slab_word(3, SizeClass(5));
  Outbox::Entry& entry = outbox->entry_for(word);
  EXPECT_EQ(0u, entry.length());
  EXPECT_EQ(Outbox::kNone, entry.difference);
  outbox->open(entry, word, 10);
  EXPECT_EQ(word, entry.difference);
  EXPECT_EQ(10 * kClassBytes[5], outbox->bytes()) << "counted as if it were full";
  for (Block& block : blocks) EXPECT_EQ(&block == &blocks.back(), Outbox::push(entry, &block));
  EXPECT_EQ(10u, entry.length());
  const BlockList list = outbox->close(entry);
  EXPECT_EQ(10u, list.length);
  std::set<const Block*> seen;
  for (const Block* block = list.head; block != nullptr; block = block->next) seen.insert(block);
  EXPECT_EQ(10u, seen.size());
  EXPECT_EQ(0u, outbox->bytes());
  EXPECT_EQ(0u, entry.length());
  EXPECT_EQ(Outbox::kNone, entry.difference);
}

TEST(Outbox, ARenewedEntryGoesOn) {
  const auto outbox = std::make_unique<Outbox>();
  std::vector<Block> blocks(8);
  const SlabWord word = slab_word(3, SizeClass(5));
  Outbox::Entry& entry = outbox->entry_for(word);
  outbox->open(entry, word, 4);
  const std::uint32_t bytes = outbox->bytes();
  for (int half : {0, 4}) {
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(i == 3, Outbox::push(entry, &blocks[static_cast<std::size_t>(half + i)]));
    const BlockList list = Outbox::renew(entry);
    EXPECT_EQ(4u, list.length);
    EXPECT_EQ(&blocks[static_cast<std::size_t>(half + 3)], list.head);
    EXPECT_EQ(word, entry.difference);
    EXPECT_EQ(0u, entry.length());
    EXPECT_EQ(bytes, outbox->bytes());
  }
}

TEST(Outbox, HalfABatchHasItsLength) {
  const auto outbox = std::make_unique<Outbox>();
  Block blocks[3];
  Outbox::Entry& entry = outbox->entry_for(slab_word(1, SizeClass(1)));
  outbox->open(entry, slab_word(1, SizeClass(1)), 64);
  for (Block& block : blocks) EXPECT_FALSE(Outbox::push(entry, &block));
  EXPECT_EQ(3u, entry.length());
  EXPECT_EQ(3u, outbox->close(entry).length);
}

TEST(Outbox, PairsSpreadOverTheEntries) {
  const auto outbox = std::make_unique<Outbox>();
  for (const std::uint32_t owner : {1u, 9u, 1000u}) {
    std::set<const Outbox::Entry*> entries;
    for (unsigned i = 1; i <= 32; ++i)
      entries.insert(&outbox->entry_for(slab_word(owner, SizeClass(i))));
    EXPECT_GE(entries.size(), 24u) << "few of 32 classes meet";
  }
}

TEST(RunCache, RoundedLengthsAreFewAndClose) {
  std::set<std::uint32_t> lengths;
  for (std::uint32_t count = 1; count <= 1u << 17; ++count) {
    const PageCount rounded = RunCache::rounded(PageCount(count));
    ASSERT_GE(rounded.value, count);
    ASSERT_LE((rounded.value - count) * 8, count);
    ASSERT_EQ(rounded, RunCache::rounded(rounded));
    lengths.insert(rounded.value);
  }
  EXPECT_EQ(16u + 8 * 13, lengths.size()) << "1 to 16, then eight per doubling";
}

struct RunCacheTest : testing::Test {
  void SetUp() override { ASSERT_TRUE(table->ensure(PageId(1000), PageCount(10'000))); }

  bool push(std::uint32_t first, std::uint32_t count) {
    pages::PageRecord& record = (*table)[PageId(first)];
    record.set(PageState::kInUse, PageCount(count));
    return cache.push(record, PageId(first), PageCount(count), 12);
  }
  PageId pop(std::uint32_t count) { return cache.pop(*table, std::size_t{count} << 12, 12); }

  std::unique_ptr<pages::PageTable> table = std::make_unique<pages::PageTable>();
  RunCache cache;
};

TEST_F(RunCacheTest, GivesBackWhatItWasGiven) {
  EXPECT_FALSE(pop(9));
  ASSERT_TRUE(push(2000, 9));
  ASSERT_TRUE(push(4000, 40));
  EXPECT_EQ(PageCount(49), cache.pages());
  EXPECT_EQ(PageState::kCached, (*table)[PageId(2000)].state());
  EXPECT_FALSE(push(3000, 9)) << "one of a class";
  EXPECT_EQ(PageState::kInUse, (*table)[PageId(3000)].state());
  EXPECT_FALSE(pop(10));
  EXPECT_EQ(PageId(2000), pop(9));
  EXPECT_EQ(PageState::kInUse, (*table)[PageId(2000)].state());
  EXPECT_EQ(PageCount(9), (*table)[PageId(2000)].length());
  EXPECT_FALSE(pop(9));
  EXPECT_EQ(PageId(4000), cache.take(*table));
  EXPECT_EQ(PageState::kInUse, (*table)[PageId(4000)].state());
  EXPECT_FALSE(cache.take(*table));
  cache.recount(*table);
  EXPECT_EQ(PageCount(), cache.pages());
}

TEST_F(RunCacheTest, KeepsClassesOnly) {
  EXPECT_FALSE(push(2000, 33)) << "no request rounds to 33 pages";
  EXPECT_FALSE(push(2000, 512));
  EXPECT_FALSE(push(2000, 5000));
  EXPECT_FALSE(pop(33));
  EXPECT_EQ(PageCount(), cache.pages());
}

TEST_F(RunCacheTest, LengthsFindTheRunOfTheirClass) {
  for (std::uint32_t count = 1; count <= 256; ++count) {
    const PageCount rounded = RunCache::rounded(PageCount(count));
    ASSERT_EQ(rounded.value == count, push(2000, count)) << count;
    if (rounded.value != count) {
      ASSERT_TRUE(push(2000, rounded.value)) << count;
    }
    for (std::uint32_t other = 1; other <= 256; ++other) {
      if (RunCache::rounded(PageCount(other)) != rounded) {
        ASSERT_FALSE(pop(other)) << other;
      }
    }
    ASSERT_EQ(PageId(2000), pop(count));
    ASSERT_EQ(rounded, (*table)[PageId(2000)].length());
    ASSERT_EQ(PageCount(), cache.pages());
    ASSERT_EQ(count, cache.reused());
  }
}

TEST_F(RunCacheTest, KeepsSoMuchAndNoMore) {
  ASSERT_TRUE(push(2000, 256)) << "one of 1 MiB alone";
  EXPECT_FALSE(push(3000, 1));
  EXPECT_EQ(PageId(2000), pop(256));
  EXPECT_FALSE(push(2000, 288));
  ASSERT_TRUE(push(2000, 64));
  ASSERT_TRUE(push(3000, 60));
  EXPECT_FALSE(push(4000, 8)) << "512 KiB";
  ASSERT_TRUE(push(4000, 4));
}

}  // namespace
}  // namespace mete::heap
