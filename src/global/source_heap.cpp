// Heaps on memory of their users, and the list of them.

#include "global/source_heap.hpp"

#include <string.h>

#include <new>

#include "base/bits.hpp"
#include "base/check.hpp"
#include "global/process_heap.hpp"
#include "heap/domain.hpp"

namespace mete::global {
namespace {

// Mistakes that the space notices end the process, as everywhere in mete.
void report(const char*, const void* address) {
  base::violate(base::Violation::kDoubleFree, address);
}

}  // namespace

struct SourceHeap::List {
  port::Mutex lock{port::LockRank::kSourceList};
  SourceHeap* first METE_GUARDED_BY(lock) = nullptr;

  static constexpr heap::Elsewhere kFunctions{deallocate_any, usable_size_of_any, lock_for_fork,
                                              unlock_after_fork, recover_in_child};
  static List all;
};
constinit SourceHeap::List SourceHeap::List::all;

SourceHeap::SourceHeap(std::byte* base, std::size_t bytes,
                       const mete_heap_options& options) noexcept
    : base_(base), bytes_(bytes), is_buffer_(options.buffer != nullptr), limit_(options.limit) {
  const char* const name = options.name != nullptr ? options.name : "";
  for (std::size_t i = 0; i + 1 < sizeof(name_) && name[i] != '\0'; ++i) name_[i] = name[i];
}

SourceHeap* SourceHeap::begin(const mete_heap_options& options) noexcept {
  mete_memory_source source{};
  if (options.source != nullptr) source = *options.source;
  if (source.step == 0) source.step = std::size_t{64} << 10;
  if (!base::is_power_of_two(source.step)) return nullptr;

  auto* base = static_cast<std::byte*>(options.buffer);
  std::size_t bytes = options.buffer_size;
  if (base == nullptr && source.take != nullptr) {
    constexpr std::size_t kMost = std::size_t{1} << (8 * sizeof(std::size_t) - 2);
    if (options.capacity > kMost || source.step > kMost) return nullptr;
    bytes = base::round_up(options.capacity + sizeof(SourceHeap) + 1, source.step);
    base = static_cast<std::byte*>(source.take(source.context, &bytes));
  }
  if (base == nullptr) return nullptr;

  const auto address = reinterpret_cast<std::uintptr_t>(base);
  const std::size_t padding =
      base::round_up(address, std::uintptr_t{alignof(SourceHeap)}) - address;
  const std::size_t taken = padding + sizeof(SourceHeap);
  SourceHeap* heap = nullptr;
  if (bytes > taken) {
    heap = new (base + padding) SourceHeap(base, bytes, options);
    heap->source_ = source;
    heap->start();
  }
  const bool enough = heap != nullptr && heap->add_rest(base + taken, bytes - taken) &&
                      bytes - taken >= options.capacity;
  if (!enough) {
    if (options.buffer == nullptr && source.give != nullptr)
      source.give(source.context, base, bytes);
    return nullptr;
  }
  const port::ScopedLock guard(List::all.lock);
  heap->next_ = List::all.first;
  List::all.first = heap;
  // release: pairs with the acquires of whoever calls them.
  heap::domain.elsewhere.store(&List::kFunctions, std::memory_order_release);
  return heap;
}

void SourceHeap::start() noexcept {
  const port::ScopedLock guard(lock_);
  space_.set_error_handler(report);
  if (source_.take == nullptr) return;
  // The space's source is this heap's, which speaks C.
  Space::Source source;
  source.take = [](void* self, std::size_t& bytes) {
    const mete_memory_source& ours = static_cast<SourceHeap*>(self)->source_;
    return ours.take(ours.context, &bytes);
  };
  if (source_.give != nullptr) {
    source.give = [](void* self, void* base, std::size_t bytes) {
      const mete_memory_source& ours = static_cast<SourceHeap*>(self)->source_;
      return ours.give(ours.context, base, bytes) != 0;
    };
  }
  source.context = this;
  source.step = source_.step;
  space_.set_source(source);
}

bool SourceHeap::add_rest(void* base, std::size_t bytes) noexcept {
  const port::ScopedLock guard(lock_);
  return space_.add_region(base, bytes);
}

void SourceHeap::end() noexcept {
  {
    const port::ScopedLock guard(List::all.lock);
    SourceHeap** link = &List::all.first;
    while (*link != this) link = &(*link)->next_;
    *link = next_;
  }
  {
    const port::ScopedLock guard(lock_);
    space_.release();
  }
  // This object lies in what goes back now.
  const mete_memory_source source = source_;
  if (!is_buffer_ && source.give != nullptr) source.give(source.context, base_, bytes_);
}

bool SourceHeap::allows(std::size_t bytes) const noexcept {
  const std::size_t in_use = space_.statistics().in_use;
  return limit_ == 0 || (bytes <= limit_ && in_use <= limit_ - bytes);
}

void* SourceHeap::take(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t size = Space::size_in_use(bytes);
  return size != 0 && allows(size) ? space_.allocate(bytes, alignment) : nullptr;
}

void* SourceHeap::allocate(std::size_t bytes, std::size_t alignment, bool zero) noexcept {
  void* block;
  {
    const port::ScopedLock guard(lock_);
    block = take(bytes, alignment);
  }
  return zero && block != nullptr ? memset(block, 0, bytes) : block;
}

std::size_t SourceHeap::allocate_batch(std::size_t bytes, std::size_t alignment, void** blocks,
                                       std::size_t count) noexcept {
  const port::ScopedLock guard(lock_);
  std::size_t done = 0;
  for (; done < count; ++done) {
    void* const block = take(bytes, alignment);
    if (block == nullptr) break;
    blocks[done] = block;
  }
  return done;
}

void* SourceHeap::reallocate(void* pointer, std::size_t bytes, std::size_t alignment) noexcept {
  const port::ScopedLock guard(lock_);
  const std::size_t size = Space::size_in_use(bytes);
  const std::size_t old_size = Space::size_in_use(space_.usable_size(pointer));
  if (size == 0 || (size > old_size && !allows(size - old_size))) return nullptr;
  return space_.reallocate(pointer, bytes, alignment);
}

bool SourceHeap::take_back(void* pointer) noexcept {
  const port::ScopedLock guard(lock_);
  if (!space_.owns(pointer)) return false;
  space_.deallocate(pointer);
  return true;
}

void SourceHeap::deallocate(void* pointer) noexcept {
  if (!take_back(pointer)) global::deallocate(pointer);
}

void SourceHeap::deallocate_batch(void* const* blocks, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) deallocate(blocks[i]);
}

std::size_t SourceHeap::usable_size(const void* pointer) noexcept {
  const port::ScopedLock guard(lock_);
  return space_.owns(pointer) ? space_.usable_size(pointer) : 0;
}

void SourceHeap::reset() noexcept {
  const port::ScopedLock guard(lock_);
  space_.reset();
  space_.trim();
}

bool SourceHeap::owns(const void* pointer) noexcept {
  const port::ScopedLock guard(lock_);
  return space_.owns(pointer);
}

mete_heap_statistics SourceHeap::statistics() noexcept {
  const port::ScopedLock guard(lock_);
  const Space::Statistics now = space_.statistics();
  return {now.in_use, now.peak_in_use, now.blocks, now.footprint + sizeof(SourceHeap), limit_};
}

// ---- from the process heap ----

bool SourceHeap::deallocate_any(void* pointer) noexcept {
  const port::ScopedLock guard(List::all.lock);
  for (SourceHeap* heap = List::all.first; heap != nullptr; heap = heap->next_)
    if (heap->take_back(pointer)) return true;
  return false;
}

std::size_t SourceHeap::usable_size_of_any(const void* pointer) noexcept {
  const port::ScopedLock guard(List::all.lock);
  for (SourceHeap* heap = List::all.first; heap != nullptr; heap = heap->next_)
    if (const std::size_t bytes = heap->usable_size(pointer)) return bytes;
  return 0;
}

void SourceHeap::lock_for_fork() noexcept METE_NO_LOCK_ANALYSIS {
  List::all.lock.lock();
  for (SourceHeap* heap = List::all.first; heap != nullptr; heap = heap->next_)
    heap->lock_.lock_in_order();
}

void SourceHeap::unlock_after_fork() noexcept METE_NO_LOCK_ANALYSIS {
  for (SourceHeap* heap = List::all.first; heap != nullptr; heap = heap->next_)
    heap->lock_.unlock();
  List::all.lock.unlock();
}

void SourceHeap::recover_in_child() noexcept METE_NO_LOCK_ANALYSIS {
  for (SourceHeap* heap = List::all.first; heap != nullptr; heap = heap->next_)
    heap->lock_.reset_in_child();
  List::all.lock.reset_in_child();
}

}  // namespace mete::global
