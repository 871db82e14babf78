// The functions of mete/global.hpp: to the allocator that the program selected, or to the default.
// Compiled for libmete.a and libmete.so, and once more for guests with another default
// (METE_GUEST).

#include <string.h>

#include "base/check.hpp"
#include "base/compiler.hpp"
#include "mete/global.hpp"

#if METE_GUEST
#include "global/default_system.hpp"
#else
#include "global/default_heap.hpp"
#endif

// Null where no file of the program selects one. It is then never looked at again.
extern "C"
    [[gnu::weak]] const mete_global_allocator METE_GLOBAL_ALLOCATOR_may_be_used_once_per_program;

namespace mete {
namespace {

const mete_global_allocator* selected() noexcept {
  const mete_global_allocator* table = &METE_GLOBAL_ALLOCATOR_may_be_used_once_per_program;
  __asm__("" : "+r"(table));  // no compiler may conclude that an object has an address
  return table;
}

// While the selected allocator runs. One that allocates through the global allocator would call
// itself until the stack ends (B11).
class Inside {
 public:
  Inside() noexcept {
    if (METE_UNLIKELY(inside_))
      base::panic("the selected global allocator allocates through the global allocator");
    inside_ = true;
  }
  ~Inside() { inside_ = false; }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  static thread_local bool inside_;
};
constinit thread_local bool Inside::inside_ = false;

constexpr const char* kSizeRule = "`layout.size()` must be greater than zero for a GlobalAlloc";

}  // namespace

METE_NOINLINE void* alloc(Layout layout) noexcept {
  require(layout.size() != 0, kSizeRule);
  const mete_global_allocator* const table = selected();
  if (METE_LIKELY(table == nullptr)) return global::Default::alloc(layout);
  const Inside inside;
  return table->allocate(table->self, layout.size(), layout.align());
}

METE_NOINLINE void* alloc_zeroed(Layout layout) noexcept {
  require(layout.size() != 0, kSizeRule);
  const mete_global_allocator* const table = selected();
  if (METE_LIKELY(table == nullptr)) return global::Default::alloc_zeroed(layout);
  const Inside inside;
  if (table->allocate_zeroed != nullptr)
    return table->allocate_zeroed(table->self, layout.size(), layout.align());
  void* const block = table->allocate(table->self, layout.size(), layout.align());
  return block != nullptr ? memset(block, 0, layout.size()) : nullptr;
}

METE_NOINLINE void dealloc(void* ptr, Layout layout) noexcept {
  const mete_global_allocator* const table = selected();
  if (METE_LIKELY(table == nullptr)) return global::Default::dealloc(ptr, layout);
  const Inside inside;
  table->deallocate(table->self, ptr, layout.size(), layout.align());
}

METE_NOINLINE void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
  require(new_size != 0, "`new_size` must be greater than zero for a GlobalAlloc");
  const std::optional<Layout> wanted = Layout::from_size_align(new_size, layout.align());
  if (!wanted) return nullptr;
  const mete_global_allocator* const table = selected();
  if (table == nullptr) return global::Default::realloc(ptr, layout, new_size);
  if (table->reallocate != nullptr) {
    const Inside inside;
    return table->reallocate(table->self, ptr, layout.size(), new_size, layout.align());
  }
  void* const moved = alloc(*wanted);
  if (moved == nullptr) return nullptr;
  memcpy(moved, ptr, layout.size() < new_size ? layout.size() : new_size);
  dealloc(ptr, layout);
  return moved;
}

std::size_t realloc_in_place(void* ptr, Layout layout, std::size_t new_size) noexcept {
  const mete_global_allocator* const table = selected();
  if (table == nullptr) return global::Default::realloc_in_place(ptr, layout, new_size);
  if (table->reallocate_inplace == nullptr) return layout.size();
  const Inside inside;
  return table->reallocate_inplace(table->self, ptr, layout.size(), new_size, layout.align());
}

std::size_t usable_size(Layout layout) noexcept {
  const mete_global_allocator* const table = selected();
  if (table == nullptr) return global::Default::usable_size(layout);
  if (table->usable_size == nullptr) return layout.size();
  const Inside inside;
  return table->usable_size(table->self, layout.size(), layout.align());
}

std::size_t alloc_batch(Layout layout, std::span<void*> blocks) noexcept {
  require(layout.size() != 0, kSizeRule);
  if (selected() == nullptr) return global::Default::alloc_batch(layout, blocks);
  return global::fill_one_by_one(blocks, [layout] { return alloc(layout); });
}

void dealloc_batch(std::span<void* const> blocks, Layout layout) noexcept {
  if (selected() == nullptr) return global::Default::dealloc_batch(blocks, layout);
  for (void* const block : blocks) dealloc(block, layout);
}

}  // namespace mete

// The same for C. A pair that is no layout is a request that cannot be met.

extern "C" void* mete_allocate(size_t size, size_t align) {
  const auto layout = mete::Layout::from_size_align(size, align);
  return layout && size != 0 ? mete::alloc(*layout) : nullptr;
}

extern "C" void* mete_allocate_zeroed(size_t size, size_t align) {
  const auto layout = mete::Layout::from_size_align(size, align);
  return layout && size != 0 ? mete::alloc_zeroed(*layout) : nullptr;
}

extern "C" void mete_deallocate(void* block, size_t size, size_t align) {
  mete::dealloc(block, mete::Layout::from_size_align_unchecked(size, align));
}

extern "C" void* mete_reallocate(void* block, size_t size, size_t new_size, size_t align) {
  const auto layout = mete::Layout::from_size_align(size, align);
  return layout && new_size != 0 ? mete::realloc(block, *layout, new_size) : nullptr;
}

extern "C" size_t mete_reallocate_inplace(void* block, size_t size, size_t new_size, size_t align) {
  return mete::realloc_in_place(block, mete::Layout::from_size_align_unchecked(size, align),
                                new_size);
}

extern "C" size_t mete_allocate_batch(size_t size, size_t align, void** blocks, size_t count) {
  const auto layout = mete::Layout::from_size_align(size, align);
  return layout && size != 0 ? mete::alloc_batch(*layout, {blocks, count}) : 0;
}

extern "C" void mete_deallocate_batch(void* const* blocks, size_t count, size_t size,
                                      size_t align) {
  mete::dealloc_batch({blocks, count}, mete::Layout::from_size_align_unchecked(size, align));
}

extern "C" size_t mete_usable_size(size_t size, size_t align) {
  const auto layout = mete::Layout::from_size_align(size, align);
  return layout ? mete::usable_size(*layout) : size;
}
