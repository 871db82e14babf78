// Profiles in which something happens to the whole process while its threads allocate: it forks, or
// memory runs out.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "live_set.hpp"
#include "profiles.hpp"

namespace stress {

namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr unsigned kChildSeconds = 30;  // a child that takes longer hangs in a lock

// No mailboxes here: the kernel copies page after page while the other threads run on, so in the
// child a box and the block in it may be from different moments. What the forking thread holds is
// consistent.
void use_heap_in_child(Worker& worker, LiveSet& live, std::size_t rounds) noexcept {
  Random& random = worker.random();
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::size_t kind = random.below(4);
    if (kind < 2 || live.empty()) {
      live.add(worker.take(random.log_uniform(1, kind == 0 ? 1024 : 64 * 1024)));
    } else if (kind == 2) {
      live.resize_one(worker, random.below(live.count()), random.log_uniform(1, 64 * 1024));
    } else {
      worker.give_back(live.remove(Order::kRandom, random));
    }
    if (live.full()) live.give_all_back(worker, Order::kRandom);
  }
}

void wait_for(pid_t child) noexcept {
  int status = 0;
  if (waitpid(child, &status, 0) != child) fail("waitpid of child %d", child);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    fail("child %d hung after the fork", child);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail("child %d ended with status 0x%x", child, status);
}

// `depth` more generations may follow.
void fork_once(Worker& worker, LiveSet& live, int depth) noexcept {
  const std::uint64_t dice = worker.random().next();
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child > 0) return wait_for(child);

  alarm(kChildSeconds);
  use_heap_in_child(worker, live, 200);
  if (dice % 4 == 0 && depth > 0) fork_once(worker, live, depth - 1);
  if (dice % 8 == 1) {
    std::thread([&worker] {
      Worker other(worker.run(), worker.index() + 1);
      LiveSet own(100);
      use_heap_in_child(other, own, 500);
      own.give_all_back(other, Order::kRandom);
    }).join();
  }
  live.give_all_back(worker, Order::kRandom);
  if (dice % 2 == 0) _exit(0);
  std::exit(0);
}

std::atomic<unsigned> workers_ready{0};
std::atomic<bool> memory_is_short{false};

std::size_t mapped_bytes() noexcept {
  std::size_t pages = 0;
  std::FILE* statm = std::fopen("/proc/self/statm", "re");
  if (statm == nullptr || std::fscanf(statm, "%zu", &pages) != 1) fail("/proc/self/statm");
  std::fclose(statm);
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void busy_while_forking(Worker& worker) noexcept {
  LiveSet live(300);
  Random& random = worker.random();
  while (worker.keep_going()) {
    worker.exchange(worker.take(random.log_uniform(1, 8 * 1024)));
    if (live.full()) live.give_all_back(worker, Order::kOldest);
    live.add(worker.take(random.between(1, 2048)));
    if (random.one_in(8)) {
      live.resize_one(worker, random.below(live.count()), random.log_uniform(1, 64 * 1024));
    }
  }
  live.give_all_back(worker, Order::kRandom);
}

void fork_again_and_again(Run& run) noexcept {
  Worker worker(run, run.options().threads + 1);
  LiveSet live(200);
  unsigned forks = 0;
  while (!run.all_left()) {
    // Own blocks and those of the other threads, which do not exist in the child.
    Mailboxes& boxes = run.mailboxes();
    while (live.count() < 100) {
      live.add(boxes.try_take(worker.random().below(boxes.size())));
      live.add(worker.take(worker.random().log_uniform(1, 128 * 1024)));
    }
    fork_once(worker, live, 2);
    ++forks;
    while (live.count() > 50) worker.give_back(live.remove(Order::kRandom, worker.random()));
  }
  live.give_all_back(worker, Order::kRandom);
  std::printf("%u forks\n", forks);
}

void out_of_memory(Worker& worker) noexcept {
  Random& random = worker.random();
  LiveSet live(100000);
  workers_ready.fetch_add(1, std::memory_order_release);  // pairs with take_memory_away()
  while (!memory_is_short.load(std::memory_order_acquire)) std::this_thread::yield();
  // On a slow machine the time may be over before the limit is met for the first time.
  const auto keep_going = [&] { return worker.keep_going() || worker.run().nulls() == 0; };
  bool more = true;
  while (more) {
    const std::size_t most = std::size_t{1} << random.between(10, 24);
    unsigned nulls = 0;
    while (nulls < 10 && !live.full() && (more = keep_going())) {
      Block block;
      switch (random.below(4)) {
        case 0:
          block = worker.take_zeroed(random.log_uniform(1, most));
          break;
        case 1:
          block = worker.take_aligned(std::size_t{1} << random.between(4, 16),
                                      random.log_uniform(1, most));
          break;
        default:
          block = worker.take(random.log_uniform(1, most));
          break;
      }
      nulls += !block;
      live.add(block);
      if (!live.empty() && random.one_in(8)) {
        live.resize_one(worker, random.below(live.count()), random.log_uniform(1, most));
      }
    }
    live.give_all_back(worker, kOrders[random.below(std::size(kOrders))]);
  }
}

void take_memory_away(Run& run) noexcept {
  const Options& options = run.options();
  Worker worker(run, options.threads + 1);
  LiveSet live(options.live_mib / 4);  // its own memory is mapped before the limit is set
  while (workers_ready.load(std::memory_order_acquire) != options.threads)
    std::this_thread::yield();
  const rlimit limit{mapped_bytes() + options.live_mib * kMiB, RLIM_INFINITY};
  if (setrlimit(RLIMIT_AS, &limit) != 0) fail("setrlimit");
  memory_is_short.store(true, std::memory_order_release);
  while (!run.all_left()) sleep_milliseconds(1);
  if (run.nulls() == 0) fail("the limit was never met");
  std::printf("%llu times null\n", static_cast<unsigned long long>(run.nulls()));

  // Everything is free again, so a good part of it can be had again.
  while (!live.full()) {
    const Block block = worker.take(kMiB);
    if (!block) fail("%zu MiB of %zu although all is free", live.count(), options.live_mib);
    live.add(block);
  }
  live.give_all_back(worker, Order::kRandom);
}

}  // namespace stress
