// A server that lives for a long time: every thread replaces random blocks of its session, then
// ends and hands the session, blocks and all, to a fresh thread. So most blocks are freed by
// another thread than the one that allocated them, and threads come and go all the time. (The
// situation Larson and Krishnan describe in "Memory Allocation for Long-Running Server
// Applications", 1998.)
#include <cstdio>
#include <latch>
#include <thread>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

struct Limits {
  std::size_t smallest, largest, blocks, replacements, generations;
};

class Session {
 public:
  Session(const Limits& limits, std::uint64_t seed, std::latch& done)
      : limits_(limits), random_(seed), done_(done), blocks_(limits.blocks) {
    for (bench::Block& block : blocks_) block = bench::allocate(size());
  }

  void start_next_thread() {
    std::thread([this] { work(); }).detach();
  }

  void free_all() {
    for (bench::Block& block : blocks_) bench::release(block);
  }

 private:
  std::size_t size() { return random_.between(limits_.smallest, limits_.largest); }

  void work() {
    for (std::size_t i = 0; i < limits_.replacements; ++i) {
      bench::Block& block = blocks_[random_.below(blocks_.size())];
      bench::release(block);
      block = bench::allocate(size());
    }
    if (++generation_ < limits_.generations) {
      start_next_thread();
    } else {
      done_.count_down();
    }
  }

  const Limits& limits_;
  bench::Random random_;
  std::latch& done_;
  std::vector<bench::Block> blocks_;
  std::size_t generation_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "threads replace blocks, then pass them to a new thread");
  const std::size_t threads = arguments.threads();
  const Limits limits{
      arguments.number("smallest", 8, "bytes"),
      arguments.number("largest", 1000, "bytes"),
      arguments.number("blocks", 5000, "live blocks of a thread"),
      arguments.number("replacements", 25000, "by a thread before it hands over"),
      arguments.number("generations", 200, "threads after one another"),
  };
  arguments.finish();

  std::latch done(static_cast<std::ptrdiff_t>(threads));
  std::vector<Session> sessions;
  sessions.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) sessions.emplace_back(limits, i, done);
  for (Session& session : sessions) session.start_next_thread();
  done.wait();
  for (Session& session : sessions) session.free_all();
  std::printf("server: %zu replacements\n", threads * limits.replacements * limits.generations);
}
