// The checks around every call of the allocator under test.
#include "worker.hpp"

#include <errno.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "allocator_under_test.hpp"
#include "pattern.hpp"

namespace stress {

namespace {

thread_local const Worker* current_worker = nullptr;

constexpr std::size_t kMaxFundamentalAlignment = 16;
constexpr std::size_t kWholeZeroCheck = 256 * 1024;

// What a block of `bytes` must be aligned to at least (ISO C23 7.24.3: any object that fits into
// it).
constexpr std::size_t fundamental_alignment(std::size_t bytes) noexcept {
  return bytes == 0 ? 1 : std::min(std::bit_floor(bytes), kMaxFundamentalAlignment);
}

void check_zero(const std::byte* bytes, std::size_t from, std::size_t to,
                std::size_t size) noexcept {
  if (from == to) return;
  // All bytes are zero if the first one is and each equals the one before it; memcmp is much faster
  // than a loop.
  if (bytes[from] == std::byte{0} &&
      std::memcmp(bytes + from, bytes + from + 1, to - from - 1) == 0)
    return;
  while (bytes[from] == std::byte{0}) ++from;
  fail("zeroed block %p of %zu bytes has 0x%02x at offset %zu", static_cast<const void*>(bytes),
       size, static_cast<unsigned>(bytes[from]), from);
}

}  // namespace

Worker::Worker(Run& run, unsigned index) noexcept
    : run_(run), outer_(current_worker), index_(index), random_(run.options().seed, index) {
  current_worker = this;
}

Worker::~Worker() {
  current_worker = outer_;
  run_.add_operations(operations_);
}

const Worker* Worker::current() noexcept { return current_worker; }

bool Worker::keep_going(unsigned look_every) noexcept {
  const std::uint64_t limit = run_.options().operations;
  if (limit != 0 && operations_ >= limit) return false;
  if (operations_ % look_every == 0 && run_.time_is_over()) return false;
  ++operations_;
  return true;
}

void Worker::check_out_of_memory() noexcept {
  if (under_test::kIsProcessMalloc && errno != ENOMEM)
    fail("null with errno %d instead of ENOMEM", errno);
  run_.count_null();
}

Block Worker::filled(void* address, std::size_t bytes, std::size_t alignment) noexcept {
  if (address == nullptr) {
    if (!run_.null_is_fine()) fail("null for %zu bytes aligned to %zu", bytes, alignment);
    check_out_of_memory();
    return {};
  }
  if (reinterpret_cast<std::uintptr_t>(address) % alignment != 0) {
    fail("block %p of %zu bytes is not aligned to %zu", address, bytes, alignment);
  }
  const std::size_t usable = under_test::usable_size(address);
  if (usable < bytes)
    fail("usable size %zu of block %p is below the %zu bytes asked for", usable, address, bytes);
  Block block{static_cast<std::byte*>(address), bytes, random_.next()};
  if (block.seed % 8 == 0) block.size = usable;
  Pattern(address, block.size, block.seed).write(address);
  return block;
}

Block Worker::take(std::size_t bytes) noexcept {
  return filled(under_test::allocate(bytes), bytes, fundamental_alignment(bytes));
}

Block Worker::take_aligned(std::size_t alignment, std::size_t bytes) noexcept {
  return filled(under_test::allocate_aligned(alignment, bytes), bytes, alignment);
}

Block Worker::take_zeroed(std::size_t bytes) noexcept {
  auto* address = static_cast<std::byte*>(under_test::allocate_zeroed(bytes));
  if (address != nullptr) {
    if (bytes <= kWholeZeroCheck || random_.one_in(4)) {
      check_zero(address, 0, bytes, bytes);
    } else {
      // The ends, and a cache line somewhere in every 64 KiB: reading all would cost more than the
      // rest of the driver.
      check_zero(address, 0, 4096, bytes);
      check_zero(address, bytes - 4096, bytes, bytes);
      for (std::size_t page = 4096; page + 65536 < bytes; page += 65536) {
        const std::size_t from = page + random_.below(65536 - 64);
        check_zero(address, from, from + 64, bytes);
      }
    }
  }
  return filled(address, bytes, fundamental_alignment(bytes));
}

void Worker::check_survivors(const Block& old, const void* now, std::size_t length) const noexcept {
  const auto mismatch = Pattern(old.address, old.size, old.seed).check(now, length);
  if (!mismatch.found) return;
  fail("block %p of %zu bytes (now at %p) has 0x%02x instead of 0x%02x at offset %zu",
       static_cast<const void*>(old.address), old.size, now, static_cast<unsigned>(mismatch.actual),
       static_cast<unsigned>(mismatch.expected), mismatch.offset);
}

void Worker::check(const Block& block) const noexcept {
  check_survivors(block, block.address, block.size);
}

bool Worker::resize(Block& block, std::size_t bytes) noexcept {
  check(block);
  void* moved = under_test::reallocate(block.address, bytes);
  if (moved == nullptr) {
    if (!run_.null_is_fine()) fail("null from realloc of %zu to %zu bytes", block.size, bytes);
    check_out_of_memory();
    check(block);
    return false;
  }
  check_survivors(block, moved, std::min(bytes, block.size));
  block = filled(moved, bytes, fundamental_alignment(bytes));
  return true;
}

void Worker::give_back(const Block& block) noexcept {
  if (!block) return;
  check(block);
  under_test::deallocate(block.address);
}

void Worker::exchange(Block block) noexcept {
  Mailboxes& boxes = run_.mailboxes();
  while (!boxes.try_swap(random_.below(boxes.size()), block)) {
  }
  give_back(block);
}

}  // namespace stress
