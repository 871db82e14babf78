// Locked: an allocator that one thread at a time may call, made one that any thread may call. It
// owns the allocator and the mutex, and holds the mutex for the length of each call.
//
//   mete::Locked<mete::Arena<mete::System>, std::mutex> arena;

#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "mete/allocator.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"

namespace mete {

// Meets the contracts that A meets. Mutex has lock() and unlock(), neither of which may throw, and
// is not locked by the calling thread. Stays where it is: lend it with ByRef.
template <class A, class Mutex>
class Locked {
 public:
  // Makes the allocator from the arguments.
  template <class... Arguments>
  requires std::constructible_from<A, Arguments...>
  constexpr explicit Locked(Arguments&&... arguments)
      : allocator_(std::forward<Arguments>(arguments)...) {}
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

  // Calls f(allocator) under the lock, for what the contracts do not have:
  //   arena.with([](auto& a) { a.reset(); });
  template <class F>
  decltype(auto) with(F&& f) {
    const Guard guard(mutex_);
    return std::forward<F>(f)(allocator_);
  }

  void* alloc(Layout layout) noexcept requires GlobalAlloc<A> {
    const Guard guard(mutex_);
    return mete::alloc(allocator_, layout);
  }
  void dealloc(void* ptr, Layout layout) noexcept requires GlobalAlloc<A> {
    const Guard guard(mutex_);
    mete::dealloc(allocator_, ptr, layout);
  }
  void* alloc_zeroed(Layout layout) noexcept requires GlobalAlloc<A> {
    const Guard guard(mutex_);
    return mete::alloc_zeroed(allocator_, layout);
  }
  void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept requires GlobalAlloc<A> {
    const Guard guard(mutex_);
    return mete::realloc(allocator_, ptr, layout, new_size);
  }

  Block allocate(Layout layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    return mete::allocate(allocator_, layout);
  }
  Block allocate_zeroed(Layout layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    return mete::allocate_zeroed(allocator_, layout);
  }
  void deallocate(void* ptr, Layout layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    mete::deallocate(allocator_, ptr, layout);
  }
  Block grow(void* ptr, Layout old_layout, Layout new_layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    return mete::grow(allocator_, ptr, old_layout, new_layout);
  }
  Block grow_zeroed(void* ptr, Layout old_layout,
                    Layout new_layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    return mete::grow_zeroed(allocator_, ptr, old_layout, new_layout);
  }
  Block shrink(void* ptr, Layout old_layout, Layout new_layout) noexcept requires Allocator<A> {
    const Guard guard(mutex_);
    return mete::shrink(allocator_, ptr, old_layout, new_layout);
  }
  bool owns(const void* ptr) noexcept requires HasOwns<A> {
    const Guard guard(mutex_);
    return allocator_.owns(ptr);
  }

 private:
  class Guard {
   public:
    explicit Guard(Mutex& mutex) : mutex_(mutex) { mutex_.lock(); }
    ~Guard() { mutex_.unlock(); }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Mutex& mutex_;
  };

  A allocator_;  // guarded by mutex_
  Mutex mutex_;
};

}  // namespace mete
