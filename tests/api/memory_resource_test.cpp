// Resource and ResourceRef: to std::pmr and back.

#include "mete/memory_resource.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/strict_allocator.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/fallback.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"
#include "support/bytes.hpp"

namespace mete::test {
namespace {

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

using StrictResource = Resource<ByRef<StrictAllocator>>;

TEST(Resource, ServesTheContainers) {
  StrictAllocator a;
  StrictResource resource(a);
  std::pmr::vector<std::pmr::string> strings(&resource);
  std::pmr::map<int, std::pmr::string> map(&resource);
  std::pmr::unordered_map<int, int> table(&resource);
  for (int i = 0; i < 300; ++i) {
    strings.emplace_back("a string that is too long to be stored without allocating");
    map.emplace(i, "another string that is too long to be stored without allocating");
    table[i] = i;
  }
  EXPECT_TRUE(a.owns(strings[0].data()) && a.owns(map.at(7).data()));
  EXPECT_EQ(299, table.at(299));
}

TEST(Resource, IsTheUpstreamOfOthers) {
  StrictAllocator a;
  StrictResource resource(a);
  std::pmr::unsynchronized_pool_resource pool(&resource);
  std::pmr::monotonic_buffer_resource monotonic(&resource);
  std::pmr::vector<std::pmr::string> strings(&pool);
  std::pmr::vector<int> numbers(&monotonic);
  for (int i = 0; i < 1000; ++i) {
    strings.emplace_back("a string that is too long to be stored without allocating");
    numbers.push_back(i);
  }
  EXPECT_LT(0u, a.live());
}

TEST(Resource, L16_AlignmentIsKept) {
  Resource<System> resource;
  for (std::size_t align = 1; align <= 4096; align *= 2) {
    void* const ptr = resource.allocate(100, align);
    EXPECT_TRUE(is_aligned(ptr, align));
    resource.deallocate(ptr, 100, align);
  }
}

TEST(Resource, NoBytesHaveAnAddressOfTheirOwn) {
  StrictAllocator a;
  StrictResource resource(a);
  void* const one = resource.allocate(0);
  void* const other = resource.allocate(0);
  EXPECT_NE(one, other);
  EXPECT_EQ(2u, a.live());
  resource.deallocate(one, 0);
  resource.deallocate(other, 0);
}

TEST(Resource, FailureIsAnException) {
  StrictAllocator a;
  StrictResource resource(a);
  // Volatile: the compiler warns of what it knows to be wrong.
  const volatile std::size_t all = SIZE_MAX;
  EXPECT_THROW(static_cast<void>(resource.allocate(all)), AllocError);
  const volatile std::size_t three = 3;
  EXPECT_THROW(static_cast<void>(resource.allocate(8, three)), AllocError);
  a.fail_after(0);
  EXPECT_THROW(static_cast<void>(resource.allocate(8)), std::bad_alloc);
}

TEST(Resource, IsEqualIfEitherCanFreeWhatTheOtherGave) {
  StrictAllocator a;
  StrictAllocator b;
  const StrictResource on_a(a);
  const StrictResource on_a_too(a);
  const StrictResource on_b(b);
  EXPECT_TRUE(on_a == on_a_too);
  EXPECT_FALSE(on_a == on_b);
  const Resource<System> system;
  const Resource<System> system_too;
  EXPECT_TRUE(system == system_too);
  EXPECT_FALSE(system == *std::pmr::new_delete_resource());
  const Resource<Arena<System>> arena;
  const Resource<Arena<System>> another_arena;
  EXPECT_TRUE(arena == arena);
  EXPECT_FALSE(arena == another_arena);
}

TEST(Resource, OwnsAnAllocatorThatCannotBeCopied) {
  std::byte buffer[1000];
  Resource<Arena<System>> arena(buffer);
  std::pmr::vector<int> numbers({1, 2, 3}, &arena);
  EXPECT_TRUE(arena.allocator().owns(numbers.data()));
}

// A resource of the old school.
class Throwing : public std::pmr::memory_resource {
  void* do_allocate(std::size_t, std::size_t) override { throw std::bad_alloc(); }
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

TEST(ResourceRef, T1_AnExceptionIsNull) {
  Throwing throwing;
  ResourceRef a(&throwing);
  EXPECT_FALSE(mete::allocate(a, layout(8, 8)));
  EXPECT_FALSE(mete::allocate_zeroed(a, layout(8, 8)));
  ResourceRef none(std::pmr::null_memory_resource());
  EXPECT_FALSE(none.allocate(layout(8, 8)));
}

TEST(ResourceRef, T3_SizeZeroAsksNobody) {
  ResourceRef none(std::pmr::null_memory_resource());
  const Block block = none.allocate(layout(0, 32));
  EXPECT_EQ(Block::dangling(layout(0, 32)), block);
  none.deallocate(block.ptr, layout(0, 32));
}

TEST(ResourceRef, T13_EqualAsTheirResources) {
  Resource<System> one;
  Resource<System> other;
  EXPECT_EQ(ResourceRef(&one), ResourceRef(&other));
  EXPECT_FALSE(ResourceRef(&one) == ResourceRef(std::pmr::new_delete_resource()));
  EXPECT_EQ(&one, ResourceRef(&one).resource());
}

TEST(ResourceRef, ThereAndBackAgain) {
  StrictAllocator a;
  StrictResource resource(a);
  ResourceRef middle(&resource);
  Resource<ResourceRef> again(middle);
  std::pmr::vector<int> numbers(&again);
  std::vector<int, StdAllocator<int, ResourceRef>> more(&resource);
  for (int i = 0; i < 1000; ++i) {
    numbers.push_back(i);
    more.push_back(i);
  }
  EXPECT_TRUE(a.owns(numbers.data()) && a.owns(more.data()));
}

TEST(ResourceRef, InFrontOfAFallback) {
  std::byte buffer[100];
  Fallback both{Arena{buffer}, ResourceRef(std::pmr::new_delete_resource())};
  const Block block = both.allocate(layout(500, 8));
  both.deallocate(block.ptr, layout(500, 8));
}

}  // namespace
}  // namespace mete::test
