// The sums over heaps and pages: allocated <= active <= mapped, and each says what it is documented
// to say.

#include "global/statistics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/address_space.hpp"
#include "global/process.hpp"
#include "global/process_heap.hpp"
#include "global/settings.hpp"
#include "heap/domain.hpp"
#include "unit/fake_port/fake_port.hpp"
#include "unit/random.hpp"

namespace mete::global {
namespace {

void expect_sound(const Statistics& now) {
  EXPECT_LE(now.allocated, now.active);
  EXPECT_LE(now.active, now.peak_active);
  EXPECT_LE(now.active + now.retained + now.metadata, now.mapped);
  EXPECT_LE(now.threads_peak, now.threads_started);
}

TEST(Statistics, OfAProcessThatDidNothingAreZeroButForTables) {
  const Statistics now = statistics();
  EXPECT_EQ(0u, now.allocated);
  EXPECT_EQ(0u, now.active);
  EXPECT_EQ(fake_port::reserved_bytes(), now.mapped);
  EXPECT_EQ(now.metadata, now.mapped);
  EXPECT_EQ(0u, now.heaps);
  EXPECT_FALSE(trim(0));
  finish_process();
  EXPECT_EQ("", fake_port::written_errors());
}

TEST(Statistics, AllocatedIsTheSumOfUsableSizes) {
  Random random(1);
  std::vector<void*> blocks;
  std::uint64_t sum = 0;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t bytes = random.one_in(20) ? random.below(500'000) : random.below(5000);
    blocks.push_back(random.one_in(3) ? allocate_aligned(512, bytes) : allocate(bytes));
    sum += usable_size(blocks.back());
    if (random.one_in(2)) {
      const std::size_t which = random.below(static_cast<std::uint32_t>(blocks.size()));
      sum -= usable_size(blocks[which]);
      deallocate(blocks[which]);
      blocks[which] = blocks.back();
      blocks.pop_back();
    }
    if (i % 50 == 0) {
      const Statistics now = statistics();
      expect_sound(now);
      ASSERT_EQ(sum, now.allocated);
    }
  }
  for (void* block : blocks) deallocate(block);
  EXPECT_EQ(0u, statistics().allocated);
}

TEST(Statistics, MappedIsWhatThePortGave) {
  for (const std::size_t bytes : {10u, 10'000u, 10'000'000u}) {
    void* const block = allocate(bytes);
    const Statistics now = statistics();
    expect_sound(now);
    EXPECT_EQ(fake_port::reserved_bytes(), now.mapped) << "tables included";
    EXPECT_LT(now.metadata, now.mapped);
    deallocate(block);
  }
}

TEST(Statistics, MetadataIsWhatHoldsNoPages) {
  deallocate(allocate(10));
  const Statistics now = statistics();
  const std::uint64_t pages =
      heap::domain.pages.window().bytes_of(heap::domain.pages.statistics().reserved);
  EXPECT_EQ(fake_port::reserved_bytes() - pages, now.metadata);
  EXPECT_GE(now.metadata, std::uint64_t{8} << (base::kAddressSpace.slab_map_leaf_bits - 16))
      << "two leaves of the slab map";
}

TEST(Statistics, ThreadsAndHeapsAreCounted) {
  deallocate(allocate(10));
  for (int i = 0; i < 3; ++i) std::thread([] { deallocate(allocate(10)); }).join();
  const Statistics now = statistics();
  EXPECT_EQ(4u, now.threads_started);
  EXPECT_EQ(2u, now.threads_peak);
  EXPECT_EQ(2u, now.heaps);
}

TEST(Statistics, LargeBlocksAndPurgesAreCounted) {
  for (int i = 0; i < 10; ++i) deallocate(allocate(std::size_t{8} << 20));
  Statistics now = statistics();
  EXPECT_EQ(10u, now.large_allocated);
  EXPECT_GE(now.peak_active, std::uint64_t{8} << 20);
  trim(0);
  now = statistics();
  EXPECT_EQ(0u, now.retained);
  EXPECT_EQ(0u, now.active);
  EXPECT_GE(now.purged, std::uint64_t{8} << 20);
  EXPECT_GE(now.purge_calls, 1u);
}

TEST(Trim, KeepsWhatItIsToldToKeep) {
  ASSERT_NE(nullptr, allocate(1));  // stays, so that its slab does
  ASSERT_TRUE(set_option(OptionId::kRetainKib, 1'000'000));
  deallocate(allocate(std::size_t{64} << 20));
  EXPECT_EQ(std::uint64_t{64} << 20, statistics().retained);
  EXPECT_FALSE(trim(std::size_t{64} << 20)) << "nothing beyond";
  EXPECT_FALSE(trim(~std::size_t{0}));
  EXPECT_TRUE(trim(std::size_t{10} << 20));
  EXPECT_LE(statistics().retained, std::uint64_t{10} << 20);
  EXPECT_GE(statistics().retained, std::uint64_t{9} << 20) << "not much more than asked";
  EXPECT_TRUE(trim(0));
  EXPECT_EQ(0u, statistics().retained);
  EXPECT_FALSE(trim(0));
}

TEST(Trim, ReachesHeapsOfEndedThreads) {
  deallocate(allocate(1));
  ASSERT_TRUE(set_option(OptionId::kRetainKib, 1'000'000));
  std::vector<void*> blocks(10'000);
  std::thread([&] {
    for (void*& block : blocks) block = allocate(1000);
  }).join();
  for (void* block : blocks) deallocate(block);
  EXPECT_TRUE(trim(0));
  EXPECT_EQ(0u, statistics().active);
  EXPECT_EQ(0u, statistics().retained);
}

TEST(Summary, IsPrintedWhenAskedFor) {
  fake_port::set_environment("METE_STATS", "1");
  start_process();
  deallocate(allocate(std::size_t{3} << 20));
  finish_process();
  const std::string text = fake_port::written_errors();
  EXPECT_EQ(0u, text.find("mete: in use 0.00 MiB, active "));
  EXPECT_NE(std::string::npos, text.find("\nmete: threads 1 (at once 1), large blocks 1, "));
  EXPECT_EQ('\n', text.back());
}

}  // namespace
}  // namespace mete::global
