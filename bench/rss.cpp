// What a program's memory looks like from outside: resident KiB after steps that allocate and free.
//
//   rss SCENARIO      prints `step resident_kib live_kib` lines, for bench/rss
//
// Each scenario is a process of its own. The program keeps its own records in an array that is
// written before the first figure, so that what is added to it is the allocator's. Steps: base
// (main has started), records (the own array written), then those of the scenario.
#include <fcntl.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "synthetic/block.hpp"
#include "synthetic/random.hpp"
#include "synthetic/threads.hpp"

namespace {

constexpr std::size_t kMost = 1u << 18;
bench::Block blocks[kMost];
std::size_t count = 0;
std::size_t live_bytes = 0;

// From /proc, with nothing but system calls: reading it must not allocate.
std::size_t resident_kib() noexcept {
  char text[128] = {};
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  const ssize_t length = read(file, text, sizeof text - 1);
  close(file);
  const char* second = length > 0 ? std::strchr(text, ' ') : nullptr;
  if (second == nullptr) bench::fail("cannot read /proc/self/statm", nullptr, 0);
  return std::strtoul(second, nullptr, 10) *
         (static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 1024);
}

void print(const char* step) noexcept {
  char line[128];
  const int length =
      std::snprintf(line, sizeof line, "%s %zu %zu\n", step, resident_kib(), live_bytes / 1024);
  if (write(1, line, static_cast<std::size_t>(length)) != length) std::exit(1);
}

void add(std::size_t size) noexcept {
  blocks[count] = {bench::opaque(std::malloc(size)), size};
  if (!blocks[count]) bench::fail("malloc returned null", nullptr, size);
  std::memset(blocks[count].data, 1, size);
  blocks[count++].write_marks();
  live_bytes += size;
}

void remove(std::size_t index) noexcept {
  live_bytes -= blocks[index].size;
  bench::release(blocks[index]);
  blocks[index] = blocks[--count];
  blocks[count] = {};
}

void sleep_ms(long milliseconds) noexcept {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1000000};
  nanosleep(&time, nullptr);
}

void small_objects() {
  bench::Random random(1);
  for (int i = 0; i < 2000; ++i) add(random.between(16, 984));
  print("2000_small");
}

// Eight threads hold 100 KiB each, all at the same time; the figure is taken while they wait.
void threads() {
  static std::atomic<int> ready;
  static std::atomic<bool> measured;
  std::thread watcher([] {
    while (ready.load() < 8) sleep_ms(1);
    live_bytes = 8 * 100 * 1024;
    print("8_threads");
    measured = true;
    measured.notify_all();
  });
  bench::run_threads(8, [](std::size_t self) {
    constexpr std::size_t kEach = 2000;
    bench::Block* mine = blocks + self * kEach;
    bench::Random random(self);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < kEach && bytes < 100 * 1024; ++i) {
      mine[i] = bench::allocate(random.between(16, 256));
      bytes += mine[i].size;
    }
    ++ready;
    measured.wait(false);
    for (std::size_t i = 0; i < kEach; ++i) bench::release(mine[i]);
  });
  watcher.join();
}

// A heap of 50 MiB that is filled, churned, shifted to other sizes, and emptied.
void phases() {
  bench::Random random(1);
  for (int i = 0; i < 200000; ++i) add(random.between(16, 500));
  print("200k_objects");
  for (int i = 0; i < 1000000; ++i) {
    remove(random.below(count));
    add(random.between(16, 500));
  }
  print("churn");
  for (std::size_t left = count / 10; count > left;) remove(random.below(count));
  while (live_bytes < std::size_t{50} << 20) add(random.between(600, 1400));
  print("shift");
  for (; count > 0;) remove(random.below(count));
  print("free_all");
}

void phases_then_sleep() {
  phases();
  sleep_ms(1200);
  print("slept_1.2_s");
}

// The same, but a small block comes and goes every 10 ms.
void phases_then_little() {
  phases();
  for (int i = 0; i < 120; ++i) {
    add(64);
    sleep_ms(10);
    remove(0);
  }
  print("now_and_then_1.2_s");
}

// Large blocks that come and go one by one, then all of them gone.
void large_blocks() {
  bench::Random random(1);
  for (int i = 0; i < 400; ++i) {
    if (count >= 40) remove(random.below(count));
    add(random.log_uniform(64 << 10, 2 << 20));
  }
  print("40_large");
  for (; count > 0;) remove(0);
  print("large_freed");
  sleep_ms(1200);
  print("large_slept_1.2_s");
}

// 512 threads are there; then each allocates, frees all of it, and waits on; then a second passes
// in which the main thread allocates a little. Their stacks are small, so that none is a huge page,
// and used before the first figure as deep as a small program does, so that they do not count.
constexpr std::size_t kIdle = 512;
constexpr std::size_t kIdleBlocks = 101;
pthread_barrier_t idle_barrier;

void use_stack() noexcept {
  char stack[16 << 10];
  std::memset(bench::opaque(&stack[0]), 1, sizeof stack);
  bench::opaque(&stack[0]);
}

void* idle(void* argument) noexcept {
  bench::Block* mine = static_cast<bench::Block*>(argument);
  use_stack();
  pthread_barrier_wait(&idle_barrier);
  pthread_barrier_wait(&idle_barrier);
  bench::Random random(static_cast<std::size_t>(mine - blocks));
  for (std::size_t i = 0; i + 1 < kIdleBlocks; ++i) {
    mine[i] = bench::allocate(random.log_uniform(16, 1024));
  }
  mine[kIdleBlocks - 1] = bench::allocate(100 << 10);
  std::memset(mine[kIdleBlocks - 1].data, 1, 100 << 10);
  mine[kIdleBlocks - 1].write_marks();
  for (std::size_t i = 0; i < kIdleBlocks; ++i) bench::release(mine[i]);
  pthread_barrier_wait(&idle_barrier);
  pthread_barrier_wait(&idle_barrier);
  return nullptr;
}

void idle_threads() {
  pthread_t threads[kIdle];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 << 10);
  pthread_barrier_init(&idle_barrier, nullptr, kIdle + 1);
  for (std::size_t i = 0; i < kIdle; ++i) {
    if (pthread_create(&threads[i], &attributes, idle, blocks + i * kIdleBlocks) != 0) {
      bench::fail("cannot start so many threads", nullptr, i);
    }
  }
  const auto wait = [] { pthread_barrier_wait(&idle_barrier); };
  wait();
  print("512_threads");
  wait();
  wait();
  print("512_idle");
  count = kIdle * kIdleBlocks;  // behind the records of the threads
  const std::size_t first = count;
  for (int i = 0; i < 100; ++i) {
    for (int j = 0; j < 10; ++j) add(64);
    sleep_ms(10);
    while (count > first) remove(count - 1);
  }
  print("512_idle_1_s");
  wait();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
}

struct Scenario {
  const char* name;
  void (*run)();
};

constexpr Scenario kScenarios[] = {{"small", small_objects},     {"threads", threads},
                                   {"sleep", phases_then_sleep}, {"little", phases_then_little},
                                   {"large", large_blocks},      {"idle", idle_threads}};

}  // namespace

int main(int argc, char** argv) {
  for (const Scenario& scenario : kScenarios) {
    if (argc != 2 || std::strcmp(argv[1], scenario.name) != 0) continue;
    print("base");
    std::memset(static_cast<void*>(blocks), 0, sizeof blocks);
    print("records");
    scenario.run();
    return 0;
  }
  std::fprintf(stderr, "usage: rss SCENARIO; one of");
  for (const Scenario& scenario : kScenarios) std::fprintf(stderr, " %s", scenario.name);
  std::fprintf(stderr, "\n");
  return 2;
}
