// The global allocator of a program that selects none: mete's own heap, by Layout and typed.

#include "mete/global.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "global/process_heap.hpp"
#include "mete/std_allocator.hpp"
#include "mete/typed.hpp"

namespace mete {
namespace {

bool is_aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

TEST(GlobalAllocator, P4_IsTheHeapOfMete) {
  void* const block = alloc(layout(100, 8));
  ASSERT_NE(nullptr, block);
  EXPECT_GE(global::usable_size(block), 100u) << "dies if the block is not the heap's";
  dealloc(block, layout(100, 8));
}

TEST(GlobalAllocator, G1_EverySizeAndAlignment) {
  for (std::size_t align = 1; align <= std::size_t{1} << 22; align *= 2) {
    for (const std::size_t size :
         {1u, 7u, 8u, 24u, 40u, 129u, 4096u, 32'768u, 32'769u, 1'000'000u}) {
      const Layout wanted = layout(size, align);
      void* const block = alloc(wanted);
      ASSERT_NE(nullptr, block) << wanted;
      ASSERT_TRUE(is_aligned(block, align)) << wanted;
      ASSERT_GE(global::usable_size(block), usable_size(wanted)) << wanted;
      ASSERT_GE(usable_size(wanted), size);
      std::memset(block, 0xa5, usable_size(wanted));
      dealloc(block, wanted);
      void* const zeroed = alloc_zeroed(wanted);
      ASSERT_NE(nullptr, zeroed) << wanted;
      ASSERT_TRUE(is_aligned(zeroed, align)) << wanted;
      for (std::size_t i = 0; i < size; i += 1 + size / 97)
        ASSERT_EQ(0, static_cast<char*>(zeroed)[i]) << wanted;
      dealloc(zeroed, wanted);
    }
  }
}

TEST(GlobalAllocator, G4_ReallocKeepsContentsAndAlignment) {
  for (const std::size_t align : {1u, 8u, 16u, 64u, 4096u, 65'536u}) {
    std::size_t size = 3;
    auto* block = static_cast<unsigned char*>(alloc(layout(size, align)));
    for (std::size_t i = 0; i < size; ++i) block[i] = static_cast<unsigned char>(i * 7);
    for (const std::size_t next : {10u, 500u, 20'000u, 100'000u, 3'000'000u, 70'000u, 900u, 5u}) {
      block = static_cast<unsigned char*>(realloc(block, layout(size, align), next));
      ASSERT_NE(nullptr, block);
      ASSERT_TRUE(is_aligned(block, align));
      for (std::size_t i = 0; i < size && i < next; ++i)
        ASSERT_EQ(static_cast<unsigned char>(i * 7), block[i]);
      for (std::size_t i = size; i < next; ++i) block[i] = static_cast<unsigned char>(i * 7);
      size = next;
    }
    dealloc(block, layout(size, align));
  }
}

TEST(GlobalAllocator, G5_WhatNoLayoutCanHaveIsRefused) {
  void* const block = alloc(layout(16, 16));
  std::memset(block, 7, 16);
  EXPECT_EQ(nullptr, realloc(block, layout(16, 16), SIZE_MAX));
  EXPECT_EQ(nullptr, realloc(block, layout(16, 16), std::size_t{PTRDIFF_MAX} - 100));
  for (int i = 0; i < 16; ++i) EXPECT_EQ(7, static_cast<char*>(block)[i]);
  dealloc(block, layout(16, 16));
  EXPECT_EQ(nullptr, alloc(layout(std::size_t{PTRDIFF_MAX} - 4096, 8)));
}

TEST(GlobalAllocator, B4_InPlaceOnlyAsFarAsThereIsRoom) {
  const Layout small = layout(20, 8);
  void* const block = alloc(small);
  EXPECT_EQ(usable_size(small), realloc_in_place(block, small, 24));
  EXPECT_EQ(20u, realloc_in_place(block, small, 25));
  dealloc(block, small);
  const Layout large = layout(100'000, 8);
  void* const run = alloc(large);
  const std::size_t now = realloc_in_place(run, large, 110'000);
  EXPECT_TRUE(now == 100'000 || now >= 110'000) << now;
  if (now != 100'000) std::memset(run, 1, now);
  dealloc(run, layout(now, 8));
}

TEST(GlobalAllocator, SmallAlignmentsWasteLess) {
  EXPECT_EQ(24u, usable_size(layout(24, 8)));
  EXPECT_EQ(32u, usable_size(layout(24, 16)));
}

TEST(GlobalAllocator, ContainersWork) {
  std::map<int, std::string, std::less<>, StdAllocator<std::pair<const int, std::string>, Global>>
      map;
  for (int i = 0; i < 1000; ++i) map[i * 37 % 1000] = std::to_string(i);
  EXPECT_EQ(1000u, map.size());
}

struct Node {
  explicit Node(int number) : value(number) {
    if (number < 0) throw std::invalid_argument("negative");
    ++alive;
  }
  ~Node() { --alive; }
  int value;
  Node* links[2] = {};
  static inline int alive = 0;
};

TEST(Typed, MakeAndDestroy) {
  Node* const node = make<Node>(5);
  EXPECT_EQ(5, node->value);
  EXPECT_EQ(1, Node::alive);
  EXPECT_EQ(24u, global::usable_size(node)) << "a class of its own size: 8-byte alignment";
  destroy(node);
  EXPECT_EQ(0, Node::alive);
  destroy(static_cast<Node*>(nullptr));
}

TEST(Typed, AConstructorThatThrowsGivesTheMemoryBack) {
  void* const block = alloc<Layout::of<Node>()>();
  dealloc<Layout::of<Node>()>(block);
  EXPECT_THROW((void)make<Node>(-1), std::invalid_argument);
  void* const again = alloc<Layout::of<Node>()>();
  EXPECT_EQ(block, again) << "it is the last that was freed";
  dealloc<Layout::of<Node>()>(again);
}

template <std::size_t size, std::size_t align>
void check_typed() {
  constexpr Layout kLayout = Layout::from_size_align_unchecked(size, align);
  std::vector<void*> blocks;
  for (int i = 0; i < 300; ++i) {
    void* const block = alloc<kLayout>();
    ASSERT_NE(nullptr, block);
    ASSERT_TRUE(is_aligned(block, align)) << kLayout;
    ASSERT_GE(global::usable_size(block), size);
    std::memset(block, i, size);
    blocks.push_back(block);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i)
    ASSERT_EQ(static_cast<char>(i), static_cast<char*>(blocks[i])[size - 1]);
  // Typed and by Layout are the same allocator.
  for (std::size_t i = 0; i < blocks.size(); ++i)
    i % 2 == 0 ? dealloc<kLayout>(blocks[i]) : dealloc(blocks[i], kLayout);
}

TEST(Typed, EveryKindOfLayout) {
  check_typed<1, 1>();
  check_typed<8, 8>();
  check_typed<24, 8>();
  check_typed<24, 16>();
  check_typed<40, 32>();
  check_typed<64, 64>();
  check_typed<100, 4096>();
  check_typed<5000, 8>();
  check_typed<32'768, 16>();
  check_typed<32'769, 16>();
  check_typed<100, 65'536>();
}

TEST(Typed, FreedInAnotherThread) {
  constexpr Layout kLayout = Layout::of<Node>();
  std::vector<void*> blocks;
  for (int i = 0; i < 10'000; ++i) blocks.push_back(alloc<kLayout>());
  std::thread([&] {
    for (void* block : blocks) dealloc<kLayout>(block);
    void* const own = alloc<kLayout>();
    ASSERT_NE(nullptr, own);
    dealloc<kLayout>(own);
  }).join();
  for (void*& block : blocks) block = alloc<kLayout>();
  for (void* block : blocks) dealloc<kLayout>(block);
}

}  // namespace
}  // namespace mete
