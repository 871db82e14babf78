// The arithmetic of giving memory back: the bound, the credit that pays, and the promise of
// purge_policy.hpp.

#include "pages/purge_policy.hpp"

#include <gtest/gtest.h>

#include "unit/random.hpp"

namespace mete::pages {
namespace {

constexpr std::uint32_t kBase = 64;  // 256 KiB
constexpr std::uint32_t kPercent = 6;
constexpr std::uint64_t kRate = 32'768;  // 128 MiB/s
constexpr std::uint64_t kRegret = PurgePolicy::kRegret;

PurgePolicy policy_with(std::uint64_t rate) {
  return PurgePolicy({PageCount(kBase), kPercent, rate});
}

TEST(PurgePolicy, BoundIsBaseAndPercent) {
  const PurgePolicy policy = policy_with(kRate);
  EXPECT_EQ(PageCount(64), policy.bound(PageCount(0)));
  EXPECT_EQ(PageCount(64 + 6), policy.bound(PageCount(100)));
  EXPECT_EQ(PageCount(64 + 6'000'000), policy.bound(PageCount(100'000'000))) << "no overflow";
}

TEST(PurgePolicy, NothingIsDueUpToTheBound) {
  PurgePolicy policy = policy_with(kRate);
  policy.note_taken(PageCount(10'000), PageCount());
  EXPECT_EQ(PageCount(), policy.due(PageCount(1000), PageCount(124)));
  EXPECT_NE(PageCount(), policy.due(PageCount(1000), PageCount(125)));
}

TEST(PurgePolicy, PeaksEarnFiveCreditsForFourPages) {
  PurgePolicy policy = policy_with(0);
  EXPECT_EQ(0u, policy.credit());
  policy.note_taken(PageCount(4000), PageCount());
  EXPECT_EQ(5000u, policy.credit());
  policy.note_taken(PageCount(3000), PageCount());
  EXPECT_EQ(5000u, policy.credit()) << "no new peak";
  policy.note_taken(PageCount(4400), PageCount());
  EXPECT_EQ(5500u, policy.credit());
}

TEST(PurgePolicy, PagesPurgedTooEarlyAreCharged) {
  PurgePolicy policy = policy_with(0);
  policy.note_taken(PageCount(4000), PageCount(4000));
  EXPECT_EQ(5000u, policy.credit()) << "new pages were never purged";
  policy.note_purged(PageCount(200));
  policy.note_taken(PageCount(3100), PageCount(20));
  EXPECT_EQ(4800u - 20u * kRegret, policy.credit()) << "for each page that is needed again";
  policy.note_taken(PageCount(4100), PageCount(120));
  EXPECT_EQ(4800u + 125u - 40u * kRegret, policy.credit()) << "a hundred were above the peak";
  policy.note_taken(PageCount(4000), PageCount(4000));
  EXPECT_EQ(4925u - 200u * kRegret, policy.credit()) << "no more than were purged";
}

TEST(PurgePolicy, PagesNeededAgainLaterAreNotCharged) {
  PurgePolicy policy = policy_with(0);
  policy.note_time(10'000);
  policy.note_taken(PageCount(4000), PageCount(4000));
  policy.note_purged(PageCount(1000));
  policy.note_time(10'900);
  policy.note_taken(PageCount(3100), PageCount(100));
  EXPECT_EQ(4000u - 100u * kRegret, policy.credit()) << "within a second";
  policy.note_time(12'000);
  policy.note_taken(PageCount(4000), PageCount(900));
  EXPECT_EQ(4000u - 100u * kRegret, policy.credit());
}

TEST(PurgePolicy, PurgingIsPaidFor) {
  PurgePolicy policy = policy_with(0);
  policy.note_taken(PageCount(400), PageCount());
  EXPECT_EQ(500u, policy.credit());
  policy.note_purged(PageCount(120));
  EXPECT_EQ(380u, policy.credit());
  EXPECT_EQ(PageCount(380), policy.due(PageCount(), PageCount(10'000))) << "no more than credit";
  policy.note_purged(PageCount(1000));
  EXPECT_EQ(0u, policy.credit()) << "never below zero";
  EXPECT_EQ(PageCount(), policy.due(PageCount(), PageCount(10'000)));
}

TEST(PurgePolicy, PagesInUseThatAreNeededAgainAreChargedOnce) {
  PurgePolicy policy = policy_with(0);
  policy.note_taken(PageCount(800), PageCount(800));
  policy.note_purged(PageCount(12));
  ASSERT_EQ(988u, policy.credit());
  policy.note_needed_again(10);
  EXPECT_EQ(988u - 10u * kRegret, policy.credit());
  policy.note_needed_again(10);
  EXPECT_EQ(988u - 12u * kRegret, policy.credit())
      << "twelve were purged, and no more can be needed again";
}

TEST(PurgePolicy, TimeEarnsUpToThePeak) {
  PurgePolicy policy = policy_with(1000);
  policy.note_taken(PageCount(4000), PageCount());
  policy.note_purged(PageCount(5000));
  policy.note_time(50'000);
  EXPECT_EQ(0u, policy.credit()) << "the first look at the clock only starts it";
  policy.note_time(50'500);
  EXPECT_EQ(500u, policy.credit());
  policy.note_time(50'500);
  EXPECT_EQ(500u, policy.credit());
  policy.note_time(49'000);
  EXPECT_EQ(500u, policy.credit()) << "a clock that goes back earns nothing";
  policy.note_time(90'000'000);
  EXPECT_EQ(4000u, policy.credit());
}

TEST(PurgePolicy, ShortTimesAddUp) {
  PurgePolicy policy = policy_with(10);  // a page per 100 ms
  policy.note_taken(PageCount(4000), PageCount());
  policy.note_purged(PageCount(5000));
  for (std::uint64_t now = 1000; now <= 11'000; ++now) policy.note_time(now);
  EXPECT_EQ(100u, policy.credit());
}

TEST(PurgePolicy, TimeDoesNotTakeCreditAway) {
  PurgePolicy policy = policy_with(1000);
  policy.note_taken(PageCount(4000), PageCount());
  policy.note_time(1000);
  policy.note_time(2000);
  EXPECT_EQ(5000u, policy.credit());
}

TEST(PurgePolicy, NeverMoreIsDueThanIsFree) {
  Random random(3);
  for (int i = 0; i < 100'000; ++i) {
    PurgePolicy policy = policy_with(kRate);
    const PageCount in_use(random() % 100'000);
    const PageCount free_dirty(random() % 10'000);
    policy.note_taken(PageCount(random() % 100'000), PageCount());
    const PageCount due = policy.due(in_use, free_dirty);
    ASSERT_LE(due, free_dirty);
    ASSERT_LE(due.value, policy.credit());
    if (free_dirty <= policy.bound(in_use)) {
      ASSERT_EQ(PageCount(), due);
    }
  }
}

TEST(PurgePolicy, AtATickWhatLayIdleBeyondTheBoundIsDue) {
  const PurgePolicy policy = policy_with(0);  // without credit
  EXPECT_EQ(PageCount(), policy.due_at_tick(PageCount(1000), PageCount(124)));
  EXPECT_EQ(PageCount(1), policy.due_at_tick(PageCount(1000), PageCount(125)));
  EXPECT_EQ(PageCount(10'000 - 124), policy.due_at_tick(PageCount(1000), PageCount(10'000)));
}

// "A program that builds, frees and rests gives everything back at once."
TEST(PurgePolicy, BuiltAndFreedIsBackAtTheBound) {
  for (const std::uint32_t peak : {1000u, 100'000u, 10'000'000u}) {
    PurgePolicy policy = policy_with(0);
    PageCount in_use(peak);
    PageCount free_dirty;
    policy.note_taken(in_use, in_use);
    while (in_use) {
      const PageCount step(in_use.value < 100 ? in_use.value : 100);
      in_use -= step;
      free_dirty += step;
      const PageCount due = policy.due(in_use, free_dirty);
      policy.note_purged(due);
      free_dirty -= due;
      ASSERT_LE(free_dirty, policy.bound(in_use));
    }
  }
}

// "One that does so in a tight loop loses at most that many faults per second to it."
TEST(PurgePolicy, ATightLoopPurgesAtTheRate) {
  PurgePolicy policy = policy_with(kRate);
  constexpr std::uint32_t kPeak = 100'000;
  std::uint64_t purged = 0;
  std::uint64_t now = 1000;
  policy.note_time(now);
  PageCount free_dirty;
  for (int round = 0; round < 10'000; ++round) {  // 10 seconds
    policy.note_taken(PageCount(kPeak), PageCount());
    free_dirty = PageCount(kPeak);
    policy.note_time(++now);
    const PageCount due = policy.due(PageCount(), free_dirty);
    policy.note_purged(due);
    purged += due.value;
  }
  EXPECT_LE(purged, kPeak * 5 / 4 + 10 * kRate + kRate / 1000);
  EXPECT_GE(purged, 10 * kRate / 10 * 9);
}

TEST(PurgePolicy, LongSleepsDoNotOverflow) {
  PurgePolicy policy = policy_with(~std::uint64_t{0} >> 24);
  policy.note_taken(PageCount(4000), PageCount());
  policy.note_purged(PageCount(5000));
  policy.note_time(1);
  policy.note_time(~std::uint64_t{0});
  EXPECT_EQ(4000u, policy.credit());
}

}  // namespace
}  // namespace mete::pages
