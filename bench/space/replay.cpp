// How operations are replayed and measured.

#include "replay.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "support/step_count.hpp"

namespace space_bench {
namespace {

void* allocate(const space_peer& peer, void* handle, const Operation& operation) {
  if (operation.alignment_log == 0) return peer.allocate(handle, operation.bytes);
  const std::size_t alignment = std::size_t{1} << operation.alignment_log;
  // Without such a function a program takes that much more and aligns by itself.
  if (peer.allocate_aligned == nullptr) return peer.allocate(handle, operation.bytes + alignment);
  return peer.allocate_aligned(handle, alignment, operation.bytes);
}

// Does one operation, and touches the block as a program would. Returns: false if there is no
// memory.
inline __attribute__((always_inline)) bool apply(const space_peer& peer, void* handle,
                                                 const Operation& operation, void** blocks) {
  void*& block = blocks[operation.block];
  if (operation.kind == Kind::kDeallocate) {
    peer.deallocate(handle, block);
    return true;
  }
  void* const got = operation.kind == Kind::kAllocate
                        ? allocate(peer, handle, operation)
                        : peer.reallocate(handle, block, operation.bytes);
  if (got == nullptr) return false;
  block = got;
  *static_cast<volatile char*>(got) = 1;
  return true;
}

std::span<const Operation> warm_up(const Sequence& sequence) {
  return {sequence.operations.data(), sequence.measured_from};
}
std::span<const Operation> measured(const Sequence& sequence) {
  return std::span(sequence.operations).subspan(sequence.measured_from);
}

[[noreturn]] void fail(const char* what, const Sequence& sequence) {
  std::fprintf(stderr, "%s: %s\n", sequence.name.c_str(), what);
  std::exit(1);
}

// Both ends of a block, made of its number.
void mark(void* block, const Operation& operation) {
  auto* const bytes = static_cast<unsigned char*>(block);
  bytes[0] = bytes[operation.bytes - 1] = static_cast<unsigned char>(operation.block * 167 + 13);
}
bool is_marked(const void* block, std::uint32_t number, std::size_t bytes) {
  const auto* const at = static_cast<const unsigned char*>(block);
  const auto expected = static_cast<unsigned char>(number * 167 + 13);
  return at[0] == expected && at[bytes - 1] == expected;
}

constexpr space_peer kNull = {
    .init = [](void* memory, std::size_t) { return memory; },
    .allocate = [](void* handle, std::size_t) { return handle; },
    .deallocate = [](void*, void*) {},
    .reallocate = [](void*, void* block, std::size_t) { return block; },
    .allocate_aligned = [](void* handle, std::size_t, std::size_t) { return handle; },
    .peak = nullptr,
};

}  // namespace

const space_peer& null_peer = kNull;

void* Replay::begin(const space_peer& peer, const Sequence& sequence) {
  blocks_.assign(sequence.blocks, nullptr);
  return peer.init(memory_.data(), memory_.size());
}

bool Replay::run(const space_peer& peer, void* handle, std::span<const Operation> operations) {
  void** const blocks = blocks_.data();
  for (const Operation& operation : operations)
    if (!apply(peer, handle, operation, blocks)) return false;
  return true;
}

std::optional<std::vector<double>> Replay::time(const space_peer& peer, const Sequence& sequence) {
  using Clock = std::chrono::steady_clock;
  void* const handle = begin(peer, sequence);
  if (handle == nullptr || !run(peer, handle, warm_up(sequence))) return {};
  const auto operations = measured(sequence);
  std::vector<double> slices;
  slices.reserve(operations.size() / kSlice + 1);
  auto before = Clock::now();
  for (std::size_t i = 0; i < operations.size(); i += kSlice) {
    const auto slice = operations.subspan(i, std::min(kSlice, operations.size() - i));
    if (!run(peer, handle, slice)) return {};
    const auto after = Clock::now();
    slices.push_back(std::chrono::duration<double, std::nano>(after - before).count());
    before = after;
  }
  return slices;
}

bool Replay::time_each(const space_peer& peer, const Sequence& sequence,
                       std::span<std::uint32_t> least) {
  void* const handle = begin(peer, sequence);
  if (handle == nullptr || !run(peer, handle, warm_up(sequence))) return false;
  const auto operations = measured(sequence);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    // The fences keep one operation from running into the next.
    _mm_lfence();
    const std::uint64_t before = __rdtsc();
    _mm_lfence();
    if (!apply(peer, handle, operations[i], blocks_.data())) return false;
    _mm_lfence();
    const std::uint64_t took = __rdtsc() - before;
    least[i] = static_cast<std::uint32_t>(std::min<std::uint64_t>(took, least[i]));
  }
  return true;
}

bool Replay::count_steps(const space_peer& peer, const Sequence& sequence, std::size_t samples,
                         std::vector<std::uint64_t>& steps) {
  static const support::StepCount count;
  void* const handle = begin(peer, sequence);
  if (handle == nullptr || !run(peer, handle, warm_up(sequence))) return false;
  const auto operations = measured(sequence);
  // Odd, since patterns alternate between allocating and freeing.
  const std::size_t distance = operations.size() / samples | 1;
  steps.assign(operations.size(), 0);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    bool done = false;
    const auto call = [&] { done = apply(peer, handle, operations[i], blocks_.data()); };
    if (i % distance == 0)
      steps[i] = count(call, kMostSteps);
    else
      call();
    if (!done) return false;
  }
  return true;
}

std::optional<std::size_t> Replay::highest_byte(const space_peer& peer, const Sequence& sequence) {
  void* const handle = begin(peer, sequence);
  if (handle == nullptr) return {};
  std::vector<std::size_t> bytes(sequence.blocks);
  std::byte* highest = memory_.data();
  for (const Operation& operation : sequence.operations) {
    void*& block = blocks_[operation.block];
    std::size_t& length = bytes[operation.block];
    if (operation.kind != Kind::kAllocate && !is_marked(block, operation.block, length))
      fail("a block has other contents", sequence);
    if (operation.kind == Kind::kReallocate && operation.bytes >= length) {
      // The end of the old contents has to be there in the new block.
      void* const moved = peer.reallocate(handle, block, operation.bytes);
      if (moved == nullptr) return {};
      if (!is_marked(moved, operation.block, length)) fail("realloc lost contents", sequence);
      block = moved;
    } else if (!apply(peer, handle, operation, blocks_.data())) {
      return {};
    }
    if (operation.kind == Kind::kDeallocate) continue;
    mark(block, operation);
    length = operation.bytes;
    highest = std::max(highest, static_cast<std::byte*>(block) + length);
  }
  return static_cast<std::size_t>(highest - memory_.data());
}

std::optional<std::size_t> Replay::least_memory(const space_peer& peer, const Sequence& sequence) {
  const std::span<std::byte> all = memory_;
  const auto fits = [&](std::size_t bytes) {
    memory_ = all.first(bytes);
    void* const handle = begin(peer, sequence);
    const bool done = handle != nullptr && run(peer, handle, sequence.operations);
    memory_ = all;
    return done;
  };
  std::size_t too_little = sequence.live_bytes / 64 * 64;
  std::size_t enough = all.size();
  if (!fits(enough)) return {};
  while (enough - too_little > std::max<std::size_t>(64, enough / 256)) {
    const std::size_t middle = (too_little + (enough - too_little) / 2) / 64 * 64;
    (fits(middle) ? enough : too_little) = middle;
  }
  return enough;
}

std::optional<std::size_t> Replay::grown(const space_peer& peer, const Sequence& sequence) {
  if (peer.peak == nullptr) return {};
  blocks_.assign(sequence.blocks, nullptr);
  int ends[2];
  if (pipe(ends) != 0) fail("no pipe", sequence);
  const pid_t child = fork();
  if (child == 0) {
    std::size_t peak = 0;
    void* const handle = peer.init(nullptr, 0);
    if (handle != nullptr && run(peer, handle, sequence.operations)) peak = peer.peak(handle);
    _exit(write(ends[1], &peak, sizeof(peak)) == sizeof(peak) ? 0 : 1);
  }
  close(ends[1]);
  std::size_t peak = 0;
  const bool whole = read(ends[0], &peak, sizeof(peak)) == sizeof(peak);
  close(ends[0]);
  if (child < 0 || waitpid(child, nullptr, 0) != child || !whole) fail("no peak", sequence);
  return peak != 0 ? std::optional(peak) : std::nullopt;
}

}  // namespace space_bench
