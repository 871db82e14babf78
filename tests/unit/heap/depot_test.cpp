// The depot by itself, and what threads do with it.

#include "heap/depot.hpp"

#include <vector>

#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

constexpr std::size_t kBytes = 64;
const SizeClass kClass = class_of(kBytes);

BlockList magazine_of(std::vector<Block>& blocks) {
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i) blocks[i].next = &blocks[i + 1];
  blocks.back().next = nullptr;
  return {blocks.data(), static_cast<std::uint32_t>(blocks.size())};
}

class ADepot : public ::testing::Test {
 protected:
  ADepot() { depot_.set_open(true); }

  Depot depot_;
  std::vector<Block> first_{16};
  std::vector<Block> second_{8};
};

TEST_F(ADepot, GivesBackWhatWasPut) {
  ASSERT_TRUE(depot_.put(kClass, magazine_of(first_)));
  ASSERT_TRUE(depot_.put(kClass, magazine_of(second_)));
  EXPECT_EQ((16 + 8) * kBytes, depot_.bytes());
  EXPECT_EQ(nullptr, depot_.take(SizeClass(kClass.index + 1u)).head) << "of another class";
  std::uint32_t blocks = 0;
  for (int i = 0; i < 2; ++i) {
    const BlockList list = depot_.take(kClass);
    ASSERT_TRUE(list.head == first_.data() || list.head == second_.data());
    ASSERT_EQ(list.head == first_.data() ? 16u : 8u, list.length);
    blocks += list.length;
  }
  EXPECT_EQ(24u, blocks);
  EXPECT_EQ(0u, depot_.bytes());
  EXPECT_EQ(nullptr, depot_.take(kClass).head);
}

TEST_F(ADepot, TakesNothingWhileItIsClosed) {
  depot_.set_open(false);
  EXPECT_FALSE(depot_.put(kClass, magazine_of(first_)));
  depot_.set_open(true);
  ASSERT_TRUE(depot_.put(kClass, magazine_of(first_)));
  depot_.set_open(false);
  EXPECT_EQ(first_.data(), depot_.take(kClass).head) << "what is in it can be had";
}

TEST_F(ADepot, HoldsAFewMagazinesOfAClass) {
  std::vector<std::vector<Block>> many(100, std::vector<Block>(4));
  unsigned put = 0;
  for (auto& blocks : many) put += depot_.put(kClass, magazine_of(blocks));
  EXPECT_EQ(4u, put);
  EXPECT_TRUE(depot_.put(SizeClass(kClass.index + 1u), magazine_of(first_)));
  EXPECT_FALSE(depot_.put(class_of(16 << 10), magazine_of(second_))) << "128 KiB are too much";
}

TEST_F(ADepot, IsIdleWhereNothingMovedBetweenTwoLooks) {
  ASSERT_TRUE(depot_.put(kClass, magazine_of(first_)));
  EXPECT_EQ(nullptr, depot_.take_idle(kClass).head);
  ASSERT_TRUE(depot_.put(kClass, magazine_of(second_)));
  EXPECT_EQ(first_.data(), depot_.take_idle(kClass).head);
  EXPECT_EQ(nullptr, depot_.take_idle(kClass).head) << "the second was not there before";
  EXPECT_EQ(second_.data(), depot_.take_idle(kClass).head);
}

// The process has a first thread, whose blocks a second one borrows until it has too many.
class SharedSurplus : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::vector<void*> blocks = allocate_many(1000, kBytes);
    in_thread([&] {
      // It needs more than it frees, and then frees more than it needs.
      const std::vector<void*> needed =
          allocate_many(3 * static_cast<std::size_t>(bin_limit(kClass)), kBytes);
      free_all(blocks);
      free_all(needed);
      surplus_ = depot.bytes();
    });
  }

  std::size_t surplus_ = 0;
};

TEST_F(SharedSurplus, IsUsedBeforeAnybodyCarves) {
  ASSERT_GE(surplus_, 2 * static_cast<std::size_t>(bin_limit(kClass)) * kBytes);
  current_bins->heap->flush();  // what has come home
  const std::uint64_t carved = heap_statistics().carved;
  const std::vector<void*> blocks = allocate_many(surplus_ / kBytes, kBytes);
  EXPECT_EQ(carved, heap_statistics().carved);
  EXPECT_EQ(0u, depot.bytes());
  free_all(blocks);
}

TEST_F(SharedSurplus, GoesHomeWhenNobodyUsesIt) {
  ASSERT_NE(0u, surplus_);
  for (int i = 0; i < 2; ++i) drain_idle_depot_by(*current_bins->heap);
  EXPECT_EQ(0u, depot.bytes());
  current_bins->heap->flush();
  collect_idle_heaps(~std::uint64_t{0} >> 1, 0);
  EXPECT_EQ(0u, domain.pages.statistics().in_use.value);
}

TEST_F(SharedSurplus, GoesHomeWhenItIsAskedFor) {
  ASSERT_NE(0u, surplus_);
  current_bins->heap->empty_depot();
  EXPECT_EQ(0u, depot.bytes());
}

}  // namespace
}  // namespace mete::heap
