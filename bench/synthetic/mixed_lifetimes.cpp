// Threads allocate sizes of every kind; most blocks die young, some live until the end of the
// round, some pass through a shared table and are freed by another thread or another round. Every
// round has new threads. Large blocks appear now and then, so pages move between large and small
// use.
#include <atomic>
#include <cstdio>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

namespace {

constexpr std::size_t kShared = 1000;

struct Parcel {
  bench::Block block;
};

std::atomic<Parcel*> shared_table[kShared];

void open_and_free(Parcel* parcel) noexcept {
  if (parcel == nullptr) return;
  bench::release(parcel->block);
  delete parcel;
}

std::size_t pick_size(bench::Random& random) noexcept {
  if (random.one_in(2000)) return random.between(64 * 1024, 1024 * 1024);
  if (random.one_in(50)) return random.log_uniform(1024, 64 * 1024);
  return random.log_uniform(8, 1024);
}

void work(std::uint64_t seed, std::size_t allocations) {
  bench::Random random(seed);
  std::vector<bench::Block> young(256);
  std::vector<bench::Block> kept;
  for (std::size_t i = 0; i < allocations; ++i) {
    bench::Block fresh = bench::allocate(pick_size(random));
    const std::size_t fate = random.below(100);
    if (fate < 80) {
      bench::Block& place = young[random.below(young.size())];
      bench::release(place);
      place = fresh;
    } else if (fate < 90) {
      kept.push_back(fresh);
    } else {
      // acq_rel: a parcel and its content belong to whoever takes it out of the table.
      open_and_free(shared_table[random.below(kShared)].exchange(new Parcel{fresh},
                                                                 std::memory_order_acq_rel));
    }
    if (!kept.empty() && random.one_in(20)) {
      bench::Block& old = kept[random.below(kept.size())];
      bench::release(old);
      old = kept.back();
      kept.pop_back();
    }
  }
  for (bench::Block& block : young) bench::release(block);
  for (bench::Block& block : kept) bench::release(block);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "blocks of all sizes and lifetimes, threads in rounds");
  const std::size_t threads = arguments.threads();
  const std::size_t rounds = arguments.number("rounds", 20, "new threads in every round");
  const std::size_t allocations = arguments.number("allocations", 150000, "by a thread in a round");
  arguments.finish();

  for (std::size_t round = 0; round < rounds; ++round) {
    bench::run_threads(threads,
                       [&](std::size_t self) { work(round * threads + self, allocations); });
    bench::Random random(round);
    for (std::atomic<Parcel*>& place : shared_table) {
      if (random.one_in(2)) open_and_free(place.exchange(nullptr));
    }
  }
  for (std::atomic<Parcel*>& place : shared_table) open_and_free(place.load());
  std::printf("mixed_lifetimes: %zu allocations\n", threads * rounds * allocations);
}
