// The floor: an allocator that only moves a position through fresh memory and never frees.
//
// Every thread bumps a position of its own through a region, and takes the next region from one
// that all share. What it hands out is never used again, so blocks do not overlap (unlike those of
// null_allocator.c) and any program runs on it until it has had kArea of addresses: it is then
// ended with one line, which harness/allocators.py knows. In front of a block is its size, for
// realloc; memory is fresh from the system, so calloc has nothing to clear.
//
// What it saves in instructions it may lose in page faults and cache misses, as nothing is reused.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

constexpr std::size_t kArea = std::size_t{4} << 30;
constexpr std::size_t kRegion = std::size_t{64} << 10;
constexpr std::size_t kAlignment = 16;
constexpr std::size_t kHeader = sizeof(std::size_t);

constinit std::atomic<char*> area{nullptr};
constinit std::atomic<std::size_t> taken{0};  // bytes of the area, a multiple of kAlignment

// What is left of the thread's region. A block begins at a multiple of kAlignment, after its size.
constinit thread_local std::uintptr_t position = 0;
constinit thread_local std::uintptr_t region_end = 0;

[[noreturn]] void end_program() noexcept {
  static constexpr char kText[] = "floor: more than 4 GiB are needed when nothing is freed\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText, sizeof kText - 1);
  _exit(1);
}

char* reserved_area() noexcept {
  char* known = area.load(std::memory_order_acquire);  // pairs with the exchange below
  if (known != nullptr) return known;
  void* fresh = mmap(nullptr, kArea, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (fresh == MAP_FAILED) end_program();
  if (area.compare_exchange_strong(known, static_cast<char*>(fresh))) {
    return static_cast<char*>(fresh);
  }
  munmap(fresh, kArea);
  return known;
}

std::uintptr_t take(std::size_t bytes) noexcept {
  if (bytes > kArea) end_program();
  const std::size_t at = taken.fetch_add(bytes, std::memory_order_relaxed);
  if (at > kArea - bytes) end_program();
  return reinterpret_cast<std::uintptr_t>(reserved_area()) + at;
}

constexpr std::size_t round_up(std::size_t value, std::size_t alignment) noexcept {
  return (value + alignment - 1) & ~(alignment - 1);
}

// Where a block begins that lies after `from`, with room for its size in front of it.
constexpr std::uintptr_t first_block(std::uintptr_t from, std::size_t alignment) noexcept {
  return round_up(from + kHeader, alignment);
}

void* with_size(std::uintptr_t block, std::size_t size) noexcept {
  auto* words = reinterpret_cast<std::size_t*>(block);
  words[-1] = size;
  return words;
}

std::size_t size_of(const void* block) noexcept {
  return static_cast<const std::size_t*>(block)[-1];
}

[[gnu::noinline]] void* allocate_slow(std::size_t alignment, std::size_t size) noexcept {
  if (size > PTRDIFF_MAX - alignment) {
    errno = ENOMEM;
    return nullptr;
  }
  const std::size_t most = round_up(kHeader + alignment + size, kAlignment);
  // A large block comes on its own, so that what is left of the region is not lost.
  if (most > kRegion / 2) return with_size(first_block(take(most), alignment), size);
  const std::uintptr_t region = take(kRegion);
  const std::uintptr_t block = first_block(region, alignment);
  position = block + size;
  region_end = region + kRegion;
  return with_size(block, size);
}

// Requires a power of two from kAlignment.
[[gnu::always_inline]] inline void* allocate(std::size_t alignment, std::size_t size) noexcept {
  const std::uintptr_t block = first_block(position, alignment);
  if (block > region_end || region_end - block < size) [[unlikely]] {
    return allocate_slow(alignment, size);
  }
  position = block + size;
  return with_size(block, size);
}

bool is_power_of_two(std::size_t value) noexcept {
  return value != 0 && (value & (value - 1)) == 0;
}

void* allocate_aligned(std::size_t alignment, std::size_t size) noexcept {
  if (!is_power_of_two(alignment) || alignment > PTRDIFF_MAX) {
    errno = EINVAL;
    return nullptr;
  }
  return allocate(alignment < kAlignment ? kAlignment : alignment, size);
}

// Of more than there are addresses: nobody is there to throw, as libstdc++ is not linked.
void* checked(void* block) noexcept {
  if (block == nullptr) end_program();
  return block;
}

}  // namespace

// What the headers declare differs in exception specifications and attributes from system to
// system.
extern "C" {

void* malloc(std::size_t size) noexcept { return allocate(kAlignment, size); }

void free(void*) noexcept {}

void* calloc(std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  return allocate(kAlignment, bytes);
}

void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return allocate(kAlignment, size);
  if (size == 0) return nullptr;  // as glibc does, which takes that for free
  const std::size_t old = size_of(block);
  if (size <= old) return block;
  void* moved = allocate(kAlignment, size);
  if (moved != nullptr) std::memcpy(moved, block, old);
  return moved;
}

void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) bytes = SIZE_MAX;
  return realloc(block, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return allocate_aligned(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
  return allocate_aligned(alignment, size);
}

int posix_memalign(void** result, std::size_t alignment, std::size_t size) noexcept {
  if (!is_power_of_two(alignment) || alignment < sizeof(void*)) return EINVAL;
  void* block = allocate_aligned(alignment, size);
  if (block == nullptr) return ENOMEM;
  *result = block;
  return 0;
}

void* valloc(std::size_t size) noexcept { return allocate(4096, size); }

void* pvalloc(std::size_t size) noexcept {
  return allocate(4096, size > PTRDIFF_MAX ? size : round_up(size, 4096));
}

std::size_t malloc_usable_size(void* block) noexcept {
  return block == nullptr ? 0 : size_of(block);
}

}  // extern "C"

void* operator new(std::size_t size) { return checked(allocate(kAlignment, size)); }
void* operator new[](std::size_t size) { return checked(allocate(kAlignment, size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(kAlignment, size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(kAlignment, size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return checked(allocate_aligned(static_cast<std::size_t>(alignment), size));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return checked(allocate_aligned(static_cast<std::size_t>(alignment), size));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned(static_cast<std::size_t>(alignment), size);
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return allocate_aligned(static_cast<std::size_t>(alignment), size);
}
void operator delete(void*) noexcept {}
void operator delete[](void*) noexcept {}
void operator delete(void*, const std::nothrow_t&) noexcept {}
void operator delete[](void*, const std::nothrow_t&) noexcept {}
void operator delete(void*, std::size_t) noexcept {}
void operator delete[](void*, std::size_t) noexcept {}
void operator delete(void*, std::align_val_t) noexcept {}
void operator delete[](void*, std::align_val_t) noexcept {}
void operator delete(void*, std::size_t, std::align_val_t) noexcept {}
void operator delete[](void*, std::size_t, std::align_val_t) noexcept {}
void operator delete(void*, std::align_val_t, const std::nothrow_t&) noexcept {}
void operator delete[](void*, std::align_val_t, const std::nothrow_t&) noexcept {}
