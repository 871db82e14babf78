// Profiles in which a thread frees what it allocated itself.
//
// The number of live blocks goes up and down between random targets, so that whole slabs fill and
// empty.
#include <algorithm>

#include "live_set.hpp"
#include "profiles.hpp"

namespace stress {

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;

// Takes blocks with take(worker) up to a random count, gives some back, and so on.
template <class Take>
void go_up_and_down(Worker& worker, std::size_t capacity, Take take) noexcept {
  Random& random = worker.random();
  const std::size_t most_bytes = worker.run().live_bytes_per_thread();
  LiveSet live(capacity);
  bool more = true;
  while (more) {
    const std::size_t high = random.between(1, capacity);
    const std::size_t low = random.below(high);
    const Order order = kOrders[random.below(std::size(kOrders))];
    while (live.count() < high && live.bytes() < most_bytes && (more = worker.keep_going())) {
      live.add(take(worker));
      // Some noise on the way up.
      if (random.one_in(4)) worker.give_back(live.remove(Order::kRandom, random));
    }
    while (live.count() > low && more && (more = worker.keep_going())) {
      worker.give_back(live.remove(order, random));
      if (random.one_in(8)) live.add(take(worker));
    }
  }
  live.give_all_back(worker, Order::kRandom);
}

}  // namespace

void small_blocks(Worker& worker) noexcept {
  go_up_and_down(worker, 20000, [](Worker& w) { return w.take(w.random().between(16, 1024)); });
}

void mixed_blocks(Worker& worker) noexcept {
  go_up_and_down(worker, 2000,
                 [](Worker& w) { return w.take(w.random().log_uniform(1, 4 * kMiB)); });
}

void large_blocks(Worker& worker) noexcept {
  go_up_and_down(worker, 100,
                 [](Worker& w) { return w.take(w.random().log_uniform(32 * kKiB, 64 * kMiB)); });
}

void aligned_blocks(Worker& worker) noexcept {
  go_up_and_down(worker, 500, [](Worker& w) {
    Random& random = w.random();
    const std::size_t alignment = std::size_t{1} << random.between(0, 20);
    Block block = w.take_aligned(alignment, random.log_uniform(1, 256 * kKiB));
    if (random.one_in(8)) w.resize(block, random.log_uniform(1, 512 * kKiB));
    return block;
  });
}

void zeroed_blocks(Worker& worker) noexcept {
  go_up_and_down(worker, 1000, [](Worker& w) {
    const std::size_t bytes =
        w.random().log_uniform(1, w.random().one_in(64) ? 16 * kMiB : 512 * kKiB);
    // Dirty memory of the same size first, so that the zeroes have to be made.
    if (w.random().one_in(2)) w.give_back(w.take(bytes));
    return w.take_zeroed(bytes);
  });
}

void realloc_walks(Worker& worker) noexcept {
  constexpr std::size_t kWalkers = 16;
  constexpr std::size_t kMost = 16 * kMiB;
  Random& random = worker.random();
  const std::size_t most_bytes = std::max(worker.run().live_bytes_per_thread(), kWalkers);
  LiveSet walkers(kWalkers);
  LiveSet obstacles(kWalkers);  // taken in between, so that a neighbour is not always free
  while (worker.keep_going()) {
    if (!walkers.full()) {
      walkers.add(worker.take(random.log_uniform(1, 64 * kKiB)));
      continue;
    }
    const std::size_t index = random.below(kWalkers);
    const std::size_t size = walkers[index].size;
    std::size_t next = size;
    switch (random.below(8)) {
      case 0:
      case 1:
        next = size * 2;
        break;
      case 2:
        next = size + size / 4 + 1;
        break;
      case 3:
        next = size + random.between(1, 64);
        break;
      case 4:
        next = size / 2;
        break;
      case 5:
        next = size - random.below(std::min<std::size_t>(size, 5000));
        break;
      case 6:
        next = random.log_uniform(1, kMost);
        break;
      default:
        next = random.log_uniform(1, 4 * kKiB);
        break;
    }
    if (walkers.bytes() > most_bytes) next = random.log_uniform(1, 4 * kKiB);
    walkers.resize_one(worker, index, std::clamp<std::size_t>(next, 1, kMost));
    if (random.one_in(4)) {
      if (obstacles.full()) worker.give_back(obstacles.remove(Order::kRandom, random));
      obstacles.add(worker.take(random.log_uniform(16, 1 * kMiB)));
    }
  }
  walkers.give_all_back(worker, Order::kRandom);
  obstacles.give_all_back(worker, Order::kRandom);
}

void phases(Worker& worker) noexcept {
  struct Mix {
    std::size_t low, high;
  };
  constexpr Mix kMixes[] = {{1, 64},      {64, 512},      {512, 4 * kKiB},   {4 * kKiB, 32 * kKiB},
                            {24, 24},     {8192, 8192},   {32 * kKiB, kMiB}, {1, kMiB},
                            {4096, 4096}, {65536, 65536}, {1000, 1100},      {16, 16}};
  Random& random = worker.random();
  const std::size_t most_bytes = std::min(worker.run().live_bytes_per_thread(), 32 * kMiB);
  LiveSet live(100000);
  bool more = true;
  while (more) {
    const Mix mix = kMixes[random.below(std::size(kMixes))];
    const Order order = kOrders[random.below(std::size(kOrders))];
    while (!live.full() && live.bytes() < most_bytes && (more = worker.keep_going())) {
      live.add(worker.take(random.log_uniform(mix.low, mix.high)));
    }
    // Everything, or all but a few that keep pages of this mix busy in the next phase.
    const std::size_t survivors = random.one_in(2) ? 0 : live.count() / 64;
    while (live.count() > survivors) worker.give_back(live.remove(order, random));
  }
  live.give_all_back(worker, Order::kRandom);
}

}  // namespace stress
