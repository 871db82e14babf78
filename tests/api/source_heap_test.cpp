// Heap on memory of its user: a buffer, a source, or both.

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>
#include <thread>
#include <vector>

#include "mete/global.hpp"
#include "mete/heap.hpp"
#include "support/bytes.hpp"
#include "support/random.hpp"

namespace mete::test {
namespace {

constexpr std::size_t kKiB = 1024;

Layout layout(std::size_t size, std::size_t align = 8) {
  return Layout::from_size_align(size, align).value();
}

// Pieces from a static pool, which is no memory of mete.
struct Pool {
  alignas(4096) static inline std::byte memory[4096 * kKiB];
  std::map<std::byte*, std::size_t> taken;
  std::size_t next = 0;
  bool refuses = false;

  mete_memory_source source{
      [](void* self, std::size_t* bytes) { return static_cast<Pool*>(self)->take(*bytes); },
      [](void* self, void* base, std::size_t bytes) {
        return static_cast<Pool*>(self)->give(base, bytes);
      },
      this, 4 * kKiB};

  void* take(std::size_t bytes) {
    if (refuses || next + bytes > sizeof(memory)) return nullptr;
    std::byte* const base = memory + next;
    next += bytes;
    taken[base] = bytes;
    return base;
  }
  int give(void* base, std::size_t bytes) {
    auto* at = static_cast<std::byte*>(base);
    for (std::byte* const end = at + bytes; at != end;) {
      const auto piece = taken.find(at);
      if (piece == taken.end()) {
        ADD_FAILURE() << "what is given back was not taken";
        return 0;
      }
      at += piece->second;
      taken.erase(piece);
    }
    return 1;
  }
};

TEST(SourceHeap, APageIsEnough) {
  alignas(16) static std::byte page[4096];
  Heap heap({.name = "page", .buffer = page});
  ASSERT_TRUE(heap);
  EXPECT_STREQ("page", heap.name());
  std::size_t count = 0;
  while (void* const ptr = heap.alloc(layout(56))) {
    EXPECT_TRUE(heap.owns(ptr));
    std::memset(ptr, 1, 56);
    ++count;
  }
  EXPECT_GE(count, 40u);
  EXPECT_EQ(count, heap.statistics().blocks);
  EXPECT_LE(heap.statistics().held, sizeof(page));
  heap.reset();
  EXPECT_EQ(0u, heap.statistics().blocks);
  EXPECT_NE(nullptr, heap.alloc(layout(2000)));
}

TEST(SourceHeap, WhatIsTooSmallIsNoHeap) {
  alignas(16) static std::byte buffer[120 * sizeof(void*)];
  EXPECT_FALSE(Heap({.buffer = buffer}));
  alignas(16) static std::byte page[4096];
  EXPECT_FALSE(Heap({.capacity = 4000, .buffer = page}));
  Pool pool;
  pool.refuses = true;
  EXPECT_FALSE(Heap({.source = &pool.source}));
  pool.refuses = false;
  EXPECT_FALSE(Heap({.capacity = SIZE_MAX / 4, .source = &pool.source}));
  pool.source.step = 3;
  EXPECT_FALSE(Heap({.source = &pool.source}));
  EXPECT_TRUE(pool.taken.empty()) << "nothing is kept";
}

TEST(SourceHeap, TakesFromTheSourceAndGivesItBack) {
  Pool pool;
  {
    Heap heap({.source = &pool.source});
    ASSERT_TRUE(heap);
    for (int i = 0; i < 1000; ++i) ASSERT_NE(nullptr, heap.alloc(layout(1000, 64)));
    EXPECT_GT(pool.taken.size(), 1u);
    EXPECT_GE(heap.statistics().held, 1000 * 1000u);
  }
  EXPECT_TRUE(pool.taken.empty());
}

TEST(SourceHeap, TheBufferComesFirst) {
  alignas(16) static std::byte page[4096];
  Pool pool;
  Heap heap({.buffer = page, .source = &pool.source});
  EXPECT_NE(nullptr, heap.alloc(layout(1000)));
  EXPECT_TRUE(pool.taken.empty());
  EXPECT_NE(nullptr, heap.alloc(layout(10'000)));
  EXPECT_EQ(1u, pool.taken.size());
  heap.reset();
  EXPECT_TRUE(pool.taken.empty());
}

TEST(SourceHeap, TheLimitIsNeverPassed) {
  Pool pool;
  Heap heap({.limit = 20 * kKiB, .source = &pool.source});
  std::vector<void*> blocks;
  while (void* const ptr = heap.alloc(layout(1000))) blocks.push_back(ptr);
  EXPECT_EQ(20u * kKiB / 1008, blocks.size());
  EXPECT_EQ(nullptr, heap.realloc(blocks[0], layout(1000), 5000));
  heap.dealloc(blocks.back(), layout(1000));
  EXPECT_NE(nullptr, heap.alloc(layout(900)));
}

TEST(SourceHeap, TheProcessFindsTheOwnerOfABlock) {
  Pool pool;
  Heap heap({.source = &pool.source});
  Heap other;
  for (const std::size_t size : {10u, 5000u, 100'000u}) {
    mete::dealloc(heap.alloc(layout(size)), layout(size));
    EXPECT_EQ(0u, heap.statistics().blocks);
    other.dealloc(heap.alloc(layout(size)), layout(size));
    EXPECT_EQ(0u, heap.statistics().blocks);
    heap.dealloc(mete::alloc(layout(size)), layout(size));
    auto* const ptr = static_cast<char*>(heap.alloc(layout(size)));
    std::memset(ptr, 5, size);
    auto* const moved = static_cast<char*>(mete::realloc(ptr, layout(size), 3 * size));
    ASSERT_NE(nullptr, moved);
    EXPECT_EQ(5, moved[size - 1]);
    mete::dealloc(moved, layout(3 * size));
    EXPECT_EQ(0u, heap.statistics().blocks);
  }
}

TEST(SourceHeap, AnyThreadMayUseIt) {
  Pool pool;
  Heap heap({.source = &pool.source});
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&heap, t] {
      support::Random random(t);
      std::vector<std::span<unsigned char>> blocks;
      for (int step = 0; step < 5000; ++step) {
        if (blocks.size() < 20 || (blocks.size() < 60 && random.one_in(2))) {
          const std::size_t size = random.log_uniform(1, 5000);
          auto* const ptr = static_cast<unsigned char*>(heap.alloc_zeroed(layout(size)));
          ASSERT_NE(nullptr, ptr);
          std::memset(ptr, static_cast<int>(t + 1), size);
          blocks.emplace_back(ptr, size);
          continue;
        }
        std::span<unsigned char>& block = blocks[random.below(blocks.size())];
        ASSERT_TRUE(holds_only(block.data(), block.size(), static_cast<unsigned char>(t + 1)));
        random.one_in(2) ? heap.dealloc(block.data(), layout(block.size()))
                         : mete::dealloc(block.data(), layout(block.size()));
        block = blocks.back();
        blocks.pop_back();
      }
      for (const std::span<unsigned char> block : blocks)
        heap.dealloc(block.data(), layout(block.size()));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(0u, heap.statistics().blocks);
}

TEST(SourceHeap, IsWholeInTheChildOfAFork) {
  Pool pool;
  Heap heap({.source = &pool.source});
  std::atomic<bool> stop{false};
  std::thread busy([&] {
    while (!stop) heap.dealloc(heap.alloc(layout(100)), layout(100));
  });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      for (int j = 0; j < 100; ++j) heap.dealloc(heap.alloc(layout(200)), layout(200));
      _exit(0);
    }
    int status = -1;
    waitpid(child, &status, 0);
    EXPECT_EQ(0, status);
  }
  stop = true;
  busy.join();
}

TEST(SourceHeapDeathTest, AMistakeEndsTheProgram) {
  alignas(16) static std::byte page[4096];
  Heap heap({.buffer = page});
  void* const ptr = heap.alloc(layout(100));
  heap.dealloc(ptr, layout(100));
  EXPECT_DEATH(heap.dealloc(ptr, layout(100)), "mete: double free: 0x");
}

}  // namespace
}  // namespace mete::test
