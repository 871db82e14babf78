// What the tests of the whole engine share: blocks with contents that can be checked, and sums of
// its counters.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <thread>
#include <vector>

#include "heap/domain.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"
#include "heap/thread_heaps.hpp"
#include "unit/fake_port/fake_port.hpp"
#include "unit/random.hpp"

namespace mete::heap {

inline std::uintptr_t address_of(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer);
}

// The heap of this thread, 0 if it has none.
inline std::uint32_t own_id() {
  return current_bins->heap == nullptr ? 0 : current_bins->heap->id();
}

inline std::vector<void*> allocate_many(std::size_t count, std::size_t bytes) {
  std::vector<void*> blocks(count);
  for (void*& block : blocks) block = allocate(bytes);
  return blocks;
}

inline void free_all(const std::vector<void*>& blocks) {
  for (void* block : blocks) deallocate(block);
}

// Runs in a thread of its own and waits for its end.
template <class Function>
void in_young_thread(Function function) {
  std::thread(function).join();
}

// In one that has its heap already.
template <class Function>
void in_thread(Function function) {
  in_young_thread([&] {
    ASSERT_NE(nullptr, attach_thread());
    function();
  });
}

// Bytes in use, once the depot and every heap have put back what they hold, and what others sent to
// them by that. The calling thread has a heap, the others are still.
inline std::uint64_t bytes_out() {
  Heap* const heap = current_bins->heap;
  for (int i = 0; i < 3; ++i) {
    heap->flush();
    heap->empty_depot();
    collect_all_but(heap);
  }
  return heap_statistics().carved - heap_statistics().free;
}

// Blocks that are live, each filled with a pattern of its own; they must not overlap.
class LiveBlocks {
 public:
  ~LiveBlocks() { free_all(); }

  // Takes a new block into the set; null is ignored. Returns: whether there was a block.
  bool add(void* pointer, std::size_t bytes) {
    if (pointer == nullptr) return false;
    const std::size_t usable = usable_size(pointer);
    EXPECT_GE(usable, bytes);
    EXPECT_TRUE(owns(pointer));
    const auto [here, fresh] =
        blocks_.emplace(address_of(pointer), Contents{bytes, usable, ++stamps_});
    EXPECT_TRUE(fresh) << "given out twice";
    if (here != blocks_.begin()) {
      const auto before = std::prev(here);
      EXPECT_LE(before->first + before->second.usable, here->first);
    }
    if (const auto after = std::next(here); after != blocks_.end()) {
      EXPECT_LE(here->first + usable, after->first);
    }
    fill(pointer, here->second);
    return true;
  }

  // The block's contents up to `bytes` are what was written, now at `pointer`; forgets the block.
  void remove(void* old_pointer, const void* pointer, std::size_t bytes) {
    const auto here = blocks_.find(address_of(old_pointer));
    ASSERT_NE(blocks_.end(), here);
    const auto* data = static_cast<const unsigned char*>(pointer);
    const std::size_t end = std::min(bytes, here->second.bytes);
    const std::size_t all = here->second.bytes;
    for (std::size_t i = 0; i < end; i = next(i, all)) ASSERT_EQ(byte(here->second, i), data[i]);
    blocks_.erase(here);
  }

  void free(void* pointer) {
    remove(pointer, pointer, ~std::size_t{0});
    deallocate(pointer);
  }

  // Resizes a block. Returns: whether there was memory; if not it is unchanged.
  bool resize(void* pointer, std::size_t bytes) {
    void* const moved = reallocate(pointer, bytes);
    if (moved == nullptr) return false;
    remove(pointer, moved, bytes);
    return add(moved, bytes);
  }

  void free_all() {
    while (!blocks_.empty()) free(first());
  }

  void* first() const { return reinterpret_cast<void*>(blocks_.begin()->first); }
  void* any(Random& random) const {
    const std::uintptr_t low = blocks_.begin()->first;
    const std::uintptr_t span = blocks_.rbegin()->first - low + 1;
    return reinterpret_cast<void*>(
        blocks_.lower_bound(low + (std::uintptr_t{random()} << 16 | random()) % span)->first);
  }
  std::size_t size() const { return blocks_.size(); }
  bool empty() const { return blocks_.empty(); }

 private:
  struct Contents {
    std::size_t bytes;
    std::size_t usable;
    std::uint32_t stamp;
  };

  // From byte to byte at both ends of a block, in longer strides between them.
  static std::size_t next(std::size_t i, std::size_t end) {
    constexpr std::size_t kEnd = 128;
    constexpr std::size_t kStride = 509;
    if (i < kEnd || i + kEnd >= end) return i + 1;
    return std::min(i + kStride, end - kEnd);
  }
  static unsigned char byte(const Contents& contents, std::size_t i) {
    return static_cast<unsigned char>(contents.stamp * 31 + i * 7);
  }
  static void fill(void* pointer, const Contents& contents) {
    auto* data = static_cast<unsigned char*>(pointer);
    for (std::size_t i = 0; i < contents.bytes; i = next(i, contents.bytes))
      data[i] = byte(contents, i);
    // All that may be used can be written.
    for (std::size_t i = contents.bytes; i < contents.usable; i += 61) data[i] = 0xee;
    if (contents.usable > contents.bytes) data[contents.usable - 1] = 0xee;
  }

  std::map<std::uintptr_t, Contents> blocks_;
  std::uint32_t stamps_ = 0;
};

}  // namespace mete::heap
