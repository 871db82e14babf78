// bench_space: Space and other allocators, by one thread in a piece of memory.
//
//   space [name=/path/to/peer.so ...] [--rounds N] [--only TEXT] [--trace FILE ...] [--json FILE]
//
// Every round replays a sequence once on every allocator, in shuffled order.

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "own.hpp"
#include "replay.hpp"
#include "report.hpp"
#include "support/random.hpp"

namespace space_bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kMemory = 256 << 20;
constexpr std::uint32_t kNever = ~std::uint32_t{0};

struct Settings {
  std::size_t rounds = 10;
  std::size_t replays = 10;    // for the longest single operation
  std::size_t samples = 500;   // operations whose instructions are counted
  std::size_t most = 400'000;  // operations of a trace
  std::string only;
  std::string json;
  std::vector<std::string> traces;
  std::vector<Allocator> allocators = {
      {"null", &null_peer}, {"space", &own_space}, {"mspace", &own_mspace}};
};

[[noreturn]] void refuse(const char* what, const char* why) {
  std::fprintf(stderr, "space: %s: %s\n", what, why);
  std::exit(2);
}

Allocator load(const std::string& name, const char* path) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) refuse(path, dlerror());
  const void* const peer = dlsym(library, "bench_space_peer");
  if (peer == nullptr) refuse(path, "defines no bench_space_peer (bench/space/peer.h)");
  return {name, static_cast<const space_peer*>(peer)};
}

Settings read_arguments(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--")) {
      if (++i == argc) refuse(argv[i - 1], "needs a value");
      const auto number = [&] { return static_cast<std::size_t>(std::atoll(argv[i])); };
      if (word == "--rounds")
        settings.rounds = number();
      else if (word == "--replays")
        settings.replays = number();
      else if (word == "--samples")
        settings.samples = number();
      else if (word == "--most")
        settings.most = number();
      else if (word == "--only")
        settings.only = argv[i];
      else if (word == "--json")
        settings.json = argv[i];
      else if (word == "--trace")
        settings.traces.emplace_back(argv[i]);
      else
        refuse(word.c_str(), "no such option");
    } else if (const std::size_t at = word.find('='); at != std::string::npos) {
      settings.allocators.push_back(load(word.substr(0, at), argv[i] + at + 1));
    } else {
      refuse(argv[i], "neither an option nor name=/path/to/peer.so");
    }
  }
  return settings;
}

double ticks_per_nanosecond() {
  const auto before = std::chrono::steady_clock::now();
  const std::uint64_t ticks = __builtin_ia32_rdtsc();
  std::chrono::duration<double, std::nano> took{};
  while (took.count() < 2e7) took = std::chrono::steady_clock::now() - before;
  return static_cast<double>(__builtin_ia32_rdtsc() - ticks) / took.count();
}

void shuffle(std::vector<std::size_t>& order, support::Random& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
}

// Everything about one sequence, by allocator.
std::vector<Result> measure(Replay& replay, const Sequence& sequence, const Settings& settings,
                            double ticks) {
  const std::size_t allocators = settings.allocators.size();
  const std::size_t operations = sequence.operations.size() - sequence.measured_from;
  std::vector<Result> results(allocators);
  std::vector<std::vector<double>> times(allocators);
  std::vector<std::vector<std::uint32_t>> least(allocators);
  std::vector<std::size_t> order(allocators);
  for (std::size_t i = 0; i < allocators; ++i) order[i] = i;
  support::Random random(kSeed);

  for (std::size_t i = 1; i < allocators; ++i) {
    const space_peer& peer = *settings.allocators[i].peer;
    results[i].highest = replay.highest_byte(peer, sequence);
    results[i].least = replay.least_memory(peer, sequence);
    results[i].grown = replay.grown(peer, sequence);
  }
  for (std::size_t round = 0; round < settings.rounds; ++round) {
    shuffle(order, random);
    for (const std::size_t i : order)
      if (const auto time = replay.time(*settings.allocators[i].peer, sequence))
        times[i].push_back(*time / static_cast<double>(operations));
  }
  for (std::size_t round = 0; round < settings.replays; ++round) {
    shuffle(order, random);
    for (const std::size_t i : order) {
      least[i].resize(operations, kNever);
      if (!replay.time_each(*settings.allocators[i].peer, sequence, least[i])) least[i].clear();
    }
  }
  std::vector<std::uint64_t> base;
  std::vector<std::uint64_t> steps;
  replay.count_steps(null_peer, sequence, settings.samples, base);
  for (std::size_t i = 0; i < allocators; ++i) {
    results[i].set_times(times[i], times[0]);
    if (i == 0) continue;
    results[i].set_worst(sequence, least[i], least[0], ticks);
    if (replay.count_steps(*settings.allocators[i].peer, sequence, settings.samples, steps))
      results[i].set_steps(sequence, steps, base);
  }
  return results;
}

int run(const Settings& settings) {
  void* const memory = mmap(nullptr, kMemory, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) refuse("memory", std::strerror(errno));
  Replay replay({static_cast<std::byte*>(memory), kMemory});
  std::vector<Sequence> sequences = make_patterns(kSeed);
  for (const std::string& path : settings.traces)
    sequences.push_back(read_trace(path, settings.most));
  std::erase_if(sequences, [&](const Sequence& sequence) {
    return sequence.name.find(settings.only) == std::string::npos;
  });
  const double ticks = ticks_per_nanosecond();
  Report report(settings.allocators);
  for (const Sequence& sequence : sequences) {
    std::fprintf(stderr, "%s\n", sequence.name.c_str());
    report.add(sequence, measure(replay, sequence, settings, ticks));
  }
  report.print();
  if (!settings.json.empty() && !report.write_json(settings.json))
    refuse(settings.json.c_str(), std::strerror(errno));
  return 0;
}

}  // namespace
}  // namespace space_bench

int main(int argc, char** argv) {
  return space_bench::run(space_bench::read_arguments(argc, argv));
}
