// The live blocks of one thread. Which one is freed next is the caller's choice: random, oldest or
// newest.
//
// A ring in mapped memory: [first_, first_ + count_) are live.
#pragma once

#include <cstddef>
#include <utility>

#include "worker.hpp"

namespace stress {

enum class Order { kRandom, kOldest, kNewest };
inline constexpr Order kOrders[] = {Order::kRandom, Order::kOldest, Order::kNewest};

class LiveSet {
 public:
  explicit LiveSet(std::size_t capacity) noexcept : blocks_(capacity) {}

  std::size_t count() const noexcept { return count_; }
  std::size_t bytes() const noexcept { return bytes_; }
  bool empty() const noexcept { return count_ == 0; }
  bool full() const noexcept { return count_ == blocks_.size(); }

  void add(const Block& block) noexcept {
    if (!block) return;
    at(count_++) = block;
    bytes_ += block.size;
  }

  /// Requires: not empty.
  Block remove(Order order, Random& random) noexcept {
    if (order == Order::kRandom) std::swap(at(random.below(count_)), at(count_ - 1));
    const Block block = order == Order::kOldest ? at(0) : at(count_ - 1);
    if (order == Order::kOldest) first_ = (first_ + 1) % blocks_.size();
    --count_;
    bytes_ -= block.size;
    return block;
  }

  /// Requires: not empty.
  void resize_one(Worker& worker, std::size_t index, std::size_t bytes) noexcept {
    Block& block = at(index);
    bytes_ -= block.size;
    worker.resize(block, bytes);
    bytes_ += block.size;
  }

  const Block& operator[](std::size_t index) const noexcept {
    return blocks_[(first_ + index) % blocks_.size()];
  }

  void give_all_back(Worker& worker, Order order) noexcept {
    while (!empty()) worker.give_back(remove(order, worker.random()));
  }

 private:
  Block& at(std::size_t index) noexcept { return blocks_[(first_ + index) % blocks_.size()]; }

  MappedArray<Block> blocks_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace stress
