// A space as the functions of dlmalloc.h see it: a Space with a lock of the port, that takes memory
// by custom_mmap, and large blocks that are mapped alone.

#pragma once

#include <cstddef>
#include <cstdint>

#include "mete/dlmalloc.h"
#include "mete/space.hpp"

namespace mete::dlmalloc {

// What the port says when there is no memory.
inline void* const kNoMemory = reinterpret_cast<void*>(~std::uintptr_t{0});

// No request is larger.
inline constexpr std::size_t kMost = ~std::size_t{0} / 4;

// What dlmallopt sets; of all spaces, from the next time on that one asks for memory.
struct Parameters {
  std::size_t granularity;
  std::size_t trim_threshold = std::size_t{2} << 20;
  std::size_t mmap_threshold = std::size_t{256} << 10;
  bool proceeds_on_error = false;
};
extern constinit Parameters parameters;
bool set_parameter(int parameter, int value) noexcept;

// Mistakes so far that were counted and refused, since parameters.proceeds_on_error.
std::size_t error_count() noexcept;

class Mspace {
 public:
  constexpr explicit Mspace(bool locked) noexcept : unlocked_(!locked) {}

  // A space with at least `capacity` bytes of its own at `base`, null if that has no room. It is
  // the caller's, or goes back at the end if `mapped`.
  static Mspace* begin(void* base, std::size_t bytes, bool locked, bool mapped) noexcept;
  // Returns: bytes given back.
  std::size_t end() noexcept;

  // Null if there is no memory, which custom_no_memory is told.
  void* allocate(std::size_t bytes) noexcept;
  void* allocate_aligned(std::size_t bytes, std::size_t alignment) noexcept;
  void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept;
  void* reallocate(void* block, std::size_t bytes) noexcept;
  // `count` blocks side by side; sizes[i * stride]. All zero if `zero`.
  void** allocate_together(std::size_t count, const std::size_t* sizes, std::size_t stride,
                           bool zero, void** blocks) noexcept;

  void deallocate(void* block) noexcept;
  // Frees and nulls those that are blocks of this space. Returns: how many are not.
  std::size_t deallocate_all(void** blocks, std::size_t count) noexcept;
  void* resize_in_place(void* block, std::size_t bytes) noexcept;
  // Without a lock: the size of a block in use stays while others change the flags beside it.
  static std::size_t usable_size(const void* block) noexcept;

  bool track_large(bool enable) noexcept;
  bool trim(std::size_t pad) noexcept;
  std::size_t footprint() const noexcept {
    return space_.statistics().footprint + base_bytes_ + direct_bytes_;
  }
  std::size_t peak_footprint() const noexcept { return peak_footprint_; }
  std::size_t limit() const noexcept { return limit_and_one_ - 1; }
  std::size_t set_limit(std::size_t bytes) noexcept;
  mallinfo_dl info() noexcept;
  void inspect(void (*handler)(void*, void*, std::size_t, void*), void* argument) noexcept;

 private:
  class Guard;
  struct Direct;

  static void* take(void* self, std::size_t& bytes) noexcept;
  static bool give(void* self, void* base, std::size_t bytes) noexcept;
  void start() noexcept;
  bool may_take(std::size_t bytes) const noexcept;
  void count_footprint(std::size_t more) noexcept;

  void* allocate_otherwise(std::size_t bytes) noexcept;
  void* allocate_here(std::size_t bytes, std::size_t alignment) noexcept;
  void deallocate_here(void* block) noexcept;
  bool has_recently(const void* block) const noexcept;
  bool has(const void* block) noexcept;
  void* map_direct(std::size_t bytes, std::size_t alignment) noexcept;
  bool owns_direct(const void* block) const noexcept;
  bool unmap(Direct* direct) noexcept;

  static constexpr std::size_t kNoLimit = ~std::size_t{0};

  // All zero in the space of the program, which takes no place in a file then.
  Space space_;
  // The region that a block was in last: most others are in it, too.
  std::uintptr_t recent_ = 0;
  std::size_t recent_bytes_ = 0;
  void* lock_ = nullptr;  // the port's
  bool unlocked_;
  bool started_ = false;       // the port's memory is asked for
  bool tracks_large_ = false;  // no block is mapped alone
  bool trims_ = false;         // a trim that was asked for is under way
  std::byte* base_ = nullptr;
  std::size_t base_bytes_ = 0;    // what lies at base_ besides regions
  std::size_t mapped_bytes_ = 0;  // what goes back from base_ on at the end
  Direct* directs_ = nullptr;     // blocks that are mapped alone
  std::size_t direct_bytes_ = 0;
  std::size_t peak_footprint_ = 0;
  std::size_t limit_and_one_ = 0;  // 0: none
};
static_assert(sizeof(Mspace) + 6 * sizeof(std::size_t) < 128 * sizeof(std::size_t),
              "bookkeeping of less than 128 words (M3)");

}  // namespace mete::dlmalloc
