// A space as the functions of dlmalloc.h see it: a Space with a lock of the port, that takes memory
// by custom_mmap, and large blocks that are mapped alone.

#pragma once

#include <cstddef>

#include "mete/dlmalloc.h"
#include "mete/space.hpp"

namespace mete::dlmalloc {

// What dlmallopt sets; of all spaces.
struct Parameters {
  std::size_t granularity;
  std::size_t trim_threshold = std::size_t{2} << 20;
  std::size_t mmap_threshold = std::size_t{256} << 10;
};
extern constinit Parameters parameters;
bool set_parameter(int parameter, int value) noexcept;

class Mspace {
 public:
  constexpr explicit Mspace(bool locked) noexcept : locked_(locked) {}

  // A space with at least `capacity` bytes of its own at `base`, null if that has no room. It is
  // the caller's, or goes back at the end if `mapped`.
  static Mspace* begin(void* base, std::size_t bytes, bool locked, bool mapped) noexcept;
  // Returns: bytes given back.
  std::size_t end() noexcept;

  void* allocate(std::size_t bytes, std::size_t alignment) noexcept;
  void* allocate_zeroed(std::size_t count, std::size_t bytes) noexcept;
  void deallocate(void* block) noexcept;
  void* reallocate(void* block, std::size_t bytes) noexcept;
  void* resize_in_place(void* block, std::size_t bytes) noexcept;
  // Without a lock: the size of a block in use stays while others change the flags beside it.
  static std::size_t usable_size(const void* block) noexcept;

  // `count` blocks side by side; sizes[i * stride]. All zero if `zero`.
  void** allocate_together(std::size_t count, const std::size_t* sizes, std::size_t stride,
                           bool zero, void** blocks) noexcept;

  bool track_large(bool enable) noexcept;
  bool trim(std::size_t pad) noexcept;
  std::size_t footprint() const noexcept;
  std::size_t peak_footprint() const noexcept { return peak_footprint_; }
  std::size_t limit() const noexcept { return limit_; }
  std::size_t set_limit(std::size_t bytes) noexcept;
  mallinfo_dl info() noexcept;
  void inspect(void (*handler)(void*, void*, std::size_t, void*), void* argument) noexcept;

 private:
  class Guard;
  struct Direct;

  static void* take(void* self, std::size_t& bytes) noexcept;
  static bool give(void* self, void* base, std::size_t bytes) noexcept;
  Space::Source source() noexcept;
  void start() noexcept;
  bool may_take(std::size_t bytes) const noexcept;
  void count_footprint() noexcept;
  void* take_block(std::size_t bytes, std::size_t alignment) noexcept;
  void put_block(void* block) noexcept;
  void* map_direct(std::size_t bytes, std::size_t alignment) noexcept;
  void check_owner(void* block, const char* message) const noexcept;

  static constexpr std::size_t kNoLimit = ~std::size_t{0};

  Space space_;
  void* lock_ = nullptr;  // the port's
  bool locked_;
  bool started_ = false;
  bool mapped_ = false;  // base_ goes back at the end
  bool tracks_large_ = false;
  bool trims_ = false;  // a trim that was asked for is under way
  std::byte* base_ = nullptr;
  std::size_t base_bytes_ = 0;  // what lies at base_ besides regions
  std::size_t direct_bytes_ = 0;
  std::size_t direct_blocks_ = 0;
  std::size_t peak_footprint_ = 0;
  std::size_t limit_ = kNoLimit;
};
static_assert(sizeof(Mspace) + 6 * sizeof(std::size_t) <= 128 * sizeof(std::size_t),
              "bookkeeping of less than 128 words (M3)");

}  // namespace mete::dlmalloc
