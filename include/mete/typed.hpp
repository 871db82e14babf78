// Typed allocation: the layout is known at compile time, so the size class is, too, and the fast
// path of the heap is compiled into the caller.
//
//   auto* node = mete::make<Node>(key, value);     mete::destroy(node);
//   void* p = mete::alloc<mete::Layout::of<Node>()>();
//   mete::dealloc<mete::Layout::of<Node>()>(p);
//
// Blocks come from the global allocator, whichever the program selected (global.hpp): with another
// one than mete's heap the thread's bins here are empty for ever, so each call goes there.
// Contract: requirements G1, G2, E5. Any thread may call anything, also free what another made.

#pragma once

#include <cstddef>
#include <new>
#include <utility>

#include "mete/alloc_error.hpp"
#include "mete/global.hpp"
#include "mete/layout.hpp"

// Data of a shared library is not to be touched from outside: linked against libmete.so, these are
// calls. In a guest they are, too: it has no heap of mete.
#if !defined(METE_SHARED)
#define METE_SHARED METE_GUEST
#endif

#if !METE_SHARED
#include "heap/fast_path.hpp"
#endif

namespace mete {

// A block for L. Requires: L has a size. Fails: null (G1).
template <Layout L>
[[nodiscard]] inline void* alloc() noexcept {
  static_assert(L.size() != 0, "a layout of size 0 has no block");
#if !METE_SHARED
  constexpr heap::SizeClass size_class = heap::class_for(L.size(), L.align());
  if constexpr (size_class != heap::SizeClass()) {
    heap::Bins& bins = *heap::global_bins;
    if (heap::Block* const block = bins[size_class].head; METE_LIKELY(block != nullptr)) {
      heap::take_head(bins[size_class]);
      return block;
    }
  }
#endif
  return alloc(L);
}

// Takes a block for L back. Requires: the global allocator gave it for a layout that L fits (T10).
template <Layout L>
inline void dealloc(void* ptr) noexcept {
#if !METE_SHARED
  constexpr heap::SizeClass size_class = heap::class_for(L.size(), L.align());
  if constexpr (size_class != heap::SizeClass()) {
    heap::Bins& bins = *heap::global_bins;
    heap::Bin& bin = bins[size_class];
    // Mine, and of the class that a block for L usually has.
    if (METE_LIKELY(heap::slab_map.word_of(ptr) == bin.word)) {
      heap::push(bin, static_cast<heap::Block*>(ptr));
      return;
    }
  }
#endif
  dealloc(ptr, L);
}

// A new T, initialised as T(args...). Fails: handle_alloc_error (E5). If the constructor throws the
// memory is given back.
template <class T, class... Args>
[[nodiscard]] T* make(Args&&... args) {
  constexpr Layout layout = Layout::of<T>();
  void* const ptr = alloc<layout>();
  if (ptr == nullptr) handle_alloc_error(layout);
  struct Guard {
    void* ptr;
    ~Guard() {
      if (ptr != nullptr) dealloc<layout>(ptr);
    }
  } guard{ptr};
  T* const object = ::new (ptr) T(std::forward<Args>(args)...);
  guard.ptr = nullptr;
  return object;
}

// Ends the life of what make made, and takes its memory back. Null: nothing. Requires: T is the
// type that it was made as, not a base of it.
template <class T>
void destroy(T* object) noexcept {
  if (object == nullptr) return;
  object->~T();
  dealloc<Layout::of<T>()>(object);
}

}  // namespace mete
