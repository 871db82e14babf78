// Memory goes back: after a phase that frees everything, resident memory is within 1 MiB + 12.5 %
// of what is live (and 1/512 of the peak, for metadata), one second later, whether the program
// sleeps through that second or allocates a little now and then.
//
//   stress_purge SIZES WHO AFTER
//
// SIZES, about 200 MB of blocks:
//   small: 16..512 bytes
//   medium: 1..32 KiB
//   large: 64 KiB..4 MiB
// WHO:
//   self: one thread allocates and frees
//   keep: the same, but the first tenth stays live; it fills pages of its own
//   remote: the owner sleeps while another thread frees
//   ended: the owner has ended before another thread frees
//   leaving: the owner frees, then ends
// AFTER: sleep, or trickle: a few 64-byte blocks every 10 ms, in the thread that freed
//
// Prints what it measured and exits with 1 if more is resident than promised.
#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <semaphore>
#include <string_view>
#include <thread>
#include <utility>

#include "mapped_array.hpp"
#include "support/random.hpp"
#include "support/resident.h"

namespace stress {

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kTotalBytes = 200'000'000;
constexpr std::size_t kPromisedSlack = 1024 * kKiB;
constexpr std::size_t kPromisedShare = 8;  // 12.5 % of what is live
constexpr std::size_t kPromisedMetadata =
    512;  // what is known of pages and slabs, 0.2 % of the peak, stays

struct Sizes {
  std::string_view name;
  std::size_t low, high;
  bool octaves;  // every octave equally likely, or every size
};

constexpr Sizes kSizes[] = {
    {"small", 16, 512, false},
    {"medium", 1 * kKiB, 32 * kKiB, false},
    {"large", 64 * kKiB, 4096 * kKiB, true},
};

class Blocks {
 public:
  // Bookkeeping is resident from the start, so that it does not count.
  explicit Blocks(const Sizes& sizes) noexcept
      : sizes_(sizes),
        pointers_(kTotalBytes / (sizes.octaves ? sizes.low : (sizes.low + sizes.high) / 4), true) {}

  void allocate() noexcept {
    for (std::size_t bytes = 0; bytes < kTotalBytes;) {
      const std::size_t size = sizes_.octaves ? random_.log_uniform(sizes_.low, sizes_.high)
                                              : random_.between(sizes_.low, sizes_.high);
      void* block = std::malloc(size);
      if (block == nullptr || count_ == pointers_.size()) std::abort();
      std::memset(block, 0x5a, size);
      pointers_[count_++] = block;
      bytes += size;
    }
  }

  /// Frees all but the first `keep` in random order.
  void free_from(std::size_t keep) noexcept {
    while (count_ > keep) {
      std::swap(pointers_[random_.between(keep, count_ - 1)], pointers_[count_ - 1]);
      std::free(pointers_[--count_]);
    }
  }

  std::size_t count() const noexcept { return count_; }

  std::size_t live_bytes() noexcept {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count_; ++i) bytes += malloc_usable_size(pointers_[i]);
    return bytes;
  }

 private:
  const Sizes& sizes_;
  MappedArray<void*> pointers_;
  std::size_t count_ = 0;
  support::Random random_{1, 0};
};

void pass(int milliseconds, bool trickle) noexcept {
  for (; milliseconds > 0; milliseconds -= 10) {
    usleep(10'000);
    if (!trickle) continue;
    void* few[4];
    for (void*& block : few) block = std::malloc(64);
    for (void* block : few) std::free(block);
  }
}

struct Measured {
  std::size_t before, full, freed, later, live;
};

// Who does what; the owner runs in a thread of its own where the case asks for that.
Measured measure(Blocks& blocks, std::string_view who, bool trickle) {
  Measured m{};
  const auto fill = [&] {
    blocks.allocate();
    m.full = resident_bytes();
  };
  const auto empty = [&](std::size_t keep) {
    blocks.free_from(keep);
    m.freed = resident_bytes();
  };
  if (who == "self" || who == "keep") {
    m.before = resident_bytes();
    fill();
    empty(who == "keep" ? blocks.count() / 10 : 0);
    pass(1000, trickle);
    m.later = resident_bytes();
  } else {
    std::binary_semaphore start{0}, filled{0}, leave{0};
    std::thread owner([&] {
      start.acquire();
      fill();
      if (who == "leaving") empty(0);
      filled.release();
      if (who == "remote") leave.acquire();
    });
    m.before = resident_bytes();
    start.release();
    filled.acquire();
    if (who != "remote") owner.join();
    if (who != "leaving") empty(0);
    pass(1000, trickle);
    m.later = resident_bytes();
    leave.release();
    if (owner.joinable()) owner.join();
  }
  m.live = blocks.live_bytes();
  return m;
}

int usage() {
  std::fputs("stress_purge small|medium|large self|keep|remote|ended|leaving sleep|trickle\n",
             stderr);
  return 2;
}

int main(int count, char** arguments) {
  if (count != 4) return usage();
  const std::string_view name = arguments[1], who = arguments[2], after = arguments[3];
  const Sizes* sizes = nullptr;
  for (const Sizes& candidate : kSizes) {
    if (candidate.name == name) sizes = &candidate;
  }
  const bool known =
      who == "self" || who == "keep" || who == "remote" || who == "ended" || who == "leaving";
  if (sizes == nullptr || !known || (after != "sleep" && after != "trickle")) return usage();

  Blocks blocks(*sizes);
  pass(20, false);  // the code of it is resident from now on
  const Measured m = measure(blocks, who, after == "trickle");
  const auto excess = [&](std::size_t resident) {
    return (static_cast<long>(resident) - static_cast<long>(m.before) - static_cast<long>(m.live)) /
           static_cast<long>(kKiB);
  };
  const long promised = static_cast<long>(
      (kPromisedSlack + m.live / kPromisedShare + m.full / kPromisedMetadata) / kKiB);
  const bool kept = excess(m.later) <= promised;
  std::printf(
      "purge %s %s %s: before %zu KiB, full %zu KiB, live %zu KiB; excess when freed %ld KiB, a "
      "second later "
      "%ld KiB, promised %ld KiB: %s\n",
      arguments[1], arguments[2], arguments[3], m.before / kKiB, m.full / kKiB, m.live / kKiB,
      excess(m.freed), excess(m.later), promised, kept ? "kept" : "FAILED");
  return kept ? 0 : 1;
}

}  // namespace

}  // namespace stress

int main(int count, char** arguments) { return stress::main(count, arguments); }
