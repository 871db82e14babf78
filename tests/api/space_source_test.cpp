// Space with a source: growing, giving back, refusals, limits.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <vector>

#include "api/space_model.hpp"
#include "mete/space.hpp"

namespace mete::test {
namespace {

constexpr std::size_t kKiB = 1024;

// A source that counts, and can be told to refuse.
struct Supply {
  std::map<void*, std::size_t> taken;
  bool refuses = false;
  bool keeps = false;
  std::size_t bytes = 0;

  Space::Source source() {
    return {[](void* self, std::size_t& size) { return static_cast<Supply*>(self)->take(size); },
            [](void* self, void* base, std::size_t size) {
              return static_cast<Supply*>(self)->give(base, size);
            },
            this, 4 * kKiB};
  }
  void* take(std::size_t& size) {
    if (refuses) return nullptr;
    EXPECT_EQ(0u, size % (4 * kKiB));
    void* const base = std::aligned_alloc(16, size);
    taken[base] = size;
    bytes += size;
    return base;
  }
  // Whole pieces, one or several that are neighbours.
  bool give(void* base, std::size_t size) {
    if (keeps) return false;
    auto* at = static_cast<std::byte*>(base);
    std::byte* const end = at + size;
    while (at < end) {
      const auto piece = taken.find(at);
      if (piece == taken.end()) {
        ADD_FAILURE() << "what is given back was not taken";
        return false;
      }
      at += piece->second;
      bytes -= piece->second;
      std::free(piece->first);
      taken.erase(piece);
    }
    EXPECT_EQ(end, at);
    return true;
  }
};

TEST(SpaceSource, GivesMoreAndTakesItBack) {
  Supply supply;
  Space space(supply.source());
  std::vector<void*> blocks;
  for (int i = 0; i < 500; ++i) {
    blocks.push_back(space.allocate(1000, 8));
    ASSERT_NE(nullptr, blocks.back());
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
  }
  EXPECT_EQ(supply.bytes, space.statistics().footprint);
  for (void* const block : blocks) {
    space.deallocate(block);
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
  }
  EXPECT_EQ(supply.bytes, space.statistics().footprint);
  EXPECT_LT(space.statistics().footprint, 20 * 4 * kKiB) << "all but a spare one went back";
  space.trim();
  EXPECT_EQ(0u, supply.bytes);
  EXPECT_EQ(0u, space.statistics().footprint);
  EXPECT_NE(nullptr, space.allocate(100, 8)) << "and there is more again";
  space.release();
  EXPECT_EQ(0u, supply.bytes);
}

TEST(SpaceSource, WorksAtRandom) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    Supply supply;
    alignas(16) std::byte first[500];
    Space space(first, supply.source());
    work_at_random(space, seed, 3000, 10 * kKiB, 60);
    space.trim();
    EXPECT_EQ(0u, supply.bytes);
    EXPECT_EQ(500u, space.statistics().footprint) << "the caller's own stays";
  }
}

TEST(SpaceSource, ThatRefusesIsNoMemory) {
  Supply supply;
  Space space(supply.source());
  supply.refuses = true;
  EXPECT_EQ(nullptr, space.allocate(10, 8));
  supply.refuses = false;
  void* const block = space.allocate(10, 8);
  ASSERT_NE(nullptr, block);
  supply.refuses = true;
  EXPECT_EQ(nullptr, space.allocate(100 * kKiB, 8));
  EXPECT_EQ(nullptr, space.reallocate(block, 100 * kKiB, 8));
  supply.keeps = true;
  space.deallocate(block);
  EXPECT_EQ(0u, space.trim()) << "it does not take it back";
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
  supply.keeps = false;
  EXPECT_GT(space.release(), 0u);
}

TEST(SpaceSource, TheLimitBoundsTheFootprint) {
  Supply supply;
  Space space(supply.source());
  space.set_limit(64 * kKiB);
  while (space.allocate(1000, 8) != nullptr) {
  }
  EXPECT_LE(space.statistics().footprint, 64 * kKiB);
  EXPECT_GE(space.statistics().footprint, 60 * kKiB);
  space.set_limit(0);
  EXPECT_NE(nullptr, space.allocate(1000, 8));
  space.release();
}

}  // namespace
}  // namespace mete::test
