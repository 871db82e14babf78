// StdAllocator: any mete Allocator as the allocator of the standard containers.
//
//   std::vector<int, mete::StdAllocator<int>> v;                                 on Global
//   std::vector<int, mete::StdAllocator<int, mete::System>> v;
//   std::vector<int, mete::StdAllocator<int, mete::ByRef<Heap>>> v(heap);        lent
//
// Contract: Cpp17Allocator (ISO C++20 16.4.4.6.1), and requirements T1, T10, T13. Any thread may
// call that may call A.

#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <version>

#if defined(__cpp_lib_allocate_at_least)
#include <memory>
#endif

#include "mete/alloc_error.hpp"
#include "mete/allocator.hpp"
#include "mete/layout.hpp"

namespace mete {

struct Global;  // global.hpp

// Holds an A by value, and containers copy it: two that are equal free each other's blocks.
template <class T, class A = Global>
class StdAllocator {
  static_assert(std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>>,
                "a container holds objects that are not const");
  static_assert(std::is_nothrow_copy_constructible_v<A>,
                "StdAllocator copies its allocator, and the copy must be the same allocator (T13): "
                "lend one that cannot be copied as mete::ByRef<A>");
  static_assert(std::is_empty_v<A> || std::equality_comparable<A>,
                "an allocator with state must say with == whether two of it are the same (T13)");
  static_assert(check_allocator<A>());

 public:
  using value_type = T;
  using is_always_equal = std::is_empty<A>;
  // What was allocated moves along with its allocator; a container that is assigned to keeps its
  // own.
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using propagate_on_container_copy_assignment = std::false_type;

#if defined(__cpp_lib_allocate_at_least)
  using AtLeast = std::allocation_result<T*, std::size_t>;
#else
  struct AtLeast {
    T* ptr;
    std::size_t count;
  };
#endif

  constexpr StdAllocator() noexcept requires std::default_initializable<A>
  = default;

  // From an A, or from what becomes one: an allocator that A refers to.
  // NOLINTNEXTLINE(bugprone-forwarding-reference-overload): no StdAllocator becomes an A
  template <class Handle>
  requires std::convertible_to<Handle, A>
  constexpr StdAllocator(Handle&& allocator) noexcept
      : allocator_(std::forward<Handle>(allocator)) {}

  template <class U>
  constexpr StdAllocator(const StdAllocator<U, A>& other) noexcept
      : allocator_(other.allocator()) {}

  constexpr const A& allocator() const noexcept { return allocator_; }

  // Room for n objects. Fails: std::bad_array_new_length if n is impossible, AllocError, which is a
  // std::bad_alloc, if there is no memory; in builds without exceptions handle_alloc_error.
  [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(block_of(n).ptr); }

  // As allocate; says for how many objects there is room (ISO C++23 20.2.9.2).
  [[nodiscard]] AtLeast allocate_at_least(std::size_t n) {
    const Block block = block_of(n);
    return {static_cast<T*>(block.ptr), block.size / sizeof(T)};
  }

  // Requires: n is what was asked for, or what allocate_at_least answered, or between (T10).
  void deallocate(T* ptr, std::size_t n) noexcept {
    mete::deallocate(allocator_, ptr, Layout::from_size_align_unchecked(n * sizeof(T), alignof(T)));
  }

  template <class U>
  friend constexpr bool operator==(const StdAllocator& a, const StdAllocator<U, A>& b) noexcept {
    if constexpr (std::is_empty_v<A>)
      return true;
    else
      return a.allocator() == b.allocator();
  }

 private:
  Block block_of(std::size_t n) {
    const std::optional<Layout> layout = Layout::array<T>(n);
#if defined(__cpp_exceptions)
    if (!layout) throw std::bad_array_new_length();
#else
    if (!layout) raise_alloc_error(layout);
#endif
    const Block block = mete::allocate(allocator_, *layout);
    if (!block) raise_alloc_error(layout);
    return block;
  }

  [[no_unique_address]] A allocator_{};
};

}  // namespace mete
