// One thread, every operation, and a model that knows where all live blocks are.
//
// The model is a map of the address intervals [block, block + usable size): a new block must not
// meet any of them, and a block's usable size must not change while it lives. The map's nodes are
// in mapped memory of the driver's own.
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory_resource>
#include <utility>

#include "allocator_under_test.hpp"
#include "live_set.hpp"
#include "profiles.hpp"

namespace stress {

namespace {

// Memory for map nodes: cells of one size, a free list, never the allocator under test.
class NodePool final : public std::pmr::memory_resource {
 public:
  explicit NodePool(std::size_t count) noexcept : cells_(count) {
    for (Cell& cell : cells_) {
      cell.next = free_;
      free_ = &cell;
    }
  }

 private:
  union Cell {
    Cell* next;
    std::byte bytes[64];
  };

  void* do_allocate(std::size_t bytes, std::size_t) override {
    if (bytes > sizeof(Cell) || free_ == nullptr) fail("the oracle's pool is too small");
    return std::exchange(free_, free_->next);
  }
  void do_deallocate(void* node, std::size_t, std::size_t) override {
    free_ = new (node) Cell{free_};
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }

  MappedArray<Cell> cells_;
  Cell* free_ = nullptr;
};

class Model {
 public:
  explicit Model(std::size_t capacity) : pool_(capacity) {}

  void add(const Block& block) {
    const std::size_t usable = under_test::usable_size(block.address);
    const auto from = reinterpret_cast<std::uintptr_t>(block.address);
    const std::uintptr_t to = from + std::max<std::size_t>(usable, 1);
    const auto next = live_.lower_bound(from);
    if (next != live_.end() && next->first < to) overlap(from, to, *next);
    if (next != live_.begin() && std::prev(next)->second > from)
      overlap(from, to, *std::prev(next));
    live_.emplace_hint(next, from, to);
  }

  void remove(const Block& block) {
    const auto from = reinterpret_cast<std::uintptr_t>(block.address);
    const auto found = live_.find(from);
    if (found == live_.end())
      fail("the model does not know block %p", static_cast<void*>(block.address));
    const std::size_t usable = under_test::usable_size(block.address);
    if (found->second != from + std::max<std::size_t>(usable, 1)) {
      fail("usable size of block %p was %zu and is %zu", static_cast<void*>(block.address),
           static_cast<std::size_t>(found->second - from), usable);
    }
    live_.erase(found);
  }

 private:
  [[noreturn]] static void overlap(std::uintptr_t from, std::uintptr_t to,
                                   const std::pair<const std::uintptr_t, std::uintptr_t>& other) {
    fail("new block [%#zx, %#zx) meets live block [%#zx, %#zx)", static_cast<std::size_t>(from),
         static_cast<std::size_t>(to), static_cast<std::size_t>(other.first),
         static_cast<std::size_t>(other.second));
  }

  NodePool pool_;
  std::pmr::map<std::uintptr_t, std::uintptr_t> live_{&pool_};
};

void ask_the_impossible(Worker& worker, Block& block) noexcept {
  constexpr std::size_t kTooMuch[] = {SIZE_MAX, SIZE_MAX - 4095, SIZE_MAX / 2 + 1,
                                      SIZE_MAX / 2 - 65536};
  const std::size_t bytes = kTooMuch[worker.random().below(std::size(kTooMuch))];
  if (under_test::allocate(bytes) != nullptr) fail("a block of %zu bytes", bytes);
  if (under_test::allocate_zeroed(bytes) != nullptr) fail("a zeroed block of %zu bytes", bytes);
  if (under_test::allocate_aligned(4096, bytes) != nullptr)
    fail("an aligned block of %zu bytes", bytes);
  if (under_test::reallocate(block.address, bytes) != nullptr)
    fail("a realloc to %zu bytes", bytes);
  worker.check(block);
}

std::size_t any_size(Random& random) noexcept {
  switch (random.below(32)) {
    case 0:
      return random.log_uniform(32 * 1024, 16 * 1024 * 1024);
    case 1:
    case 2:
    case 3:
    case 4:
      // Around a power of two, where size classes, runs and large blocks end.
      return (std::size_t{1} << random.between(5, 17)) + random.below(33) - 16;
    case 5:
    case 6:
      return random.below(17);
    default:
      return random.log_uniform(1, 16 * 1024);
  }
}

std::size_t any_alignment(Random& random) noexcept {
  return std::size_t{1} << (random.one_in(64) ? random.between(20, 25) : random.between(0, 16));
}

}  // namespace

void oracle(Worker& worker) noexcept {
  constexpr std::size_t kBlocks = 20000;
  Random& random = worker.random();
  Model model(kBlocks + 1);
  LiveSet live(kBlocks);
  const auto add = [&](const Block& block) {
    model.add(block);
    live.add(block);
  };
  const auto remove = [&](Order order) {
    const Block block = live.remove(order, random);
    model.remove(block);
    return block;
  };
  std::size_t target = kBlocks / 2;
  while (worker.keep_going()) {
    if (random.one_in(5000)) target = random.log_uniform(1, kBlocks);
    const bool enough =
        live.count() >= target || live.bytes() >= worker.run().live_bytes_per_thread();
    const std::size_t kind = random.below(64);
    if (kind < 36) {
      if (!live.full() && !enough) add(worker.take(any_size(random)));
    } else if (kind < 40) {
      if (!live.full() && !enough)
        add(worker.take_aligned(any_alignment(random), any_size(random)));
    } else if (kind < 44) {
      if (!live.full() && !enough) add(worker.take_zeroed(any_size(random)));
    }
    if (live.empty()) continue;
    if (kind >= 44 && kind < 52) {
      Block block = remove(Order::kRandom);
      worker.resize(block, std::max<std::size_t>(any_size(random), 1));
      add(block);
    } else if (kind == 52 && random.one_in(64)) {
      Block block = remove(Order::kRandom);
      ask_the_impossible(worker, block);
      add(block);
    } else if (kind >= 54 || enough) {
      worker.give_back(remove(kOrders[random.below(std::size(kOrders))]));
      if (enough) worker.give_back(live.empty() ? Block{} : remove(Order::kRandom));
    }
  }
  while (!live.empty()) worker.give_back(remove(Order::kRandom));
}

}  // namespace stress
