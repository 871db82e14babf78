// The model: blocks that are live, each with contents of its own; none may overlap.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>

#include "fuzz/input.hpp"

namespace mete::fuzz {

struct LiveBlock {
  unsigned char* at;
  std::size_t bytes;   // as asked for
  std::size_t usable;  // as it was said to be
  int owner;           // whose it is, as the caller counts
  unsigned char stamp = 0;

  // Whether the first bytes are as they were written.
  bool holds(std::size_t first) const {
    return first == 0 || (at[0] == stamp && std::memcmp(at, at + 1, first - 1) == 0);
  }
};

class LiveBlocks {
 public:
  static constexpr std::size_t kMost = 48;
  using ByAddress = std::map<const void*, LiveBlock>;

  bool is_full() const { return all_.size() >= kMost; }
  const ByAddress& all() const { return all_; }
  const LiveBlock* find(const void* at) const {
    const auto block = all_.find(at);
    return block != all_.end() ? &block->second : nullptr;
  }

  // Fills the block with a stamp of its own, all that it may use.
  void add(void* at, std::size_t bytes, std::size_t usable, int owner) {
    METE_EXPECT(usable >= bytes);
    METE_EXPECT(reinterpret_cast<std::uintptr_t>(at) % (2 * sizeof(void*)) == 0);
    const LiveBlock block{static_cast<unsigned char*>(at), bytes, usable, owner, ++last_stamp_};
    const auto above = all_.lower_bound(at);
    METE_EXPECT(above == all_.end() || block.at + usable <= above->second.at);
    if (above != all_.begin()) {
      const LiveBlock& below = std::prev(above)->second;
      METE_EXPECT(below.at + below.usable <= block.at);
    }
    std::memset(at, block.stamp, usable);
    all_.emplace(at, block);
  }

  // Takes a block of the owner out, if there is one.
  bool take(Input& input, int owner, LiveBlock& taken) {
    std::size_t skip = input.below(kMost);
    const auto is_owners = [owner](const auto& block) { return block.second.owner == owner; };
    auto here = std::find_if(all_.begin(), all_.end(),
                             [&](const auto& block) { return is_owners(block) && skip-- == 0; });
    if (here == all_.end()) here = std::find_if(all_.begin(), all_.end(), is_owners);
    if (here == all_.end()) return false;
    taken = here->second;
    METE_EXPECT(taken.holds(taken.usable));
    all_.erase(here);
    return true;
  }
  // Puts one back as it was.
  void put_back(const LiveBlock& block) {
    METE_EXPECT(block.holds(block.usable));
    all_.emplace(block.at, block);
  }

  void forget(int owner) {
    std::erase_if(all_, [owner](const auto& block) { return block.second.owner == owner; });
  }

  // What is next to the words of the allocator is what it would hurt first.
  void expect_edges() const {
    for (const auto& [at, block] : all_) {
      METE_EXPECT(block.at[0] == block.stamp);
      METE_EXPECT(block.at[block.usable - 1] == block.stamp);
    }
  }
  void expect_whole() const {
    for (const auto& [at, block] : all_) METE_EXPECT(block.holds(block.usable));
  }

 private:
  ByAddress all_;
  unsigned char last_stamp_ = 0;
};

}  // namespace mete::fuzz
