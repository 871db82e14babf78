// The functions of heaps in mete.h: checks, and over to one of the engines. A handle is the address
// of a shared heap, or one more than that of a heap on memory of its user.

#include <cstdint>

#include "global/source_heap.hpp"
#include "heap/shared_heap.hpp"
#include "heap/slow_path.hpp"
#include "mete/layout.hpp"
#include "mete/mete.h"

namespace {

using mete::global::SourceHeap;
using mete::heap::SharedHeap;
using mete::heap::SharedHeapSettings;

constexpr std::uintptr_t kOnSource = 1;

mete_heap* handle(SharedHeap* heap) noexcept { return reinterpret_cast<mete_heap*>(heap); }
mete_heap* handle(SourceHeap* heap) noexcept {
  if (heap == nullptr) return nullptr;
  return reinterpret_cast<mete_heap*>(reinterpret_cast<std::uintptr_t>(heap) + kOnSource);
}

// Calls function(engine) with the engine behind a handle. Functions that ask change its lock only.
template <class Function>
auto on_engine(const mete_heap* heap, Function function) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(heap);
  return (address & kOnSource) != 0 ? function(*reinterpret_cast<SourceHeap*>(address - kOnSource))
                                    : function(*reinterpret_cast<SharedHeap*>(address));
}

bool is_request(const mete_heap* heap, std::size_t size, std::size_t align) noexcept {
  return heap != nullptr && size != 0 && mete::Layout::from_size_align(size, align).has_value();
}

}  // namespace

extern "C" mete_heap* mete_heap_create(const mete_heap_options* options) {
  if (options != nullptr && (options->buffer != nullptr || options->source != nullptr))
    return handle(SourceHeap::begin(*options));
  SharedHeapSettings settings;
  if (options != nullptr) {
    settings.capacity = options->capacity;
    if (options->limit != 0) settings.limit = options->limit;
    if (options->name != nullptr) settings.name = options->name;
  }
  return handle(mete::heap::begin_shared_heap(settings));
}

extern "C" void mete_heap_destroy(mete_heap* heap) {
  if (heap != nullptr) on_engine(heap, [](auto& engine) { engine.end(); });
}

extern "C" void mete_heap_reset(mete_heap* heap) {
  if (heap != nullptr) on_engine(heap, [](auto& engine) { engine.reset(); });
}

extern "C" void* mete_heap_allocate(mete_heap* heap, size_t size, size_t align) {
  if (!is_request(heap, size, align)) return nullptr;
  return on_engine(heap, [=](auto& engine) { return engine.allocate(size, align, false); });
}

extern "C" void* mete_heap_allocate_zeroed(mete_heap* heap, size_t size, size_t align) {
  if (!is_request(heap, size, align)) return nullptr;
  return on_engine(heap, [=](auto& engine) { return engine.allocate(size, align, true); });
}

extern "C" void mete_heap_deallocate(mete_heap* heap, void* block) {
  if (heap == nullptr || block == nullptr) return;
  on_engine(heap, [=](auto& engine) { engine.deallocate(block); });
}

extern "C" void* mete_heap_reallocate(mete_heap* heap, void* block, size_t new_size, size_t align) {
  if (block == nullptr || !is_request(heap, new_size, align)) return nullptr;
  return on_engine(heap, [=](auto& engine) { return engine.reallocate(block, new_size, align); });
}

extern "C" size_t mete_heap_allocate_batch(mete_heap* heap, size_t size, size_t align,
                                           void** blocks, size_t count) {
  if (!is_request(heap, size, align)) return 0;
  return on_engine(heap,
                   [=](auto& engine) { return engine.allocate_batch(size, align, blocks, count); });
}

extern "C" void mete_heap_deallocate_batch(mete_heap* heap, void* const* blocks, size_t count) {
  if (heap != nullptr)
    on_engine(heap, [=](auto& engine) { engine.deallocate_batch(blocks, count); });
}

extern "C" size_t mete_heap_usable_size(const mete_heap* heap, const void* block) {
  if (heap == nullptr) return 0;
  return on_engine(heap, [=](auto& engine) { return engine.usable_size(block); });
}

extern "C" int mete_heap_owns(const mete_heap* heap, const void* address) {
  if (heap == nullptr) return 0;
  return on_engine(heap, [=](auto& engine) { return engine.owns(address) ? 1 : 0; });
}

extern "C" void mete_heap_get_statistics(const mete_heap* heap, mete_heap_statistics* statistics) {
  *statistics = {};
  if (heap == nullptr) return;
  on_engine(heap, [=](auto& engine) {
    const auto now = engine.statistics();
    *statistics = {now.in_use, now.peak_in_use, now.blocks, now.held,
                   now.limit != SharedHeap::kNoLimit ? now.limit : 0};
  });
}

extern "C" const char* mete_heap_name(const mete_heap* heap) {
  if (heap == nullptr) return "";
  return on_engine(heap, [](auto& engine) { return engine.name(); });
}
