// bench_space: Space and other allocators, by one thread in a piece of memory.
//
//   space [name=/path/to/peer.so ...] [--trace FILE ...] [--only TEXT] [--json FILE]
//         [--rounds N] [--replays N] [--samples N] [--most N]
//
// Every round replays a sequence once on every allocator, in shuffled order. bench/README.md says
// what is measured.

#include <dlfcn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "measure.hpp"
#include "own.hpp"
#include "report.hpp"

namespace space_bench {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kMemory = 256 << 20;

struct Settings {
  Effort effort;
  std::size_t most = 400'000;  // operations of a trace
  std::string only;            // in the names of sequences
  std::string json;            // a file
  std::vector<std::string> traces;
  std::vector<Allocator> allocators = {{"space", &own_space}, {"mspace", &own_mspace}};
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

std::size_t number(const std::string& option, const char* word) {
  char* end = nullptr;
  const std::size_t value = std::strtoull(word, &end, 10);
  if (*word < '0' || *word > '9' || *end != '\0') refuse(option.c_str(), "needs a number");
  return value;
}

void read_option(Settings& settings, const std::string& option, const char* value) {
  if (option == "--rounds") {
    settings.effort.rounds = number(option, value);
  } else if (option == "--replays") {
    settings.effort.replays = number(option, value);
  } else if (option == "--samples") {
    settings.effort.samples = number(option, value);
  } else if (option == "--most") {
    settings.most = number(option, value);
  } else if (option == "--only") {
    settings.only = value;
  } else if (option == "--json") {
    settings.json = value;
  } else if (option == "--trace") {
    settings.traces.emplace_back(value);
  } else {
    refuse(option.c_str(), "no such option");
  }
}

Settings read_arguments(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const std::size_t equals = word.find('=');
    if (word.starts_with("--")) {
      if (++i == argc) refuse(word.c_str(), "needs a value");
      read_option(settings, word, argv[i]);
    } else if (equals != std::string::npos) {
      settings.allocators.push_back(load(word.substr(0, equals), argv[i] + equals + 1));
    } else {
      refuse(argv[i], "neither an option nor name=/path/to/peer.so");
    }
  }
  if (settings.effort.rounds == 0) refuse("--rounds", "at least one");
  return settings;
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
  Report report(settings.allocators);
  for (const Sequence& sequence : sequences) {
    std::fprintf(stderr, "%s\n", sequence.name.c_str());
    report.add(sequence, measure(replay, sequence, settings.allocators, settings.effort));
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
