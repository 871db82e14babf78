// Blocks of spaces with dlmalloc's interface.

#include "dlmalloc/mspace.hpp"

#include <bit>
#include <new>

#include "base/bits.hpp"
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
constexpr std::size_t kMost = ~std::size_t{0} / 4;

void* const kNoMemory = reinterpret_cast<void*>(~std::uintptr_t{0});  // what custom_mmap says

[[noreturn]] void stop(const char* message) noexcept {
  custom_abort(message, __FILE__, __LINE__);
  __builtin_trap();
}

void report(const char* message, const void*) { stop(message); }

}  // namespace

constinit Parameters parameters{METE_DEFAULT_GRANULARITY};

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
    default:
      return false;
  }
}

// The lock of a space for the length of a call; starts the space with its first.
class Mspace::Guard {
 public:
  explicit Guard(Mspace& space) noexcept : space_(space) {
    if (space_.locked_) acquire_lock(&space_.lock_);
    if (!space_.started_) space_.start();
  }
  ~Guard() {
    if (space_.locked_) release_lock(&space_.lock_);
  }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

 private:
  Mspace& space_;
};

// What lies before a block that was mapped alone. Its last word is where others have the head of a
// chunk: a size whose flags are all clear, which no chunk in a space has.
struct Mspace::Direct {
  Mspace* owner;
  std::byte* base;
  std::size_t unused;  // so that it takes whole granules
  std::size_t bytes;

  void* payload() noexcept { return this + 1; }
  static Direct* of(const void* block) noexcept {
    return static_cast<Direct*>(const_cast<void*>(block)) - 1;
  }
  static bool is_one(const void* block) noexcept { return (of(block)->bytes & 3) == 0; }
  std::size_t usable() const noexcept {
    return static_cast<std::size_t>(base + bytes - reinterpret_cast<const std::byte*>(this + 1));
  }
};

// ---- memory of the port ----

void Mspace::start() noexcept {
  started_ = true;
  space_.set_error_handler(report);
  space_.set_source(source());
}

Space::Source Mspace::source() noexcept {
  Space::Source source;
  source.take = take;
  source.give = give;
  source.context = this;
  source.step = parameters.granularity;
  return source;
}

std::size_t Mspace::footprint() const noexcept {
  return space_.statistics().footprint + base_bytes_ + direct_bytes_;
}

void Mspace::count_footprint() noexcept {
  if (footprint() > peak_footprint_) peak_footprint_ = footprint();
}

bool Mspace::may_take(std::size_t bytes) const noexcept {
  return limit_ == kNoLimit || (bytes <= limit_ && footprint() <= limit_ - bytes);
}

void* Mspace::take(void* self, std::size_t& bytes) noexcept {
  const auto& space = *static_cast<Mspace*>(self);
  if (!space.may_take(bytes)) return nullptr;
  void* const base = custom_mmap(bytes);
  return base != kNoMemory ? base : nullptr;
}

bool Mspace::give(void* self, void* base, std::size_t bytes) noexcept {
  const auto& space = *static_cast<Mspace*>(self);
  if (!space.trims_ && parameters.trim_threshold == ~std::size_t{0}) return false;
  return custom_munmap(base, bytes) == 0;
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
  space->mapped_ = mapped;
  space->base_ = at;
  space->base_bytes_ = taken;
  space->count_footprint();
  if (locked) init_lock(&space->lock_);
  return space;
}

std::size_t Mspace::end() noexcept {
  trims_ = true;
  const std::size_t all = space_.statistics().footprint + base_bytes_;
  std::size_t given = space_.release();
  if (locked_) final_lock(&lock_);
  // This object lies in what goes back now.
  const std::size_t first = all - given;
  if (mapped_ && custom_munmap(base_, first) == 0) given += first;
  return given;
}

// ---- blocks ----

void* Mspace::map_direct(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t least = bytes + alignment + sizeof(Direct);
  if (custom_direct_mmap == nullptr || least < bytes || least > kMost) return nullptr;
  const std::size_t length = base::round_up(least, parameters.granularity);
  if (!may_take(length)) return nullptr;
  void* const base = custom_direct_mmap(length);
  if (base == kNoMemory) return nullptr;
  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::uintptr_t payload =
      base::round_up(address + sizeof(Direct), std::uintptr_t{alignment});
  auto* const direct = reinterpret_cast<Direct*>(payload) - 1;
  *direct = {this, static_cast<std::byte*>(base), 0, length};
  direct_bytes_ += length;
  ++direct_blocks_;
  return direct->payload();
}

void* Mspace::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const Guard guard(*this);
  return take_block(bytes, alignment);
}

void* Mspace::take_block(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes > kMost || alignment > kMost) return nullptr;
  alignment = std::bit_ceil(alignment < Space::kGranule ? Space::kGranule : alignment);
  void* block = nullptr;
  if (bytes >= parameters.mmap_threshold && !tracks_large_) block = map_direct(bytes, alignment);
  if (block == nullptr) block = space_.allocate(bytes, alignment);
  count_footprint();
  return block;
}

void* Mspace::allocate_zeroed(std::size_t count, std::size_t bytes) noexcept {
  std::size_t all;
  if (__builtin_mul_overflow(count, bytes, &all)) return nullptr;
  void* const block = allocate(all, 1);
  return block != nullptr ? __builtin_memset(block, 0, all) : nullptr;
}

void Mspace::check_owner(void* block, const char* message) const noexcept {
  if (!space_.owns(block)) stop(message);
}

void Mspace::deallocate(void* block) noexcept {
  if (block == nullptr) return;
  const Guard guard(*this);
  put_block(block);
}

void Mspace::put_block(void* block) noexcept {
  if (!space_.owns(block)) {
    Direct* const direct = Direct::of(block);
    if (!Direct::is_one(block) || direct->owner != this)
      stop("free of a block of another space, or of none");
    direct_bytes_ -= direct->bytes;
    --direct_blocks_;
    if (custom_munmap(direct->base, direct->bytes) != 0) stop("a block cannot be unmapped");
    return;
  }
  space_.deallocate(block);
}

void* Mspace::resize_in_place(void* block, std::size_t bytes) noexcept {
  if (block == nullptr || bytes > kMost) return nullptr;
  const Guard guard(*this);
  if (Direct::is_one(block)) return bytes <= usable_size(block) ? block : nullptr;
  check_owner(block, "realloc of a block of another space, or of none");
  return space_.resize_in_place(block, bytes) ? block : nullptr;
}

void* Mspace::reallocate(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return allocate(bytes, 1);
  if (bytes > kMost) return nullptr;
  const Guard guard(*this);
  const bool is_direct = Direct::is_one(block);
  if (!is_direct && (bytes < parameters.mmap_threshold || tracks_large_)) {
    check_owner(block, "realloc of a block of another space, or of none");
    void* const moved = space_.reallocate(block, bytes, 1);
    count_footprint();
    return moved;
  }
  // Mapped alone, or going to be: it stays where it fits and is at least half used.
  const std::size_t old_bytes = usable_size(block);
  if (is_direct && bytes <= old_bytes && bytes >= old_bytes / 2) return block;
  void* const moved = take_block(bytes, 1);
  if (moved == nullptr) return bytes <= old_bytes ? block : nullptr;
  __builtin_memcpy(moved, block, old_bytes < bytes ? old_bytes : bytes);  // not more than fits (X7)
  put_block(block);
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
    blocks = static_cast<void**>(allocate(table, 1));
    if (blocks == nullptr || count == 0) return blocks;
    void** const made = allocate_together(count, sizes, stride, zero, blocks);
    if (made == nullptr) deallocate(blocks);
    return made;
  }
  if (count == 0) return blocks;
  if (all > kMost) return nullptr;
  const Guard guard(*this);
  // In one piece, of the space: a block that is mapped alone cannot be split.
  void* rest = space_.allocate(all - sizeof(std::size_t), 1);
  count_footprint();
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
  const std::size_t rounded = bytes > kMost ? kNoLimit : base::round_up(bytes, kPage);
  return limit_ = rounded;
}

mallinfo_dl Mspace::info() noexcept {
  const Guard guard(*this);
  mallinfo_dl info{};
  space_.walk([](void* context, void*, std::size_t,
                 bool in_use) { static_cast<mallinfo_dl*>(context)->ordblks += !in_use; },
              &info);
  const Space::Statistics now = space_.statistics();
  info.arena = now.footprint + base_bytes_;
  info.hblks = direct_blocks_;
  info.hblkhd = direct_bytes_;
  info.usmblks = peak_footprint_;
  info.uordblks = now.in_use + direct_bytes_;
  info.fordblks = info.arena - now.in_use;
  info.keepcost = space_.trimmable();
  return info;
}

void Mspace::inspect(void (*handler)(void*, void*, std::size_t, void*), void* argument) noexcept {
  struct Call {
    void (*handler)(void*, void*, std::size_t, void*);
    void* argument;
  } call{handler, argument};
  const Guard guard(*this);
  space_.walk(
      [](void* context, void* address, std::size_t bytes, bool in_use) {
        const Call& to = *static_cast<Call*>(context);
        to.handler(address, static_cast<std::byte*>(address) + bytes, in_use ? bytes : 0,
                   to.argument);
      },
      &call);
}

}  // namespace mete::dlmalloc
