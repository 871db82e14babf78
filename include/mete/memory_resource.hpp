// Between mete and std::pmr: an Allocator as a memory resource (Resource), and any memory resource
// as an Allocator (ResourceRef).

#pragma once

#include <concepts>
#include <cstddef>
#include <memory_resource>
#include <optional>
#include <type_traits>
#include <utility>

#include "mete/alloc_error.hpp"
#include "mete/allocator.hpp"
#include "mete/layout.hpp"

namespace mete {

struct Global;  // global.hpp

// A memory resource that owns an A; stays where it is.
//   mete::Resource<mete::Arena<mete::System>> arena;
//   std::pmr::vector<int> v(&arena);
// Contract: std::pmr::memory_resource (ISO C++20 20.12.2). Any thread may call that may call A.
template <class A = Global>
class Resource final : public std::pmr::memory_resource {
  static_assert(check_allocator<A>());

 public:
  // Makes the allocator from the arguments.
  template <class... Arguments>
  requires std::constructible_from<A, Arguments...>
  explicit Resource(Arguments&&... arguments) : allocator_(std::forward<Arguments>(arguments)...) {}
  Resource(const Resource&) = delete;
  Resource& operator=(const Resource&) = delete;

  A& allocator() noexcept { return allocator_; }

 private:
  // Blocks of 0 bytes have addresses of their own too (ISO C++20 6.7.5.4.1): they count as 1.
  static std::optional<Layout> layout_of(std::size_t bytes, std::size_t align) noexcept {
    return Layout::from_size_align(bytes != 0 ? bytes : 1, align);
  }

  // Fails: AllocError, which is a std::bad_alloc; handle_alloc_error in builds without exceptions.
  void* do_allocate(std::size_t bytes, std::size_t align) override {
    const std::optional<Layout> layout = layout_of(bytes, align);
    const Block block = layout ? mete::allocate(allocator_, *layout) : Block{};
    if (!block) raise_alloc_error(layout);
    return block.ptr;
  }

  void do_deallocate(void* ptr, std::size_t bytes, std::size_t align) override {
    const std::optional<Layout> layout = layout_of(bytes, align);
    require(layout.has_value(), LayoutError::kText);
    mete::deallocate(allocator_, ptr, *layout);
  }

  // Equal: the same object, or one of the same type on the same allocator. Without run-time type
  // information only the first can be known.
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    if (this == &other) return true;
#if defined(__cpp_rtti)
    const auto* const same = dynamic_cast<const Resource*>(&other);
    if (same == nullptr) return false;
    if constexpr (std::is_empty_v<A>)
      return true;
    else if constexpr (std::equality_comparable<A>)
      return allocator_ == same->allocator_;
#endif
    return false;
  }

  [[no_unique_address]] A allocator_;
};

// A borrowed memory resource as an Allocator. A pointer: copies are the same allocator. Threads: as
// the resource. In a build without exceptions, a resource that throws ends the program.
class ResourceRef {
 public:
  // Requires: not null.
  ResourceRef(std::pmr::memory_resource* resource) noexcept : resource_(resource) {
    require(resource != nullptr, "`resource` must be a memory resource: null is none");
  }

  std::pmr::memory_resource* resource() const noexcept { return resource_; }

  Block allocate(Layout layout) const noexcept {
    if (layout.size() == 0) return Block::dangling(layout);
#if defined(__cpp_exceptions)
    try {
      return {resource_->allocate(layout.size(), layout.align()), layout.size()};
    } catch (...) {
      return {};
    }
#else
    return {resource_->allocate(layout.size(), layout.align()), layout.size()};
#endif
  }

  void deallocate(void* ptr, Layout layout) const noexcept {
    if (layout.size() != 0) resource_->deallocate(ptr, layout.size(), layout.align());
  }

  friend bool operator==(ResourceRef a, ResourceRef b) noexcept {
    return *a.resource_ == *b.resource_;
  }

 private:
  std::pmr::memory_resource* resource_;
};

}  // namespace mete
