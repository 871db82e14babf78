// StdAllocator: the containers of the standard library on mete's allocators.

#include "mete/std_allocator.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <numeric>
#include <scoped_allocator>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/strict_allocator.hpp"
#include "mete/allocator_ref.hpp"
#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/locked.hpp"
#include "mete/system.hpp"

namespace mete::test {
namespace {

template <class T>
using Strict = StdAllocator<T, ByRef<StrictAllocator>>;

TEST(StdAllocator, MeetsTheRequirementsOfTheStandard) {
  using A = StdAllocator<int, System>;
  using Traits = std::allocator_traits<A>;
  static_assert(std::is_same_v<Traits::rebind_alloc<long>, StdAllocator<long, System>>);
  static_assert(Traits::is_always_equal::value && sizeof(A) == 1);
  static_assert(!std::allocator_traits<Strict<int>>::is_always_equal::value);
  static_assert(std::is_nothrow_copy_constructible_v<A> && std::is_default_constructible_v<A>);
  static_assert(!std::is_default_constructible_v<Strict<int>>);
  const A ints;
  const StdAllocator<long, System> longs(ints);
  EXPECT_TRUE(ints == longs);
  StrictAllocator a;
  StrictAllocator b;
  EXPECT_TRUE(Strict<int>(a) == Strict<long>(a));
  EXPECT_TRUE(Strict<int>(a) != Strict<int>(b));
}

TEST(StdAllocator, ServesTheContainers) {
  StrictAllocator a;
  std::vector<int, Strict<int>> vector(a);
  std::deque<int, Strict<int>> deque(a);
  std::list<int, Strict<int>> list(a);
  std::forward_list<int, Strict<int>> forward_list(a);
  std::set<int, std::less<>, Strict<int>> set(a);
  std::map<int, int, std::less<>, Strict<std::pair<const int, int>>> map(a);
  std::unordered_map<int, int, std::hash<int>, std::equal_to<>, Strict<std::pair<const int, int>>>
      table(a);
  std::basic_string<char, std::char_traits<char>, Strict<char>> string(a);
  for (int i = 0; i < 1000; ++i) {
    vector.push_back(i);
    deque.push_front(i);
    list.push_back(i);
    forward_list.push_front(i);
    set.insert(i % 100);
    map[i] = i;
    table[i] = i;
    string += static_cast<char>('a' + i % 26);
  }
  EXPECT_EQ(499'500, std::accumulate(vector.begin(), vector.end(), 0));
  EXPECT_EQ(499'500, std::accumulate(deque.begin(), deque.end(), 0));
  EXPECT_EQ(499'500, std::accumulate(list.begin(), list.end(), 0));
  EXPECT_EQ(499'500, std::accumulate(forward_list.begin(), forward_list.end(), 0));
  EXPECT_EQ(100u, set.size());
  EXPECT_EQ(1000u, map.size());
  EXPECT_EQ(999, table.at(999));
  EXPECT_EQ(1000u, string.size());
}

TEST(StdAllocator, ContainersCopyMoveAndSwap) {
  StrictAllocator a;
  StrictAllocator b;
  using Numbers = std::vector<int, Strict<int>>;
  Numbers one({1, 2, 3}, a);
  Numbers copy = one;
  EXPECT_TRUE(a.owns(copy.data()));
  Numbers other({4, 5}, b);
  other = one;  // keeps its allocator
  EXPECT_TRUE(b.owns(other.data()) && other == one);
  swap(one, other);
  EXPECT_TRUE(b.owns(one.data()) && a.owns(other.data()));
  const int* const data = one.data();
  copy = std::move(one);  // takes memory and allocator over
  EXPECT_EQ(data, copy.data());
  EXPECT_TRUE(b.owns(copy.data()) && copy.get_allocator() == Strict<int>(b));
}

TEST(StdAllocator, ServesSharedPointers) {
  StrictAllocator a;
  const auto number = std::allocate_shared<int>(Strict<int>(a), 42);
  EXPECT_EQ(42, *number);
  EXPECT_EQ(1u, a.live());
}

TEST(StdAllocator, ServesContainersInContainers) {
  StrictAllocator a;
  using String = std::basic_string<char, std::char_traits<char>, Strict<char>>;
  std::vector<String, std::scoped_allocator_adaptor<Strict<String>>> strings{Strict<String>(a)};
  strings.emplace_back("a string that is too long to be stored without allocating");
  EXPECT_TRUE(a.owns(strings[0].data()));
}

TEST(StdAllocator, L16_AlignmentIsKept) {
  struct alignas(256) Wide {
    char c;
  };
  std::vector<Wide, StdAllocator<Wide, System>> wide(10);
  for (const Wide& w : wide) EXPECT_EQ(0u, reinterpret_cast<std::uintptr_t>(&w) % 256);
}

TEST(StdAllocator, T1_AllocateAtLeastSaysWhatThereIs) {
  StrictAllocator a;  // gives more than asked for
  Strict<int> ints(a);
  const auto block = ints.allocate_at_least(100);
  EXPECT_GT(block.count, 100u);
  for (std::size_t i = 0; i < block.count; ++i) block.ptr[i] = 1;
  ints.deallocate(block.ptr, block.count);
}

TEST(StdAllocator, T10_DeallocateTakesAnySizeInBetween) {
  StrictAllocator a;
  Strict<int> ints(a);
  for (std::size_t n = 100; n <= 150; n += 10) {
    const auto block = ints.allocate_at_least(100);
    ints.deallocate(block.ptr, std::min(n, block.count));
  }
}

TEST(StdAllocator, T3_NoObjects) {
  StrictAllocator a;
  Strict<int> ints(a);
  ints.deallocate(ints.allocate(0), 0);
}

TEST(StdAllocator, FailureIsAnException) {
  StrictAllocator a;
  Strict<int> ints(a);
  EXPECT_THROW(static_cast<void>(ints.allocate(SIZE_MAX)), std::bad_array_new_length);
  EXPECT_THROW(static_cast<void>(ints.allocate(SIZE_MAX / 4 + 2)), std::bad_array_new_length);
  a.fail_after(0);
  EXPECT_THROW(static_cast<void>(ints.allocate(1)), AllocError);
  std::vector<int, Strict<int>> numbers(a);
  EXPECT_THROW(numbers.resize(10), std::bad_alloc);
  EXPECT_TRUE(numbers.empty());
}

TEST(StdAllocator, T13_OnAnArena) {
  Arena<System> arena;
  {
    std::map<int, int, std::less<>, StdAllocator<std::pair<const int, int>, ByRef<Arena<System>>>>
        map(arena);
    for (int i = 0; i < 1000; ++i) map[i] = i;
    EXPECT_TRUE(arena.owns(&map[500]));
  }
  arena.reset();
}

}  // namespace
}  // namespace mete::test
