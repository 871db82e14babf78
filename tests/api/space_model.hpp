// What the tests of Space share: a model of the blocks that are live, and random work against it.

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>

#include "mete/space.hpp"
#include "support/bytes.hpp"
#include "support/random.hpp"

namespace mete::test {

inline bool aligned(const void* ptr, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(ptr) % align == 0;
}

// Blocks that are live, each filled with a number of its own; none may overlap.
class Model {
 public:
  explicit Model(Space& space) : space_(space) {}

  void add(void* ptr, std::size_t size) {
    ASSERT_TRUE(space_.owns(ptr));
    ASSERT_GE(space_.usable_size(ptr), size);
    const auto [here, fresh] =
        blocks_.emplace(static_cast<unsigned char*>(ptr), Contents{size, ++stamp_});
    ASSERT_TRUE(fresh);
    if (here != blocks_.begin()) {
      const auto before = std::prev(here);
      ASSERT_LE(before->first + before->second.size, here->first);
    }
    if (const auto after = std::next(here); after != blocks_.end()) {
      ASSERT_LE(here->first + size, after->first);
    }
    std::memset(ptr, here->second.stamp, size);
  }

  // Takes a block out. Returns: its first byte; null if there is none, or not what it was.
  void* remove(support::Random& random, std::size_t& size) {
    if (blocks_.empty()) return nullptr;
    auto here =
        std::next(blocks_.begin(), static_cast<std::ptrdiff_t>(random.below(blocks_.size())));
    unsigned char* const ptr = here->first;
    size = here->second.size;
    last_stamp_ = here->second.stamp;
    EXPECT_TRUE(holds(ptr, size));
    blocks_.erase(here);
    return ptr;
  }
  // Whether the first bytes are those of the block that was removed last.
  bool holds(const void* ptr, std::size_t size) const {
    return end_of_value(ptr, 0, size, last_stamp_) == size;
  }

  std::size_t size() const { return blocks_.size(); }

 private:
  struct Contents {
    std::size_t size;
    unsigned char stamp;
  };
  Space& space_;
  std::map<unsigned char*, Contents> blocks_;
  unsigned char stamp_ = 0;
  unsigned char last_stamp_ = 0;
};

inline void expect_well(const Space& space) {
  const char* const fault = space.check();
  ASSERT_EQ(nullptr, fault) << fault;
}

// Steps at random in a space, which is checked after each; ends with nothing in use.
inline void work_at_random(Space& space, std::uint64_t seed, int steps, std::size_t largest,
                           std::size_t most_blocks) {
  support::Random random(seed);
  Model model(space);
  std::size_t size = 0;
  for (int step = 0; step < steps; ++step) {
    if (model.size() < most_blocks && random.one_in(2)) {
      const std::size_t align = std::size_t{1} << random.below(random.one_in(4) ? 11 : 4);
      size = random.one_in(20) ? 0 : random.log_uniform(1, largest);
      void* const ptr = space.allocate(size, align);
      if (ptr != nullptr) {
        ASSERT_TRUE(aligned(ptr, align));
        ASSERT_TRUE(aligned(ptr, Space::kGranule));
        model.add(ptr, size);
      }
    } else if (void* const ptr = model.remove(random, size)) {
      const std::size_t wanted = random.log_uniform(1, largest);
      if (random.one_in(4)) {
        const bool fits = space.resize_in_place(ptr, wanted);
        ASSERT_TRUE(model.holds(ptr, std::min(size, fits ? wanted : size)));
        model.add(ptr, fits ? wanted : size);
      } else if (random.one_in(3)) {
        void* const moved = space.reallocate(ptr, wanted, 8);
        if (moved != nullptr) {
          ASSERT_TRUE(model.holds(moved, std::min(size, wanted)));
        }
        moved != nullptr ? model.add(moved, wanted) : model.add(ptr, size);
      } else {
        space.deallocate(ptr);
      }
    }
    ASSERT_NO_FATAL_FAILURE(expect_well(space));
    ASSERT_EQ(model.size(), space.statistics().blocks);
  }
  while (void* const ptr = model.remove(random, size)) space.deallocate(ptr);
  ASSERT_NO_FATAL_FAILURE(expect_well(space));
  EXPECT_EQ(0u, space.statistics().in_use);
}

}  // namespace mete::test
