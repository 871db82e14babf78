// Where threads leave blocks for each other: an array of one-block boxes and a one-way channel.
//
// A box is Empty, Busy or Full. Whoever moves it to Busy owns its content until the next store;
// nobody ever waits for a Busy box, a caller just tries another one. So blocks cross threads
// without a lock that would order the threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "mapped_array.hpp"

namespace stress {

/// A live block and what its content was derived from.
struct Block {
  std::byte* address = nullptr;
  std::size_t size = 0;
  std::uint64_t seed = 0;

  explicit operator bool() const noexcept { return address != nullptr; }
};

class Mailboxes {
 public:
  explicit Mailboxes(std::size_t count) noexcept : boxes_(count) {}

  std::size_t size() const noexcept { return boxes_.size(); }

  /// Puts `block` into a box and returns what was in it, if anything. False if another thread is at
  /// that box.
  bool try_swap(std::size_t index, Block& block) noexcept {
    Box& box = boxes_[index];
    if (!claim(box)) return false;
    std::swap(box.block, block);
    // release: pairs with the acquire in claim().
    box.busy.store(false, std::memory_order_release);
    return true;
  }

  /// Empties a box. The result is empty also if another thread is at that box.
  Block try_take(std::size_t index) noexcept {
    Block block;
    if (!try_swap(index, block)) return {};
    return block;
  }

 private:
  struct alignas(64) Box {
    std::atomic<bool> busy;
    Block block;
  };

  static bool claim(Box& box) noexcept {
    // acquire: pairs with the release in try_swap().
    return !box.busy.load(std::memory_order_relaxed) &&
           !box.busy.exchange(true, std::memory_order_acquire);
  }

  MappedArray<Box> boxes_;
};

/// Blocks from one thread to one other thread, in order; full and empty are answers, not waits.
class Channel {
 public:
  static constexpr std::size_t kCapacity = 4096;

  bool try_send(const Block& block) noexcept {
    const std::size_t sent = sent_.load(std::memory_order_relaxed);
    // acquire: pairs with the release in try_receive(); the cell has been read.
    if (sent - received_.load(std::memory_order_acquire) == kCapacity) return false;
    cells_[sent % kCapacity] = block;
    // release: pairs with the acquire in try_receive().
    sent_.store(sent + 1, std::memory_order_release);
    return true;
  }

  Block try_receive() noexcept {
    const std::size_t received = received_.load(std::memory_order_relaxed);
    // acquire: pairs with the release in try_send().
    if (received == sent_.load(std::memory_order_acquire)) return {};
    const Block block = cells_[received % kCapacity];
    // release: pairs with the acquire in try_send().
    received_.store(received + 1, std::memory_order_release);
    return block;
  }

  void close() noexcept { closed_.store(true, std::memory_order_release); }

  /// True if nothing more will come. acquire: pairs with close(), so everything sent before is
  /// visible.
  bool closed() const noexcept { return closed_.load(std::memory_order_acquire); }

 private:
  MappedArray<Block> cells_{kCapacity};
  alignas(64) std::atomic<std::size_t> sent_{0};
  alignas(64) std::atomic<std::size_t> received_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace stress
