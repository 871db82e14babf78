// Space: blocks in any piece of memory, checked against a model after every step.

#include "mete/space.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "api/space_model.hpp"
#include "mete/by_ref.hpp"
#include "mete/std_allocator.hpp"
#include "support/random.hpp"

namespace mete::test {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kWord = sizeof(void*);

// Bytes that a space can give in one block.
std::size_t largest_block(Space& space) {
  std::size_t low = 0;
  std::size_t high = std::size_t{1} << 30;
  while (low + 1 < high) {
    const std::size_t middle = (low + high) / 2;
    void* const ptr = space.allocate(middle, 1);
    (ptr != nullptr ? low : high) = middle;
    space.deallocate(ptr);
  }
  return low;
}

TEST(Space, ARegionOfAKibibyteIsUsedButForAFewWords) {
  alignas(16) std::byte memory[kKiB];
  Space space(memory);
  EXPECT_GE(largest_block(space), kKiB - 7 * kWord);
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
}

TEST(Space, ABlockCostsOneWord) {
  alignas(16) std::byte memory[16 * kKiB];
  Space space(memory);
  std::size_t count = 0;
  const std::size_t payload = 64 - kWord;
  while (space.allocate(payload, 1) != nullptr) ++count;
  EXPECT_EQ((16 * kKiB - 6 * kWord) / 64, count);
}

TEST(Space, NoRegionNoBlocks) {
  Space space;
  EXPECT_EQ(nullptr, space.allocate(1, 1));
  EXPECT_EQ(nullptr, space.check());
  EXPECT_FALSE(space.owns(&space));
  EXPECT_EQ(0u, space.trim());
  space.reset();
  space.deallocate(nullptr);
  EXPECT_EQ(0u, space.usable_size(nullptr));
}

TEST(Space, WhatIsTooSmallIsNoRegion) {
  alignas(16) std::byte memory[256];
  for (std::size_t bytes = 0; bytes < sizeof(memory); ++bytes) {
    Space space;
    const bool added = space.add_region(memory, bytes);
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
    EXPECT_EQ(added, space.allocate(1, 1) != nullptr) << bytes;
    if (bytes > 16 * kWord) {
      EXPECT_TRUE(added) << bytes;
    }
  }
  Space space;
  EXPECT_FALSE(space.add_region(nullptr, 1000));
  EXPECT_FALSE(space.add_region(memory, SIZE_MAX));
}

TEST(Space, MemoryMayBeginAndEndAnywhere) {
  alignas(16) std::byte memory[600];
  for (std::size_t begin = 0; begin < 20; ++begin) {
    for (std::size_t end = 560; end < 600; ++end) {
      std::fill(memory, memory + sizeof(memory), std::byte{0xa5});
      Space space{std::span(memory).subspan(begin, end - begin)};
      work_at_random(space, begin * 100 + end, 50, 100, 10);
      for (std::size_t i = 0; i < begin; ++i) ASSERT_EQ(std::byte{0xa5}, memory[i]);
      for (std::size_t i = end; i < sizeof(memory); ++i) ASSERT_EQ(std::byte{0xa5}, memory[i]);
    }
  }
}

TEST(Space, KeepsWhatIsInItsBlocks) {
  for (const std::size_t bytes : {2 * kKiB, 16 * kKiB, 300 * kKiB}) {
    const auto memory = std::make_unique<std::byte[]>(bytes);
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      Space space{std::span(memory.get(), bytes)};
      work_at_random(space, seed, 3000, bytes / 8, 60);
      EXPECT_GE(largest_block(space), bytes - 8 * kWord) << "all free pieces were joined";
    }
  }
}

TEST(Space, RegionsThatTouchAreJoinedInAnyOrder) {
  alignas(16) static std::byte memory[8 * kKiB];
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    Space space;
    for (const std::size_t piece : order)
      ASSERT_TRUE(space.add_region(memory + piece * 2 * kKiB, 2 * kKiB));
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
    EXPECT_EQ(1u, space.statistics().regions);
    EXPECT_GE(largest_block(space), 8 * kKiB - 8 * kWord);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Space, RegionsAreJoinedWithBlocksInThem) {
  alignas(16) static std::byte memory[8 * kKiB];
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    support::Random random(seed);
    std::vector<std::size_t> order{0, 1, 2, 3};
    for (std::size_t i = 4; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    Space space;
    Model model(space);
    for (const std::size_t piece : order) {
      ASSERT_TRUE(space.add_region(memory + piece * 2 * kKiB, 2 * kKiB));
      for (int i = 0; i < 5; ++i) {
        const std::size_t size = random.between(1, 400);
        if (void* const ptr = space.allocate(size, 1)) model.add(ptr, size);
      }
      ASSERT_NO_FATAL_FAILURE(expect_well(space));
    }
    std::size_t size = 0;
    while (void* const ptr = model.remove(random, size)) space.deallocate(ptr);
    EXPECT_EQ(1u, space.statistics().regions);
    EXPECT_GE(largest_block(space), 8 * kKiB - 8 * kWord);
  }
}

TEST(Space, RegionsApartStayApart) {
  alignas(16) static std::byte memory[8 * kKiB];
  Space space;
  ASSERT_TRUE(space.add_region(memory, 2 * kKiB));
  ASSERT_TRUE(space.add_region(memory + 4 * kKiB, 2 * kKiB));
  EXPECT_EQ(2u, space.statistics().regions);
  EXPECT_FALSE(space.owns(memory + 3 * kKiB));
  work_at_random(space, 5, 2000, 500, 30);
}

TEST(Space, GrowsOverAFreeNeighbourInBothDirections) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  void* const before = space.allocate(1000, 1);
  void* const middle = space.allocate(1000, 1);
  void* const after = space.allocate(1000, 1);
  ASSERT_NE(nullptr, after);
  std::memset(middle, 7, 1000);
  space.deallocate(after);
  EXPECT_TRUE(space.resize_in_place(middle, 1900)) << "to the right";
  space.deallocate(before);
  EXPECT_FALSE(space.resize_in_place(middle, 3500));
  void* const moved = space.reallocate(middle, 3500, 1);
  EXPECT_EQ(before, moved) << "to the left: there is no room for both";
  EXPECT_TRUE(std::all_of(static_cast<char*>(moved), static_cast<char*>(moved) + 1000,
                          [](char c) { return c == 7; }));
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
}

TEST(Space, ResetEndsAllBlocks) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  const std::size_t whole = largest_block(space);
  for (int i = 0; i < 20; ++i) EXPECT_NE(nullptr, space.allocate(100, 32));
  space.reset();
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
  EXPECT_EQ(0u, space.statistics().blocks);
  EXPECT_EQ(whole, largest_block(space));
}

TEST(Space, ImpossibleRequestsAreNull) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  void* const block = space.allocate(100, 8);
  for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 7, SIZE_MAX / 2, SIZE_MAX / 4}) {
    EXPECT_EQ(nullptr, space.allocate(size, 8));
    EXPECT_EQ(nullptr, space.allocate(size, 4096));
    EXPECT_EQ(nullptr, space.reallocate(block, size, 8));
    EXPECT_FALSE(space.resize_in_place(block, size));
  }
  EXPECT_EQ(nullptr, space.allocate(1, SIZE_MAX / 2 + 1));
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
}

// What was said last.
const char* last_message;
const void* last_address;
void remember(const char* message, const void* address) {
  last_message = message;
  last_address = address;
}

TEST(SpaceMistakes, AreNamedAndChangeNothing) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  space.set_error_handler(remember);
  void* const block = space.allocate(100, 8);
  void* const other = space.allocate(100, 8);
  space.deallocate(block);
  for (const void* wrong : {block, static_cast<void*>(static_cast<std::byte*>(other) + 8),
                            static_cast<void*>(static_cast<std::byte*>(other) + 16)}) {
    last_message = nullptr;
    space.deallocate(const_cast<void*>(wrong));
    ASSERT_NE(nullptr, last_message);
    EXPECT_STREQ("free of what is no block in use", last_message);
    EXPECT_EQ(wrong, last_address);
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
  }
  EXPECT_FALSE(space.resize_in_place(block, 10));
  EXPECT_STREQ("resize of what is no block in use", last_message);
  EXPECT_EQ(1u, space.statistics().blocks);
}

TEST(SpaceMistakesDeathTest, StopTheProgramByDefault) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  void* const block = space.allocate(100, 8);
  space.deallocate(block);
  EXPECT_DEATH(space.deallocate(block), "");
}

TEST(Space, WalkSeesEverythingInOrder) {
  alignas(16) static std::byte memory[4 * kKiB];
  Space space(memory);
  void* const first = space.allocate(100, 8);
  void* const second = space.allocate(200, 8);
  void* const third = space.allocate(300, 8);
  space.deallocate(second);
  struct Seen {
    std::vector<std::pair<void*, bool>> pieces;
  } seen;
  space.walk([](void* context, void* address, std::size_t,
                bool in_use) { static_cast<Seen*>(context)->pieces.emplace_back(address, in_use); },
             &seen);
  ASSERT_EQ(4u, seen.pieces.size());
  EXPECT_EQ((std::pair{first, true}), seen.pieces[0]);
  EXPECT_EQ((std::pair{second, false}), seen.pieces[1]);
  EXPECT_EQ((std::pair{third, true}), seen.pieces[2]);
  EXPECT_FALSE(seen.pieces[3].second);
}

TEST(Space, ContainersLiveInIt) {
  alignas(16) static std::byte memory[64 * kKiB];
  Space space(memory);
  {
    std::vector<int, StdAllocator<int, ByRef<Space>>> numbers(space);
    for (int i = 0; i < 2000; ++i) numbers.push_back(i);
    EXPECT_TRUE(space.owns(numbers.data()));
  }
  EXPECT_EQ(0u, space.statistics().blocks);
}

}  // namespace
// docs/space.md, Bounds: so much memory is enough in any order of requests.
TEST(SpaceBound, RequestsFitIntoTheMemoryThatIsProvedToDo) {
  support::Random random(11);
  for (const std::size_t most : {40u, 200u, 1000u, 30'000u}) {
    for (const std::size_t blocks : {1u, 7u, 60u}) {
      const std::size_t in_use = blocks * Space::size_in_use(most);
      const std::size_t bytes =
          in_use + (blocks + 1) * (most + most / 4 + 2 * Space::kGranule) + 4 * sizeof(void*);
      std::vector<std::byte> memory(bytes + Space::kGranule);
      Space space(std::span(static_cast<std::byte*>(nullptr), 0));
      auto* const base = reinterpret_cast<std::byte*>(
          (reinterpret_cast<std::uintptr_t>(memory.data()) + Space::kGranule - 1) &
          ~(std::uintptr_t{Space::kGranule} - 1));
      ASSERT_TRUE(space.add_region(base, bytes));
      std::vector<void*> live(blocks, nullptr);
      for (int step = 0; step < 3000; ++step) {
        void*& block = live[random.below(blocks)];
        if (block != nullptr) {
          space.deallocate(block);
          block = nullptr;
        } else {
          // Few sizes, so that holes are often a little too small.
          const std::size_t size = most - most / 8 * random.below(5);
          block = space.allocate(size, 1);
          ASSERT_NE(nullptr, block) << most << " " << blocks;
        }
      }
    }
  }
}

}  // namespace mete::test
