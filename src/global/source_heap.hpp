// A heap on memory that its user supplies, a buffer or a source: a Space behind a lock, placed at
// the start of the first piece of that memory.
//
// Its memory lies in no page of the process heap. So a plain free comes here when nothing else
// knows the address (heap::Elsewhere), and looks through all such heaps.

#pragma once

#include <cstddef>

#include "mete/mete.h"
#include "mete/space.hpp"
#include "port/mutex.hpp"

namespace mete::global {

class SourceHeap {
 public:
  // A new heap on options.buffer or options.source. Null if that has no room for it.
  static SourceHeap* begin(const mete_heap_options& options) noexcept;
  // Ends the heap and its blocks, and gives the memory of its source back.
  void end() noexcept;

  // As the functions of SharedHeap (heap/shared_heap.hpp).
  void* allocate(std::size_t bytes, std::size_t alignment, bool zero) noexcept;
  void* reallocate(void* pointer, std::size_t bytes, std::size_t alignment) noexcept;
  void deallocate(void* pointer) noexcept;
  std::size_t allocate_batch(std::size_t bytes, std::size_t alignment, void** blocks,
                             std::size_t count) noexcept;
  void deallocate_batch(void* const* blocks, std::size_t count) noexcept;
  std::size_t usable_size(const void* pointer) noexcept;  // 0 if it is not its
  void reset() noexcept;
  bool owns(const void* pointer) noexcept;
  mete_heap_statistics statistics() noexcept;
  const char* name() const noexcept { return name_; }

 private:
  struct List;

  SourceHeap(std::byte* base, std::size_t bytes, const mete_heap_options& options) noexcept;
  void start() noexcept;
  bool add_rest(void* base, std::size_t bytes) noexcept;
  void* take(std::size_t bytes, std::size_t alignment) noexcept METE_REQUIRES(lock_);
  bool take_back(void* pointer) noexcept;  // whether it was its
  bool allows(std::size_t bytes) const noexcept METE_REQUIRES(lock_);

  static bool deallocate_any(void* pointer) noexcept;
  static std::size_t usable_size_of_any(const void* pointer) noexcept;
  static void lock_for_fork() noexcept;
  static void unlock_after_fork() noexcept;
  static void recover_in_child() noexcept;

  port::Mutex lock_{port::LockRank::kSource};
  Space space_ METE_GUARDED_BY(lock_);
  mete_memory_source source_{};
  std::byte* const base_;  // the first piece
  const std::size_t bytes_;
  const bool is_buffer_;  // the caller's: not to be given back
  std::size_t limit_;     // of bytes in use, 0 if there is none
  SourceHeap* next_ = nullptr;
  char name_[32] = "";
};

}  // namespace mete::global
