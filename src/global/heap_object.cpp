// The functions of heaps in mete.h: checks, and over to the engine.

#include "heap/shared_heap.hpp"
#include "heap/slow_path.hpp"
#include "mete/layout.hpp"
#include "mete/mete.h"

namespace {

using mete::heap::SharedHeap;
using mete::heap::SharedHeapSettings;

SharedHeap* engine(mete_heap* heap) noexcept { return reinterpret_cast<SharedHeap*>(heap); }

// The same heap: only its lock changes under functions that ask.
SharedHeap* engine(const mete_heap* heap) noexcept { return engine(const_cast<mete_heap*>(heap)); }

bool is_request(const mete_heap* heap, std::size_t size, std::size_t align) noexcept {
  return heap != nullptr && size != 0 && mete::Layout::from_size_align(size, align).has_value();
}

}  // namespace

extern "C" mete_heap* mete_heap_create(const mete_heap_options* options) {
  SharedHeapSettings settings;
  if (options != nullptr) {
    settings.capacity = options->capacity;
    if (options->limit != 0) settings.limit = options->limit;
    if (options->name != nullptr) settings.name = options->name;
  }
  return reinterpret_cast<mete_heap*>(mete::heap::begin_shared_heap(settings));
}

extern "C" void mete_heap_destroy(mete_heap* heap) {
  if (heap != nullptr) mete::heap::end_shared_heap(*engine(heap));
}

extern "C" void mete_heap_reset(mete_heap* heap) {
  if (heap != nullptr) engine(heap)->reset();
}

extern "C" void* mete_heap_allocate(mete_heap* heap, size_t size, size_t align) {
  return is_request(heap, size, align) ? engine(heap)->allocate(size, align, false) : nullptr;
}

extern "C" void* mete_heap_allocate_zeroed(mete_heap* heap, size_t size, size_t align) {
  return is_request(heap, size, align) ? engine(heap)->allocate(size, align, true) : nullptr;
}

extern "C" void mete_heap_deallocate(mete_heap* heap, void* block) {
  if (heap != nullptr && block != nullptr) engine(heap)->deallocate(block);
}

extern "C" void* mete_heap_reallocate(mete_heap* heap, void* block, size_t new_size, size_t align) {
  return block != nullptr && is_request(heap, new_size, align)
             ? engine(heap)->reallocate(block, new_size, align)
             : nullptr;
}

extern "C" size_t mete_heap_allocate_batch(mete_heap* heap, size_t size, size_t align,
                                           void** blocks, size_t count) {
  return is_request(heap, size, align) ? engine(heap)->allocate_batch(size, align, blocks, count)
                                       : 0;
}

extern "C" void mete_heap_deallocate_batch(mete_heap* heap, void* const* blocks, size_t count) {
  if (heap != nullptr) engine(heap)->deallocate_batch(blocks, count);
}

extern "C" size_t mete_heap_usable_size(const mete_heap* heap, const void* block) {
  return heap != nullptr ? mete::heap::usable_size(block) : 0;
}

extern "C" int mete_heap_owns(const mete_heap* heap, const void* address) {
  return heap != nullptr && mete::heap::shared_heap_of(address) == engine(heap) ? 1 : 0;
}

extern "C" void mete_heap_get_statistics(const mete_heap* heap, mete_heap_statistics* statistics) {
  *statistics = {};
  if (heap == nullptr) return;
  const mete::heap::SharedHeapStatistics now = engine(heap)->statistics();
  *statistics = {now.in_use, now.peak_in_use, now.blocks, now.held,
                 now.limit != SharedHeap::kNoLimit ? now.limit : 0};
}

extern "C" const char* mete_heap_name(const mete_heap* heap) {
  return heap != nullptr ? engine(heap)->name() : "";
}
