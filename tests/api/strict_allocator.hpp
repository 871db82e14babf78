// Allocators for tests that hold their callers to the contract, and give them as little as it
// allows: only the functions that are required, blocks larger than asked for, memory full of
// rubbish, and no memory when the test says so. At the end everything must have come back.

#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "mete/allocator.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"
#include "mete/system.hpp"

namespace mete::test {

// The blocks that a caller holds, and how many more it may get.
class StrictBlocks {
 public:
  StrictBlocks() = default;
  StrictBlocks(const StrictBlocks&) = delete;
  StrictBlocks& operator=(const StrictBlocks&) = delete;
  ~StrictBlocks() { EXPECT_EQ(0u, live()) << "blocks were not given back"; }

  // From the n-th request on there is no memory.
  void fail_after(std::size_t n) { left_ = n; }
  void fail_no_more() { left_ = std::numeric_limits<std::size_t>::max(); }

  std::size_t live() const { return blocks_.size(); }
  std::size_t requests() const { return requests_; }

  bool owns(const void* ptr) const noexcept {
    const auto after = blocks_.upper_bound(ptr);
    if (after == blocks_.begin()) return false;
    const auto& [begin, block] = *std::prev(after);
    return ptr < static_cast<const std::byte*>(begin) + block.size;
  }

 protected:
  Block take(Layout layout, std::size_t slack) {
    EXPECT_NE(0u, layout.size()) << "size 0 is not for members";
    ++requests_;
    if (left_ == 0) return {};
    --left_;
    const auto larger = Layout::from_size_align(layout.size() + slack, layout.align());
    void* const ptr = larger ? System::alloc(*larger) : nullptr;
    if (ptr == nullptr) return {};
    std::memset(ptr, 0xa5, larger->size());
    blocks_.insert_or_assign(ptr, Given{layout, larger->size()});
    return {ptr, larger->size()};
  }

  // The layout fits: the same alignment, a size from what was asked for to what was given (T10).
  void give(void* ptr, Layout layout) {
    const auto found = blocks_.find(ptr);
    ASSERT_NE(blocks_.end(), found) << "no block of this allocator";
    const auto [asked, size] = found->second;
    EXPECT_EQ(asked.align(), layout.align());
    EXPECT_LE(asked.size(), layout.size());
    EXPECT_GE(size, layout.size());
    blocks_.erase(found);
    std::memset(ptr, 0x5a, size);
    System::dealloc(ptr, Layout::from_size_align_unchecked(size, asked.align()));
  }

 private:
  struct Given {
    Layout asked;
    std::size_t size;
  };
  std::map<const void*, Given, std::less<>> blocks_;
  std::size_t left_ = std::numeric_limits<std::size_t>::max();
  std::size_t requests_ = 0;
};

class StrictAllocator : public StrictBlocks {
 public:
  Block allocate(Layout layout) noexcept { return take(layout, layout.size() / 2 + 3); }
  void deallocate(void* ptr, Layout layout) noexcept { give(ptr, layout); }
};

class StrictGlobalAlloc : public StrictBlocks {
 public:
  void* alloc(Layout layout) noexcept { return take(layout, 0).ptr; }
  void dealloc(void* ptr, Layout layout) noexcept { give(ptr, layout); }
};

static_assert(Allocator<StrictAllocator> && GlobalAlloc<StrictGlobalAlloc>);

}  // namespace mete::test
