// Blocks freed by another thread than allocated them: batches for their owners, and blocks that a
// thread borrows.

#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "heap/shared_heap.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

TEST(RemoteFree, OwnerUsesTheBlocksAgain) {
  for (const std::size_t bytes : {16u, 64u, 1000u, 20'000u}) {
    const std::vector<void*> blocks = allocate_many(640, bytes);
    const std::uint32_t in_use = domain.pages.statistics().in_use.value;
    in_thread([&] { free_all(blocks); });
    const std::vector<void*> again = allocate_many(640, bytes);
    EXPECT_LE(domain.pages.statistics().in_use.value, in_use + 4 * 16)
        << "the owner took them back before it grew";
    free_all(again);
  }
  EXPECT_GT(heap_statistics().batches, 0u);
}

TEST(RemoteFree, BatchesAreFarFewerThanBlocks) {
  const std::vector<void*> blocks = allocate_many(6400, 64);
  const std::uint64_t before = heap_statistics().batches;
  in_thread([&] { free_all(blocks); });
  EXPECT_LE(heap_statistics().batches - before, 6400u / 16);
}

// Frees a batch of 64 bytes in a thread that begins to borrow before the last block, or does not.
// Returns: whether the entry of the outbox is open for the next batch, and empty.
bool goes_on_after_a_batch(bool borrows) {
  const SizeClass size_class = class_of(64);
  const std::vector<void*> blocks =
      allocate_many(static_cast<std::size_t>(bin_limit(size_class)), 64);
  bool goes_on = false;
  in_thread([&] {
    Bins& bins = *current_bins;
    const SlabWord difference = slab_map.word_of(blocks[0]) ^ bins.owner_word;
    const Outbox::Entry& entry = bins.outbox.entry_for(difference);
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i) deallocate(blocks[i]);
    EXPECT_EQ(blocks.size() - 1, entry.length());
    bins.borrows[size_class.index] = borrows;
    deallocate(blocks.back());
    EXPECT_EQ(0u, entry.length());
    goes_on = entry.difference == difference;
    bins.borrows[size_class.index] = false;
  });
  return goes_on;
}

TEST(RemoteFree, AFullBatchLeavesItsEntryOpen) { EXPECT_TRUE(goes_on_after_a_batch(false)); }

TEST(RemoteFree, UnlessTheThreadBorrows) { EXPECT_FALSE(goes_on_after_a_batch(true)); }

TEST(RemoteFree, ASleepingOwnerDoesNotHoardMemory) {
  // The owner allocates 16 MiB and does nothing more; another thread frees all of it.
  std::vector<void*> blocks;
  std::atomic<int> stage{0};
  std::thread owner([&] {
    blocks = allocate_many(16 << 10, 1024);
    stage = 1;
    while (stage != 2) std::this_thread::yield();
  });
  while (stage != 1) std::this_thread::yield();
  free_all(blocks);
  EXPECT_LT(domain.pages.statistics().in_use.value * 4096u, 4u << 20)
      << "whoever frees puts them back";
  stage = 2;
  owner.join();
}

TEST(RemoteFree, WorksWithoutAHeapOfOnesOwn) {
  const std::vector<void*> blocks = allocate_many(100, 100);
  void* const large = allocate(1'000'000);
  in_thread([&] {
    deallocate(blocks[0]);  // the first thing that the thread does
    free_all({blocks.begin() + 1, blocks.end()});
    deallocate(large);
  });
  EXPECT_EQ(nullptr, domain.pages.audit());
}

// The same blocks freed in the same pieces; what differs is whether the owner takes a slow path
// between two of them. Returns: pages in use that the frees gave back.
std::size_t given_back_by_sender(bool owner_works) {
  constexpr std::size_t kBytes = 1024;
  constexpr std::size_t kPieces = 12;
  constexpr std::size_t kPiece = 100;
  const std::vector<void*> blocks = allocate_many(kPieces * kPiece, kBytes);
  const std::size_t before = domain.pages.statistics().in_use.value;
  for (std::size_t i = 0; i < kPieces; ++i) {
    in_thread([&] {
      for (std::size_t j = 0; j < kPiece; ++j) deallocate(blocks[i * kPiece + j]);
    });
    if (owner_works) current_bins->heap->slow_event();
  }
  return before - domain.pages.statistics().in_use.value;
}

TEST(RemoteFree, AnOwnerAtWorkEmptiesItsInboxesItself) {
  EXPECT_EQ(0u, given_back_by_sender(true));
  EXPECT_EQ(0u, heap_statistics().carved - heap_statistics().free) << "nothing is lost";
}

TEST(RemoteFree, ForASleepingOwnerTheSenderEmptiesThem) {
  EXPECT_GT(given_back_by_sender(false), 4u * 16);
}

TEST(RemoteFree, WithoutCreditTheyWaitForTheOwnerOrForGrowth) {
  for (int i = 0; i < 4; ++i) free_all(allocate_many(4096, 1024));
  ASSERT_FALSE(domain.pages.would_purge(std::size_t{512} << 10));
  Heap& heap = *current_bins->heap;
  EXPECT_EQ(0u, given_back_by_sender(false)) << "nothing would go back to the system";
  EXPECT_EQ(0u, heap_statistics().carved - heap_statistics().free) << "nothing is lost";
  const std::uint64_t slabs = heap_statistics().slabs;
  in_thread([&] {
    for (int i = 0; i < 3; ++i) heap.drain_for_growth();
  });
  EXPECT_LT(heap_statistics().slabs, slabs / 2);
}

TEST(RemoteFree, ManyThreadsExchangeBlocks) {
  constexpr int kThreads = 4;
  std::atomic<void*> mail[64] = {};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Random random(static_cast<std::uint64_t>(t) + 1);
      for (int i = 0; i < 30'000 / kSlowdown; ++i) {
        const std::size_t bytes =
            1 + (random.one_in(50) ? random.below(100'000) : random.below(2000));
        auto* const block = static_cast<unsigned char*>(allocate(bytes));
        ASSERT_NE(nullptr, block);
        block[0] = static_cast<unsigned char>(bytes);
        if (bytes > 8) {
          block[bytes - 1] = block[0];
        }
        void* const other = mail[random.below(64)].exchange(block);
        if (other == nullptr) continue;
        deallocate(other);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::atomic<void*>& slot : mail) deallocate(slot.load());
  EXPECT_EQ(nullptr, domain.pages.audit());
}

std::uint32_t owner(const void* block) { return owner_of(slab_map.word_of(block)); }

// Makes the thread one that needs more blocks than it frees.
std::vector<void*> need_many(std::size_t bytes) {
  return allocate_many(3 * static_cast<std::size_t>(bin_limit(class_of(bytes))), bytes);
}

TEST(Borrowing, AThreadThatNeedsBlocksTakesThoseThatItFrees) {
  for (const std::size_t bytes : {16u, 256u, 4096u}) {
    std::vector<void*> blocks = allocate_many(640, bytes);
    const std::uint32_t lender = own_id();
    in_thread([&] {
      const std::vector<void*> needed = need_many(bytes);
      const std::uint64_t carved = heap_statistics().carved;
      for (void*& block : blocks) {
        void* const before = block;
        deallocate(block);
        block = allocate(bytes);
        EXPECT_EQ(before, block) << "the one that is in the cache";
        EXPECT_EQ(lender, owner(block));
      }
      EXPECT_EQ(carved, heap_statistics().carved);
      free_all(needed);
    });
    free_all(blocks);
  }
  EXPECT_EQ(nullptr, domain.pages.audit());
}

TEST(Borrowing, EndsWhenTheBinIsFull) {
  const std::vector<void*> blocks = allocate_many(640, 64);
  const std::uint32_t lender = own_id();
  in_thread([&] {
    const std::vector<void*> needed = need_many(64);
    EXPECT_TRUE(current_bins->may_borrow(slab_map.word_of(blocks[0])));
    free_all(blocks);
    EXPECT_FALSE(current_bins->may_borrow(slab_map.word_of(blocks[0])));
    free_all(needed);
  });
  // The thread's end has sent everything home.
  const std::vector<void*> again = allocate_many(640, 64);
  for (void* block : again) EXPECT_EQ(lender, owner(block));
  free_all(again);
}

TEST(Borrowing, IsNotForThoseThatOnlyFree) {
  const std::vector<void*> blocks = allocate_many(640, 64);
  in_thread([&] {
    void* const few = allocate(64);
    free_all(blocks);
    EXPECT_NE(owner(blocks[0]), owner(allocate(64)));
    deallocate(few);
  });
}

TEST(Borrowing, SharedHeapsLendNothing) {
  SharedHeap* const heap = begin_shared_heap({});
  void* const block = heap->allocate(64, 1, false);
  in_thread([&] {
    const std::vector<void*> needed = need_many(64);
    deallocate(block);
    EXPECT_EQ(0u, heap->statistics().blocks);
    free_all(needed);
  });
  heap->end();
}

}  // namespace
}  // namespace mete::heap
