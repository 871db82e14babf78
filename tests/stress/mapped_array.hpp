// A fixed-size array in memory of its own, straight from the kernel.
//
// The driver's bookkeeping lives here: a faulty allocator under test cannot overwrite it, and it
// costs no call of that allocator. Zero-filled; elements must be valid when all their bytes are
// zero.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace stress {

template <class T>
class MappedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  explicit MappedArray(std::size_t count, bool touched = false) noexcept : count_(count) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (touched ? MAP_POPULATE : 0);
    void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) std::abort();
    data_ = static_cast<T*>(memory);
  }
  ~MappedArray() { munmap(static_cast<void*>(data_), count_ * sizeof(T)); }
  MappedArray(const MappedArray&) = delete;
  MappedArray& operator=(const MappedArray&) = delete;

  std::size_t size() const noexcept { return count_; }
  T& operator[](std::size_t index) noexcept { return data_[index]; }
  const T& operator[](std::size_t index) const noexcept { return data_[index]; }
  T* begin() noexcept { return data_; }
  T* end() noexcept { return data_ + count_; }

 private:
  std::size_t count_;
  T* data_;
};

}  // namespace stress
