// The patterns that are made from random numbers.

#include "sequence.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/random.hpp"

namespace space_bench {
namespace {

using support::Random;
using Size = std::size_t (*)(Random&);

std::size_t small(Random& random) { return random.between(16, 256); }
std::size_t mixed(Random& random) { return random.log_uniform(16, 64 << 10); }

// A sequence that is being written.
class Writer {
 public:
  Writer(const char* name, std::uint64_t seed) : random(seed) { sequence_.name = name; }

  void allocate(std::size_t block, std::size_t bytes) { add(block, bytes, Kind::kAllocate); }
  void reallocate(std::size_t block, std::size_t bytes) { add(block, bytes, Kind::kReallocate); }
  void deallocate(std::size_t block) { add(block, 0, Kind::kDeallocate); }
  void measure_from_here() { sequence_.measured_from = sequence_.operations.size(); }
  Sequence finish() {
    sequence_.finish();
    return std::move(sequence_);
  }

  Random random;

 private:
  void add(std::size_t block, std::size_t bytes, Kind kind) {
    sequence_.operations.push_back(
        {static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(bytes), kind});
  }

  Sequence sequence_;
};

// Blocks of random sizes that live for a random time, `live` of them at any time.
Sequence steady(const char* name, std::uint64_t seed, Size size, std::size_t live) {
  Writer writer(name, seed);
  for (std::size_t i = 0; i < live; ++i) writer.allocate(i, size(writer.random));
  const auto replace = [&](std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      const std::size_t block = writer.random.below(live);
      writer.deallocate(block);
      writer.allocate(block, size(writer.random));
    }
  };
  replace(10 * live);  // until the first layout is forgotten
  writer.measure_from_here();
  replace(50'000);
  return writer.finish();
}

// Batches of blocks, freed in the order in which they came, or in the opposite one.
Sequence batches(const char* name, std::uint64_t seed, Size size, bool last_first) {
  constexpr std::size_t kBatch = 1000;
  Writer writer(name, seed);
  for (int batch = 0; batch < 52; ++batch) {
    if (batch == 2) writer.measure_from_here();
    for (std::size_t i = 0; i < kBatch; ++i) writer.allocate(i, size(writer.random));
    for (std::size_t i = 0; i < kBatch; ++i) writer.deallocate(last_first ? kBatch - 1 - i : i);
  }
  return writer.finish();
}

// Every block is freed before the next one: in empty memory, or between `holes` free pieces.
Sequence pairs(const char* name, std::uint64_t seed, Size size, std::size_t holes) {
  Writer writer(name, seed);
  for (std::size_t i = 0; i < 2 * holes; ++i) writer.allocate(i, size(writer.random));
  for (std::size_t i = 0; i < holes; ++i) writer.deallocate(2 * i);
  const std::size_t block = 2 * holes;
  const auto pair = [&] {
    writer.allocate(block, size(writer.random));
    writer.deallocate(block);
  };
  for (int i = 0; i < 1000; ++i) pair();
  writer.measure_from_here();
  for (int i = 0; i < 50'000; ++i) pair();
  return writer.finish();
}

// Blocks that grow by `grow`, a few at the same time, and start again beyond `most` bytes.
Sequence growing(const char* name, std::uint64_t seed, std::size_t most,
                 std::size_t (*grow)(std::size_t, Random&)) {
  constexpr std::size_t kBlocks = 64;
  Writer writer(name, seed);
  std::size_t bytes[kBlocks] = {};
  for (int i = 0; i < 120'000; ++i) {
    if (i == 20'000) writer.measure_from_here();
    const std::size_t block = writer.random.below(kBlocks);
    const std::size_t next = bytes[block] == 0 ? 16 : grow(bytes[block], writer.random);
    if (next > most)
      writer.deallocate(block);
    else if (bytes[block] == 0)
      writer.allocate(block, next);
    else
      writer.reallocate(block, next);
    bytes[block] = next > most ? 0 : next;
  }
  return writer.finish();
}

[[noreturn]] void fail(const Sequence& sequence, std::size_t at) {
  std::fprintf(stderr, "%s: operation %zu makes no sense\n", sequence.name.c_str(), at);
  std::exit(1);
}

}  // namespace

void Sequence::finish() {
  std::vector<std::uint32_t> bytes;
  std::vector<bool> lives;
  std::size_t now = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const Operation& operation = operations[i];
    if (operation.block >= bytes.size()) {
      bytes.resize(operation.block + 1);
      lives.resize(operation.block + 1);
    }
    if (lives[operation.block] == (operation.kind == Kind::kAllocate)) fail(*this, i);
    lives[operation.block] = operation.kind != Kind::kDeallocate;
    now -= bytes[operation.block];
    bytes[operation.block] = operation.kind == Kind::kDeallocate ? 0 : operation.bytes;
    now += bytes[operation.block];
    live_bytes = std::max(live_bytes, now);
  }
  blocks = bytes.size();
}

std::vector<Sequence> make_patterns(std::uint64_t seed) {
  std::vector<Sequence> all;
  all.push_back(steady("random small 100", seed, small, 100));
  all.push_back(steady("random small 10k", seed, small, 10'000));
  all.push_back(steady("random mixed 100", seed, mixed, 100));
  all.push_back(steady("random mixed 10k", seed, mixed, 10'000));
  all.push_back(batches("fifo small", seed, small, false));
  all.push_back(batches("fifo mixed", seed, mixed, false));
  all.push_back(batches("lifo small", seed, small, true));
  all.push_back(batches("lifo mixed", seed, mixed, true));
  all.push_back(pairs("pair small", seed, small, 0));
  all.push_back(pairs("pair small, holes", seed, small, 1000));
  all.push_back(pairs("pair mixed, holes", seed, mixed, 1000));
  all.push_back(
      growing("vectors", seed, 64 << 10, [](std::size_t bytes, Random&) { return 2 * bytes; }));
  all.push_back(growing("strings", seed, 4 << 10, [](std::size_t bytes, Random& random) {
    return bytes + random.between(1, 64);
  }));
  return all;
}

}  // namespace space_bench
