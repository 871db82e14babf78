// The functions of dlmalloc.h: one space of the program, and spaces by handle; two doors to one
// room.

#include "mete/dlmalloc.h"

#include "base/bits.hpp"
#include "dlmalloc/hot_path.hpp"
#include "dlmalloc/mspace.hpp"
#include "mete/port.h"

using mete::dlmalloc::Mspace;
using mete::dlmalloc::parameters;

namespace {

constexpr std::size_t kPage = 4096;
constexpr int kInvalid = 22;    // EINVAL, and
constexpr int kTooLittle = 12;  // ENOMEM, as POSIX systems number them

constinit Mspace program{true};

Mspace& of(mspace space) noexcept { return *static_cast<Mspace*>(space); }

void* page_rounded(Mspace& space, std::size_t bytes) noexcept {
  if (bytes > ~std::size_t{0} - kPage) return nullptr;
  return space.allocate_aligned(mete::base::round_up(bytes, kPage), kPage);
}

}  // namespace

extern "C" {

void* dlmalloc(size_t bytes) { return program.allocate(bytes); }
void dlfree(void* block) { program.deallocate(block); }
void* dlcalloc(size_t count, size_t bytes) { return program.allocate_zeroed(count, bytes); }
void* dlrealloc(void* block, size_t bytes) { return program.reallocate(block, bytes); }
void* dlrealloc_in_place(void* block, size_t bytes) {
  return program.resize_in_place(block, bytes);
}
void* dlmemalign(size_t alignment, size_t bytes) {
  return program.allocate_aligned(bytes, alignment);
}

int dlposix_memalign(void** block, size_t alignment, size_t bytes) {
  if (alignment % sizeof(void*) != 0 || !mete::base::is_power_of_two(alignment)) return kInvalid;
  void* const made = program.allocate_aligned(bytes, alignment);
  if (made == nullptr) return kTooLittle;
  *block = made;
  return 0;
}

void* dlvalloc(size_t bytes) { return program.allocate_aligned(bytes, kPage); }
void* dlpvalloc(size_t bytes) { return page_rounded(program, bytes); }

int dlmallopt(int parameter, int value) {
  return mete::dlmalloc::set_parameter(parameter, value) ? 1 : 0;
}
size_t dlmalloc_error_count(void) { return mete::dlmalloc::error_count(); }
size_t dlmalloc_footprint(void) { return program.footprint(); }
size_t dlmalloc_max_footprint(void) { return program.peak_footprint(); }
size_t dlmalloc_footprint_limit(void) { return program.limit(); }
size_t dlmalloc_set_footprint_limit(size_t bytes) { return program.set_limit(bytes); }
void dlmalloc_inspect_all(void (*handler)(void*, void*, size_t, void*), void* argument) {
  program.inspect(handler, argument);
}
struct mallinfo_dl dlmallinfo(void) {
  return program.info();
}

void** dlindependent_calloc(size_t count, size_t bytes, void** blocks) {
  return program.allocate_together(count, &bytes, 0, true, blocks);
}
void** dlindependent_comalloc(size_t count, const size_t* bytes, void** blocks) {
  return program.allocate_together(count, bytes, 1, false, blocks);
}
size_t dlbulk_free(void** blocks, size_t count) { return program.deallocate_all(blocks, count); }
int dlmalloc_trim(size_t pad) { return program.trim(pad) ? 1 : 0; }
size_t dlmalloc_usable_size(const void* block) { return Mspace::usable_size(block); }

mspace create_mspace(size_t capacity, int locked) {
  const std::size_t most = ~std::size_t{0} / 4;
  if (capacity > most) return nullptr;
  const std::size_t bytes =
      mete::base::round_up(capacity + 128 * sizeof(std::size_t), parameters.granularity);
  void* const base = custom_mmap(bytes);
  if (base == reinterpret_cast<void*>(~std::uintptr_t{0})) return nullptr;
  Mspace* const space = Mspace::begin(base, bytes, locked != 0, true);
  if (space == nullptr) custom_munmap(base, bytes);
  return space;
}

mspace create_mspace_with_base(void* base, size_t capacity, int locked) {
  if (base == nullptr || capacity > ~std::size_t{0} / 4) return nullptr;
  if (capacity < 128 * sizeof(std::size_t)) return nullptr;
  return Mspace::begin(base, capacity, locked != 0, false);
}

size_t destroy_mspace(mspace space) { return of(space).end(); }
int mspace_track_large_chunks(mspace space, int enable) {
  return of(space).track_large(enable != 0) ? 1 : 0;
}
void* mspace_malloc(mspace space, size_t bytes) { return of(space).allocate(bytes); }
void mspace_free(mspace space, void* block) { of(space).deallocate(block); }
void* mspace_calloc(mspace space, size_t count, size_t bytes) {
  return of(space).allocate_zeroed(count, bytes);
}
void* mspace_realloc(mspace space, void* block, size_t bytes) {
  return of(space).reallocate(block, bytes);
}
void* mspace_realloc_in_place(mspace space, void* block, size_t bytes) {
  return of(space).resize_in_place(block, bytes);
}
void* mspace_memalign(mspace space, size_t alignment, size_t bytes) {
  return of(space).allocate_aligned(bytes, alignment);
}
void** mspace_independent_calloc(mspace space, size_t count, size_t bytes, void** blocks) {
  return of(space).allocate_together(count, &bytes, 0, true, blocks);
}
void** mspace_independent_comalloc(mspace space, size_t count, const size_t* bytes, void** blocks) {
  return of(space).allocate_together(count, bytes, 1, false, blocks);
}
size_t mspace_bulk_free(mspace space, void** blocks, size_t count) {
  return of(space).deallocate_all(blocks, count);
}
size_t mspace_usable_size(const void* block) { return Mspace::usable_size(block); }
size_t mspace_footprint(mspace space) { return of(space).footprint(); }
size_t mspace_max_footprint(mspace space) { return of(space).peak_footprint(); }
size_t mspace_footprint_limit(mspace space) { return of(space).limit(); }
size_t mspace_set_footprint_limit(mspace space, size_t bytes) { return of(space).set_limit(bytes); }
struct mallinfo_dl mspace_mallinfo(mspace space) {
  return of(space).info();
}
int mspace_trim(mspace space, size_t pad) { return of(space).trim(pad) ? 1 : 0; }
void mspace_inspect_all(mspace space, void (*handler)(void*, void*, size_t, void*),
                        void* argument) {
  of(space).inspect(handler, argument);
}
int mspace_mallopt(int parameter, int value) { return dlmallopt(parameter, value); }

}  // extern "C"
