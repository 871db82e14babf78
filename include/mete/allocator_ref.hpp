// AllocatorRef and GlobalAllocRef: a borrowed allocator of any type, for code that is not a
// template, Rust's `&dyn Allocator` and `&dyn GlobalAlloc`. Two pointers: the object, and a table
// of functions for its type. Copies are the same allocator, and the object has to live longer.

#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include "mete/allocator.hpp"
#include "mete/global_alloc.hpp"
#include "mete/layout.hpp"

namespace mete {

class AllocatorRef;
class GlobalAllocRef;

// What a reference can refer to: not to another of its kind, which it copies.
template <class A>
concept ReferableAllocator = !std::same_as<std::remove_cv_t<A>, AllocatorRef> && Allocator<A>;
template <class A>
concept ReferableGlobalAlloc = !std::same_as<std::remove_cv_t<A>, GlobalAllocRef> && GlobalAlloc<A>;

// An Allocator. Any thread may call that may call the object.
class AllocatorRef {
 public:
  // Refers to `allocator`, which may be constant if its type allows that.
  template <ReferableAllocator A>
  AllocatorRef(A& allocator) noexcept
      : object_(const_cast<void*>(static_cast<const void*>(&allocator))),
        functions_(&kFunctionsOf<A>) {}

  Block allocate(Layout layout) const noexcept { return functions_->allocate(object_, layout); }
  Block allocate_zeroed(Layout layout) const noexcept {
    return functions_->allocate_zeroed(object_, layout);
  }
  void deallocate(void* ptr, Layout layout) const noexcept {
    functions_->deallocate(object_, ptr, layout);
  }
  Block grow(void* ptr, Layout old_layout, Layout new_layout) const noexcept {
    return functions_->grow(object_, ptr, old_layout, new_layout);
  }
  Block grow_zeroed(void* ptr, Layout old_layout, Layout new_layout) const noexcept {
    return functions_->grow_zeroed(object_, ptr, old_layout, new_layout);
  }
  Block shrink(void* ptr, Layout old_layout, Layout new_layout) const noexcept {
    return functions_->shrink(object_, ptr, old_layout, new_layout);
  }

  // Whether both refer to the same object, as the same type.
  friend bool operator==(AllocatorRef, AllocatorRef) noexcept = default;

 private:
  struct Functions {
    Block (*allocate)(void*, Layout) noexcept;
    Block (*allocate_zeroed)(void*, Layout) noexcept;
    void (*deallocate)(void*, void*, Layout) noexcept;
    Block (*grow)(void*, void*, Layout, Layout) noexcept;
    Block (*grow_zeroed)(void*, void*, Layout, Layout) noexcept;
    Block (*shrink)(void*, void*, Layout, Layout) noexcept;
  };

  template <class A>
  static A& as(void* object) noexcept {
    return *static_cast<A*>(object);
  }

  template <class A>
  static constexpr Functions kFunctionsOf = {
      [](void* a, Layout l) noexcept { return mete::allocate(as<A>(a), l); },
      [](void* a, Layout l) noexcept { return mete::allocate_zeroed(as<A>(a), l); },
      [](void* a, void* p, Layout l) noexcept { mete::deallocate(as<A>(a), p, l); },
      [](void* a, void* p, Layout o, Layout n) noexcept { return mete::grow(as<A>(a), p, o, n); },
      [](void* a, void* p, Layout o, Layout n) noexcept {
        return mete::grow_zeroed(as<A>(a), p, o, n);
      },
      [](void* a, void* p, Layout o, Layout n) noexcept {
        return mete::shrink(as<A>(a), p, o, n);
      }};

  void* object_;
  const Functions* functions_;
};

// A GlobalAlloc. Any thread may call that may call the object.
class GlobalAllocRef {
 public:
  // Refers to `allocator`, which may be constant if its type allows that.
  template <ReferableGlobalAlloc A>
  GlobalAllocRef(A& allocator) noexcept
      : object_(const_cast<void*>(static_cast<const void*>(&allocator))),
        functions_(&kFunctionsOf<A>) {}

  void* alloc(Layout layout) const noexcept { return functions_->alloc(object_, layout); }
  void dealloc(void* ptr, Layout layout) const noexcept {
    functions_->dealloc(object_, ptr, layout);
  }
  void* alloc_zeroed(Layout layout) const noexcept {
    return functions_->alloc_zeroed(object_, layout);
  }
  void* realloc(void* ptr, Layout layout, std::size_t new_size) const noexcept {
    return functions_->realloc(object_, ptr, layout, new_size);
  }

  // Whether both refer to the same object, as the same type.
  friend bool operator==(GlobalAllocRef, GlobalAllocRef) noexcept = default;

 private:
  struct Functions {
    void* (*alloc)(void*, Layout) noexcept;
    void (*dealloc)(void*, void*, Layout) noexcept;
    void* (*alloc_zeroed)(void*, Layout) noexcept;
    void* (*realloc)(void*, void*, Layout, std::size_t) noexcept;
  };

  template <class A>
  static A& as(void* object) noexcept {
    return *static_cast<A*>(object);
  }

  template <class A>
  static constexpr Functions kFunctionsOf = {
      [](void* a, Layout l) noexcept { return mete::alloc(as<A>(a), l); },
      [](void* a, void* p, Layout l) noexcept { mete::dealloc(as<A>(a), p, l); },
      [](void* a, Layout l) noexcept { return mete::alloc_zeroed(as<A>(a), l); },
      [](void* a, void* p, Layout l, std::size_t n) noexcept {
        return mete::realloc(as<A>(a), p, l, n);
      }};

  void* object_;
  const Functions* functions_;
};

}  // namespace mete
