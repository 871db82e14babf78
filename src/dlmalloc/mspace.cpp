// Blocks of spaces with dlmalloc's interface.

#include "dlmalloc/mspace.hpp"

#include <bit>
#include <new>
#include <span>

#include "base/bits.hpp"
#include "base/compiler.hpp"
#include "dlmalloc/direct.hpp"
#include "dlmalloc/guard.hpp"
#include "dlmalloc/hot_path.hpp"
#include "dlmalloc/optional_port.hpp"
#include "mete/port.h"

#ifndef METE_DEFAULT_GRANULARITY
#define METE_DEFAULT_GRANULARITY 65536
#endif
static_assert((METE_DEFAULT_GRANULARITY & (METE_DEFAULT_GRANULARITY - 1)) == 0 &&
                  METE_DEFAULT_GRANULARITY > 0,
              "METE_DEFAULT_GRANULARITY has to be a power of two");

namespace mete::dlmalloc {
namespace {

constexpr std::size_t kPage = 4096;  // where nobody says otherwise

constinit std::size_t errors = 0;

// A mistake of the program: the end of it, unless it chose to go on.
METE_COLD void report(const char* message, const void*) noexcept {
  __atomic_fetch_add(&errors, 1, __ATOMIC_RELAXED);
  if (parameters.proceeds_on_error) return;
  custom_abort(message, __FILE__, __LINE__);
  __builtin_trap();
}

METE_COLD void* no_memory() noexcept {
  optional_port::no_memory();
  return nullptr;
}

}  // namespace

constinit Parameters parameters{METE_DEFAULT_GRANULARITY};

std::size_t error_count() noexcept { return __atomic_load_n(&errors, __ATOMIC_RELAXED); }

bool set_parameter(int parameter, int value) noexcept {
  const std::size_t size =
      value == -1 ? ~std::size_t{0} : static_cast<std::size_t>(static_cast<unsigned>(value));
  switch (parameter) {
    case M_TRIM_THRESHOLD:
      parameters.trim_threshold = size;
      return true;
    case M_GRANULARITY:
      if (size < kPage || !base::is_power_of_two(size)) return false;
      parameters.granularity = size;
      return true;
    case M_MMAP_THRESHOLD:
      parameters.mmap_threshold = size;
      return true;
    case M_PROCEED_ON_ERROR:
      parameters.proceeds_on_error = value != 0;
      return true;
    default:
      return false;
  }
}

// ---- memory of the port ----

// The space of the program starts with the first request that it cannot serve, which is its first.
void Mspace::start() noexcept {
  started_ = true;
  Space::Source source;
  source.take = take;
  source.give = give;
  source.context = this;
  source.step = Space::kGranule;  // take has its own
  space_.set_source(source);
  space_.set_error_handler(report);
}

void Mspace::count_footprint(std::size_t more) noexcept {
  if (footprint() + more > peak_footprint_) peak_footprint_ = footprint() + more;
}

bool Mspace::may_take(std::size_t bytes) const noexcept {
  const std::size_t most = limit();
  return most == kNoLimit || (bytes <= most && footprint() <= most - bytes);
}

void* Mspace::take(void* self, std::size_t& bytes) noexcept {
  auto& space = *static_cast<Mspace*>(self);
  bytes = base::round_up(bytes, parameters.granularity);
  if (!space.may_take(bytes)) return nullptr;
  void* const base = custom_mmap(bytes);
  if (base == kNoMemory) return nullptr;
  space.space_.set_spare(parameters.trim_threshold);
  space.count_footprint(bytes);
  return base;
}

bool Mspace::give(void* self, void* base, std::size_t bytes) noexcept {
  auto& space = *static_cast<Mspace*>(self);
  if (!space.trims_ && parameters.trim_threshold == ~std::size_t{0}) return false;
  if (custom_munmap(base, bytes) != 0) return false;
  space.recent_bytes_ = 0;
  return true;
}

// Whether the block lies in a region of the space.
bool Mspace::has(const void* block) noexcept {
  if (METE_LIKELY(has_recently(block))) return true;
  const std::span<const std::byte> region = space_.region_of(block);
  if (region.empty()) return false;
  recent_ = reinterpret_cast<std::uintptr_t>(region.data());
  recent_bytes_ = region.size();
  return true;
}

// ---- life ----

Mspace* Mspace::begin(void* base, std::size_t bytes, bool locked, bool mapped) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::size_t padding = base::round_up(address, std::uintptr_t{alignof(Mspace)}) - address;
  const std::size_t taken = padding + sizeof(Mspace);
  if (bytes <= taken) return nullptr;
  auto* const at = static_cast<std::byte*>(base);
  auto* const space = new (at + padding) Mspace(locked);
  if (!space->space_.add_region(at + taken, bytes - taken)) return nullptr;
  space->start();
  space->mapped_bytes_ = mapped ? bytes : 0;
  space->base_ = at;
  space->base_bytes_ = taken;
  space->count_footprint(0);
  if (kHasLocks && locked) init_lock(&space->lock_);
  return space;
}

std::size_t Mspace::end() noexcept {
  trims_ = true;
  std::size_t given = 0;
  while (directs_ != nullptr) {
    Direct* const direct = directs_;
    const std::size_t bytes = direct->bytes;
    if (unmap(direct)) given += bytes;
  }
  given += space_.release();
  if (kHasLocks && !unlocked_) final_lock(&lock_);
  // This object lies in what goes back now.
  const std::size_t first = mapped_bytes_;
  if (first != 0 && custom_munmap(base_, first) == 0) given += first;
  return given;
}

// ---- blocks ----

// What the space has no memory for, or what is mapped alone.
METE_NOINLINE void* Mspace::allocate_otherwise(std::size_t bytes) noexcept {
  void* const block = allocate_here(bytes, 1);
  return block != nullptr ? block : no_memory();
}

void* Mspace::allocate_aligned(std::size_t bytes, std::size_t alignment) noexcept {
  const Guard guard(*this);
  void* const block = allocate_here(bytes, alignment);
  return block != nullptr ? block : no_memory();
}

void* Mspace::allocate_here(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes > kMost || alignment > kMost) return nullptr;
  if (!started_) start();
  alignment = std::bit_ceil(alignment < Space::kGranule ? Space::kGranule : alignment);
  void* block = nullptr;
  if (bytes >= parameters.mmap_threshold && !tracks_large_) block = map_direct(bytes, alignment);
  return block != nullptr ? block : space_.allocate(bytes, alignment);
}

void* Mspace::allocate_zeroed(std::size_t count, std::size_t bytes) noexcept {
  std::size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return no_memory();
  void* const block = allocate(all);
  if (block == nullptr) return nullptr;
  // X13: memory that is fresh from the port is zero already, if it says so.
  if (optional_port::mmap_clears() && Direct::is_one(block)) return block;
  return __builtin_memset(block, 0, all);
}

METE_NOINLINE void Mspace::deallocate_here(void* block) noexcept {
  if (METE_LIKELY(has(block))) return space_.deallocate(block);
  if (!owns_direct(block)) return report("free of a block of another space, or of none", block);
  std::byte* const base = Direct::of(block)->base;
  const std::size_t bytes = Direct::of(block)->bytes;
  // What the port does not take back is memory of the space from now on.
  if (!unmap(Direct::of(block))) space_.add_region(base, bytes);
}

std::size_t Mspace::deallocate_all(void** blocks, std::size_t count) noexcept {
  const Guard guard(*this);
  std::size_t foreign = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (blocks[i] == nullptr) continue;
    if (has(blocks[i]) || owns_direct(blocks[i])) {
      deallocate_here(blocks[i]);
      blocks[i] = nullptr;
    } else {
      ++foreign;
    }
  }
  return foreign;
}

void* Mspace::resize_in_place(void* block, std::size_t bytes) noexcept {
  if (block == nullptr || bytes > kMost) return nullptr;
  const Guard guard(*this);
  if (has(block)) return space_.resize_in_place(block, bytes) ? block : nullptr;
  if (owns_direct(block)) return bytes <= usable_size(block) ? block : nullptr;
  report("realloc of a block of another space, or of none", block);
  return nullptr;
}

void* Mspace::reallocate(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return allocate(bytes);
  if (bytes > kMost) return no_memory();
  const Guard guard(*this);
  const bool is_here = has(block);
  if (!is_here && !owns_direct(block)) {
    report("realloc of a block of another space, or of none", block);
    return nullptr;
  }
  if (is_here && (bytes < parameters.mmap_threshold || tracks_large_)) {
    void* const moved = space_.reallocate(block, bytes, 1);
    return METE_LIKELY(moved != nullptr) ? moved : no_memory();
  }
  // Mapped alone, or going to be: it stays where it fits and is at least half used.
  const std::size_t old_bytes = usable_size(block);
  if (!is_here && bytes <= old_bytes && bytes >= old_bytes / 2) return block;
  void* const moved = allocate_here(bytes, 1);
  if (moved == nullptr) return bytes <= old_bytes ? block : no_memory();
  __builtin_memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);  // not more than fits (X7)
  deallocate_here(block);
  return moved;
}

std::size_t Mspace::usable_size(const void* block) noexcept {
  if (block == nullptr) return 0;
  return Direct::is_one(block) ? Direct::of(block)->usable() : Space::usable_size(block);
}

void** Mspace::allocate_together(std::size_t count, const std::size_t* sizes, std::size_t stride,
                                 bool zero, void** blocks) noexcept {
  std::size_t table = 0;
  if (blocks == nullptr && __builtin_mul_overflow(count, sizeof(void*), &table)) return nullptr;
  std::size_t all = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = Space::size_in_use(sizes[i * stride]);
    if (size == 0 || __builtin_add_overflow(all, size, &all)) return nullptr;  // X10
    if (stride == 0) {
      if (__builtin_mul_overflow(size, count, &all)) return nullptr;
      break;
    }
  }
  if (blocks == nullptr) {
    blocks = static_cast<void**>(allocate(table));
    if (blocks == nullptr || count == 0) return blocks;
    void** const made = allocate_together(count, sizes, stride, zero, blocks);
    if (made == nullptr) deallocate(blocks);
    return made;
  }
  if (count == 0) return blocks;
  if (all > kMost) return nullptr;
  const Guard guard(*this);
  if (!started_) start();
  // In one piece, of the space: a block that is mapped alone cannot be split.
  void* rest = space_.allocate(all - sizeof(std::size_t), 1);
  if (rest == nullptr) return nullptr;
  if (zero) __builtin_memset(rest, 0, space_.usable_size(rest));
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i] = rest;
    if (i + 1 == count) break;
    rest = space_.split(rest, sizes[i * stride]);
  }
  return blocks;
}

// ---- the whole space ----

bool Mspace::track_large(bool enable) noexcept {
  const Guard guard(*this);
  const bool before = tracks_large_;
  tracks_large_ = enable;
  return before;
}

bool Mspace::trim(std::size_t pad) noexcept {
  const Guard guard(*this);
  const Space::Statistics now = space_.statistics();
  if (now.footprint - now.in_use <= pad) return false;
  trims_ = true;
  const std::size_t given = space_.trim();
  trims_ = false;
  return given != 0;
}

std::size_t Mspace::set_limit(std::size_t bytes) noexcept {
  const Guard guard(*this);
  // 0 is no more than there is, not no limit (X8).
  limit_and_one_ = bytes > kMost ? 0 : base::round_up(bytes, kPage) + 1;
  return limit();
}

}  // namespace mete::dlmalloc
