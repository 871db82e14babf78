// malloc and its family (ISO C23 7.24.3, POSIX, glibc), and the start of the process heap.
//
// Where the standard leaves a choice, programs have come to expect glibc's: malloc(0) gives a
// block, realloc(p, 0) frees it and returns null, memalign rounds an odd alignment up.

#include <errno.h>
#include <string.h>

#include <bit>
#include <cstddef>
#include <cstdint>

#include "abi/alias.hpp"
#include "abi/failure.hpp"
#include "abi/noted_slow_path.hpp"
#include "base/bits.hpp"
#include "global/process.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"
#include "heap/start.hpp"
#include "heap/thread_heaps.hpp"
#include "port/memory.hpp"

namespace mete::abi {
namespace {

__attribute__((constructor(101))) void start() {
  heap::start();  // so that a free of nonsense finds the tables, even as the first call of the
                  // program
  global::start_process();
}
__attribute__((destructor(101))) void finish() { global::finish_process(); }

constexpr std::size_t kMostBytes = PTRDIFF_MAX;

METE_INLINE void* resize(void* pointer, std::size_t bytes) noexcept {
  if (METE_UNLIKELY(pointer == nullptr)) return heap::allocate<SetErrno>(bytes);
  if (METE_UNLIKELY(bytes == 0)) {
    heap::deallocate(pointer);
    return nullptr;
  }
  if (METE_UNLIKELY(bytes > kMostBytes)) return or_enomem<void>(nullptr);
  return or_enomem(heap::reallocate(pointer, bytes));
}

METE_NOINLINE void* zeroed_slow(std::size_t bytes) noexcept {
  return or_enomem(allocate_zeroed_noted(bytes));
}

// Sets `bytes` of a block to zero. Up to 64 bytes, most of what is asked for, without a call: one
// granule, which every block has, or one or two from each end, which may overlap.
METE_INLINE void* clear(void* block, std::size_t bytes) noexcept {
  constexpr std::size_t kGranule = heap::kGranule;
  auto* const start = static_cast<std::byte*>(block);
  if (METE_UNLIKELY(bytes > 4 * kGranule)) return memset(start, 0, bytes);
  memset(start, 0, kGranule);
  if (bytes > 2 * kGranule) {
    memset(start + kGranule, 0, kGranule);
    memset(start + bytes - 2 * kGranule, 0, 2 * kGranule);
  } else if (bytes > kGranule) {
    memset(start + bytes - kGranule, 0, kGranule);
  }
  return start;
}

// A block that has been in use is cleared here; the slow half knows fresh memory.
METE_INLINE void* zeroed(std::size_t count, std::size_t bytes) noexcept {
  std::size_t total;
  if (METE_UNLIKELY(__builtin_mul_overflow(count, bytes, &total))) return or_enomem<void>(nullptr);
  if (METE_UNLIKELY(total > heap::kLargestClassBytes)) return zeroed_slow(total);
  const auto bin = heap::kBinOfGranule[(total + heap::kGranule - 1) / heap::kGranule];
  if (METE_UNLIKELY(heap::current_bins->at(bin).head == nullptr)) return zeroed_slow(total);
  return clear(heap::pop(bin), total);
}

// Requires: alignment is a power of two.
METE_INLINE void* aligned(std::size_t alignment, std::size_t bytes) noexcept {
  if (METE_UNLIKELY(bytes > kMostBytes)) return or_enomem<void>(nullptr);
  return or_enomem(heap::allocate_aligned(alignment, bytes));
}

void* aligned_rounded(std::size_t alignment, std::size_t bytes) noexcept {
  if (alignment > SIZE_MAX / 2 + 1) {
    errno = EINVAL;
    return nullptr;
  }
  return aligned(std::bit_ceil(alignment == 0 ? 1 : alignment), bytes);
}

}  // namespace
}  // namespace mete::abi

namespace abi = mete::abi;
namespace heap = mete::heap;

extern "C" {

METE_EXPORT void* malloc(std::size_t bytes) noexcept {
  return heap::allocate<abi::SetErrno>(bytes);
}

METE_EXPORT void free(void* pointer) noexcept { heap::deallocate(pointer); }

METE_EXPORT void* calloc(std::size_t count, std::size_t bytes) noexcept {
  return abi::zeroed(count, bytes);
}

METE_EXPORT void* realloc(void* pointer, std::size_t bytes) noexcept {
  return abi::resize(pointer, bytes);
}

METE_EXPORT void* reallocarray(void* pointer, std::size_t count, std::size_t bytes) noexcept {
  std::size_t total;
  if (__builtin_mul_overflow(count, bytes, &total)) return abi::or_enomem<void>(nullptr);
  return abi::resize(pointer, total);
}

METE_EXPORT void* memalign(std::size_t alignment, std::size_t bytes) noexcept {
  return abi::aligned_rounded(alignment, bytes);
}

METE_EXPORT void* aligned_alloc(std::size_t alignment, std::size_t bytes) noexcept {
  if (!mete::base::is_power_of_two(alignment)) {
    errno = EINVAL;
    return nullptr;
  }
  return abi::aligned(alignment, bytes);
}

METE_EXPORT int posix_memalign(void** result, std::size_t alignment, std::size_t bytes) noexcept {
  if (!mete::base::is_power_of_two(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
  if (bytes > abi::kMostBytes) return ENOMEM;
  void* block = heap::allocate_aligned(alignment, bytes);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

METE_EXPORT void* valloc(std::size_t bytes) noexcept {
  return abi::aligned(mete::port::page_size(), bytes);
}

METE_EXPORT void* pvalloc(std::size_t bytes) noexcept {
  const std::size_t page = mete::port::page_size();
  if (bytes > abi::kMostBytes) return abi::or_enomem<void>(nullptr);
  return abi::aligned(page, mete::base::round_up(bytes, page));
}

METE_EXPORT std::size_t malloc_usable_size(void* pointer) noexcept {
  return heap::usable_size(pointer);
}

// The size may be anything from what was asked for to malloc_usable_size (ISO C23 7.24.3.4 and
// requirement T10); nothing depends on it.
METE_EXPORT void free_sized(void* pointer, std::size_t) noexcept { heap::deallocate(pointer); }
METE_EXPORT void free_aligned_sized(void* pointer, std::size_t, std::size_t) noexcept {
  heap::deallocate(pointer);
}

// Gone from headers, still called by old programs.
METE_EXPORT void cfree(void* pointer) noexcept { heap::deallocate(pointer); }

METE_ALIAS(__libc_malloc, malloc);
METE_ALIAS(__libc_free, free);
METE_ALIAS(__libc_calloc, calloc);
METE_ALIAS(__libc_realloc, realloc);
METE_ALIAS(__libc_memalign, memalign);
METE_ALIAS(__libc_valloc, valloc);
METE_ALIAS(__libc_pvalloc, pvalloc);
METE_ALIAS(__malloc, malloc);
METE_ALIAS(__free, free);
METE_ALIAS(__calloc, calloc);
METE_ALIAS(__realloc, realloc);
METE_ALIAS(__posix_memalign, posix_memalign);
METE_ALIAS(__memalign, memalign);
METE_ALIAS(__valloc, valloc);
METE_ALIAS(__pvalloc, pvalloc);
METE_ALIAS(__malloc_usable_size, malloc_usable_size);

}  // extern "C"

// What is left of malloc.o: glibc's own, hidden in libc.so.6. They are defined so that no reference
// to one can bring malloc.o, with a second malloc, into a static program. In a static program
// glibc's fork calls the first three, by weak reference, if there are threads; they are here, and
// not in an object of their own, since a weak reference takes nothing out of an archive. The
// handlers of pthread_atfork run as well: the nested calls are counted (heap/thread_heaps.cpp).
extern "C" {

METE_EXPORT void __malloc_fork_lock_parent(void) noexcept { heap::prepare_fork(); }
METE_EXPORT void __malloc_fork_unlock_parent(void) noexcept { heap::after_fork_in_parent(); }
METE_EXPORT void __malloc_fork_unlock_child(void) noexcept { heap::after_fork_in_child(); }

// Called when a thread ends; its heap is left to the pool by the thread-exit callback already.
METE_EXPORT void __malloc_arena_thread_freeres(void) noexcept {}

// Where glibc's main arena gets its memory from. There is none here, and no memory for it.
METE_EXPORT void* __glibc_morecore(std::ptrdiff_t) noexcept { return nullptr; }

}  // extern "C"
