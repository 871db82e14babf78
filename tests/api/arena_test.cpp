// Arena: bump allocation in chunks or in a buffer, and reset.

#include "mete/arena.hpp"

#include <gtest/gtest.h>

#include <array>
#include <span>
#include <utility>

#include "api/strict_allocator.hpp"
#include "mete/by_ref.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

std::byte* bytes_of(Block block) { return static_cast<std::byte*>(block.ptr); }

using StrictArena = Arena<ByRef<StrictAllocator>>;

TEST(Arena, CutsBlocksOneAfterTheOther) {
  alignas(64) std::byte buffer[256];
  Arena arena{buffer};
  EXPECT_EQ(buffer, bytes_of(arena.allocate(layout(10, 1))));
  EXPECT_EQ(buffer + 10, bytes_of(arena.allocate(layout(5, 1))));
  EXPECT_EQ(buffer + 16, bytes_of(arena.allocate(layout(8, 8))));
  EXPECT_EQ(buffer + 64, bytes_of(arena.allocate(layout(1, 64))));
}

TEST(Arena, ABufferIsUsedToItsLastByteAndNoFurther) {
  alignas(16) std::byte buffer[64];
  Arena arena{buffer};
  EXPECT_TRUE(arena.allocate(layout(60, 1)));
  EXPECT_FALSE(arena.allocate(layout(5, 1)));
  EXPECT_FALSE(arena.allocate(layout(1, 16)));
  EXPECT_TRUE(arena.allocate(layout(4, 4)));
  EXPECT_FALSE(arena.allocate(layout(1, 1)));
  EXPECT_TRUE(arena.allocate(layout(0, 4096)));
}

TEST(Arena, AnEmptyBufferGivesNothing) {
  Arena arena{std::span<std::byte>()};
  EXPECT_FALSE(arena.allocate(layout(1, 1)));
  EXPECT_FALSE(arena.owns(nullptr));
  arena.reset();
  EXPECT_FALSE(arena.allocate(layout(1, 1)));
}

TEST(Arena, TakesBackTheLastBlock) {
  std::byte buffer[64];
  Arena arena{buffer};
  const Block first = arena.allocate(layout(10, 1));
  const Block second = arena.allocate(layout(10, 1));
  arena.deallocate(first.ptr, layout(10, 1));  // not the last: nothing happens
  arena.deallocate(second.ptr, layout(10, 1));
  EXPECT_EQ(second.ptr, arena.allocate(layout(54, 1)).ptr);
}

TEST(Arena, GrowsAndShrinksTheLastBlockInPlace) {
  alignas(8) std::byte buffer[128];
  Arena arena{buffer};
  Block block = arena.allocate(layout(10, 8));
  EXPECT_EQ(block.ptr, arena.grow(block.ptr, layout(10, 8), layout(100, 8)).ptr);
  EXPECT_FALSE(arena.grow(block.ptr, layout(100, 8), layout(129, 8)));
  EXPECT_EQ(block.ptr, arena.shrink(block.ptr, layout(100, 8), layout(8, 8)).ptr);
  EXPECT_EQ(buffer + 8, bytes_of(arena.allocate(layout(120, 8))));
}

TEST(Arena, ShrinksAnotherBlockInPlaceToo) {
  std::byte buffer[128];
  Arena arena{buffer};
  const Block block = arena.allocate(layout(50, 1));
  const Block last = arena.allocate(layout(50, 1));
  EXPECT_EQ((Block{block.ptr, 20}), arena.shrink(block.ptr, layout(50, 1), layout(20, 1)));
  EXPECT_EQ(bytes_of(last) + 50, bytes_of(arena.allocate(layout(1, 1))));
}

TEST(Arena, FailsWithoutHarm) {
  alignas(64) std::byte buffer[128];
  Arena arena{buffer};
  const Block first = arena.allocate(layout(40, 1));
  const Block second = arena.allocate(layout(60, 1));
  fill(first.ptr, 40, 1);
  fill(second.ptr, 60, 2);
  EXPECT_FALSE(arena.grow(first.ptr, layout(40, 1), layout(41, 1)));
  EXPECT_FALSE(arena.grow(second.ptr, layout(60, 1), layout(89, 1)));
  EXPECT_FALSE(arena.shrink(second.ptr, layout(60, 1), layout(59, 64)));
  EXPECT_TRUE(holds(first.ptr, 40, 1) && holds(second.ptr, 60, 2));
}

TEST(Arena, ChunksDoubleAndGoBackAtTheEnd) {
  StrictAllocator upstream;
  {
    StrictArena arena{upstream};
    for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(arena.allocate(layout(16, 8)));
    EXPECT_LE(upstream.live(), 12u);  // 1.6 MB from 4 KiB upwards
    EXPECT_EQ(upstream.live(), upstream.requests());
  }
  EXPECT_EQ(0u, upstream.live());
}

TEST(Arena, TheFirstChunkCanBeChosen) {
  StrictAllocator upstream;
  StrictArena arena{upstream, 100'000};
  for (int i = 0; i < 99; ++i) ASSERT_TRUE(arena.allocate(layout(1000, 1)));
  EXPECT_EQ(1u, upstream.requests());
}

TEST(Arena, UsesAllThatAChunkReallyHas) {
  StrictAllocator upstream;  // gives half as much again
  StrictArena arena{upstream, 1000};
  ASSERT_TRUE(arena.allocate(layout(900, 1)));
  ASSERT_TRUE(arena.allocate(layout(500, 1)));
  EXPECT_EQ(1u, upstream.requests());
}

TEST(Arena, ALargeBlockGetsAChunkThatFits) {
  StrictAllocator upstream;
  StrictArena arena{upstream};
  const Block block = arena.allocate(layout(1'000'000, 4096));
  ASSERT_TRUE(block);
  EXPECT_TRUE(is_aligned(block.ptr, 4096));
  fill(block.ptr, block.size, 1);
  EXPECT_TRUE(holds(block.ptr, block.size, 1));
}

// Has no large blocks.
struct AtMost8000 {
  Block allocate(Layout layout) noexcept {
    return layout.size() <= 8000 ? System().allocate(layout) : Block{};
  }
  void deallocate(void* ptr, Layout layout) noexcept { System().deallocate(ptr, layout); }
};

TEST(Arena, TakesASmallerChunkWhereTheDoubleIsNotToBeHad) {
  Arena<AtMost8000> arena;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(arena.allocate(layout(1000, 8)));
  EXPECT_FALSE(arena.allocate(layout(8000, 8)));
}

TEST(Arena, ResetEndsAllBlocksAndKeepsTheLargestChunk) {
  StrictAllocator upstream;
  StrictArena arena{upstream};
  for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(arena.allocate(layout(16, 8)));
  EXPECT_LT(1u, upstream.live());
  arena.reset();
  EXPECT_EQ(1u, upstream.live());
  const std::size_t before = upstream.requests();
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE(arena.allocate(layout(16, 8)));
    arena.reset();
  }
  EXPECT_EQ(before, upstream.requests());
}

TEST(Arena, ResetOfABuffer) {
  std::byte buffer[64];
  Arena arena{buffer};
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(buffer, bytes_of(arena.allocate(layout(64, 1))));
    EXPECT_FALSE(arena.allocate(layout(1, 1)));
    arena.reset();
  }
}

TEST(Arena, ABufferComesBeforeTheChunks) {
  StrictAllocator upstream;
  std::array<std::byte, 1000> buffer;
  StrictArena arena{buffer, upstream};
  const Block inside = arena.allocate(layout(1000, 1));
  EXPECT_EQ(0u, upstream.requests());
  const Block outside = arena.allocate(layout(1, 1));
  EXPECT_EQ(1u, upstream.requests());
  EXPECT_TRUE(arena.owns(inside.ptr) && arena.owns(outside.ptr));
}

TEST(Arena, OwnsItsBlocksOnly) {
  StrictAllocator upstream;
  StrictArena arena{upstream};
  const Block block = arena.allocate(layout(3000, 1));
  const Block other = arena.allocate(layout(3000, 1));
  EXPECT_TRUE(arena.owns(block.ptr) && arena.owns(bytes_of(other) + 2999));
  int local = 0;
  EXPECT_FALSE(arena.owns(&local) || arena.owns(nullptr));
  EXPECT_FALSE(arena.owns(layout(0, 16).dangling()));
}

TEST(Arena, T13_MovesWithItsBlocks) {
  StrictAllocator upstream;
  StrictArena arena{upstream};
  const Block block = arena.allocate(layout(10, 1));
  fill(block.ptr, 10, 1);
  StrictArena moved = std::move(arena);
  EXPECT_TRUE(moved.owns(block.ptr) && holds(block.ptr, 10, 1));
  EXPECT_EQ(block.ptr, moved.grow(block.ptr, layout(10, 1), layout(20, 1)).ptr);
  static_assert(!std::is_copy_constructible_v<StrictArena>);
}

TEST(Arena, SaysWhatItIsFromItsArguments) {
  std::byte buffer[16];
  std::array<std::byte, 16> array;
  static_assert(std::is_same_v<decltype(Arena{buffer}), Arena<NoMemory>>);
  static_assert(std::is_same_v<decltype(Arena{array}), Arena<NoMemory>>);
  static_assert(std::is_same_v<decltype(Arena{std::span(buffer)}), Arena<NoMemory>>);
  static_assert(std::is_same_v<decltype(Arena{System()}), Arena<System>>);
  static_assert(std::is_same_v<decltype(Arena{buffer, System()}), Arena<System>>);
  static_assert(std::is_same_v<decltype(Arena{std::span(buffer), System()}), Arena<System>>);
}

TEST(Arena, ZeroedMemoryAfterReset) {
  std::byte buffer[64];
  Arena arena{buffer};
  fill(arena.allocate(layout(64, 1)).ptr, 64, 1);
  arena.reset();
  EXPECT_TRUE(is_zero(mete::allocate_zeroed(arena, layout(64, 1)).ptr, 0, 64));
}

}  // namespace
}  // namespace mete::test
