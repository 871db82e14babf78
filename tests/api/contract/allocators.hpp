// The allocators that the contract is checked on. To check one more, give it a struct like these,
// with a name and a member `allocator`, and a place in the list at the end.

#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <memory_resource>
#include <mutex>
#include <span>
#include <string>

#include "api/strict_allocator.hpp"
#include "mete/allocator_ref.hpp"
#include "mete/arena.hpp"
#include "mete/both_contracts.hpp"
#include "mete/by_ref.hpp"
#include "mete/dlmalloc.h"
#include "mete/fallback.hpp"
#include "mete/global.hpp"
#include "mete/heap.hpp"
#include "mete/locked.hpp"
#include "mete/memory_resource.hpp"
#include "mete/space.hpp"
#include "mete/system.hpp"

namespace mete::test {

struct OnSystem {
  static constexpr char kName[] = "System";
  System allocator;
};

// What the program selected: nothing, so the heap of mete.
struct OnGlobal {
  static constexpr char kName[] = "Global";
  Global allocator;
};

struct OnHeap {
  static constexpr char kName[] = "Heap";
  Heap allocator;
};

// A buffer, and pieces of malloc behind it.
inline Space::Source pieces_of_malloc() {
  return {[](void*, std::size_t& bytes) { return std::malloc(bytes); },
          [](void*, void* base, std::size_t bytes) {
            static_cast<void>(bytes);
            std::free(base);
            return true;
          }};
}

struct OnSpace {
  static constexpr char kName[] = "Space";
  alignas(16) std::array<std::byte, 10'000> buffer;
  Space allocator{buffer, pieces_of_malloc()};
  ~OnSpace() { allocator.release(); }
};

struct OnLockedSpace {
  static constexpr char kName[] = "LockedSpace";
  alignas(16) std::array<std::byte, 10'000> buffer;
  Locked<Space, std::mutex> allocator{std::span<std::byte>(buffer), pieces_of_malloc()};
  ~OnLockedSpace() {
    allocator.with([](Space& space) { space.release(); });
  }
};

// dlmalloc's interface, as the crate has it for Rust (C1).
struct Dlmalloc : AllocatorFromGlobalAlloc<Dlmalloc> {
  static void* alloc(Layout layout) noexcept { return dlmemalign(layout.align(), layout.size()); }
  static void dealloc(void* ptr, Layout) noexcept { dlfree(ptr); }
  static void* realloc(void* ptr, Layout layout, std::size_t new_size) noexcept {
    if (dlrealloc_in_place(ptr, new_size) != nullptr) return ptr;
    Dlmalloc dlmalloc;
    return realloc_by_copy(dlmalloc, ptr, layout, new_size);
  }
  friend constexpr bool operator==(Dlmalloc, Dlmalloc) noexcept { return true; }
};
struct OnDlmalloc {
  static constexpr char kName[] = "Dlmalloc";
  Dlmalloc allocator;
};

// Two functions only: all others are the defaults.
struct OnDefaults {
  static constexpr char kName[] = "Defaults";
  StrictAllocator allocator;
};

struct StrictBoth : StrictGlobalAlloc, AllocatorFromGlobalAlloc<StrictBoth> {};
struct OnFromGlobalAlloc {
  static constexpr char kName[] = "FromGlobalAlloc";
  StrictBoth allocator;
};

struct OnLocked {
  static constexpr char kName[] = "Locked";
  Locked<System, std::mutex> allocator;
};

struct OnLockedArena {
  static constexpr char kName[] = "LockedArena";
  StrictAllocator strict;
  Locked<Arena<ByRef<StrictAllocator>>, std::mutex> allocator{by_ref(strict)};
};

struct OnArena {
  static constexpr char kName[] = "Arena";
  StrictAllocator strict;
  Arena<ByRef<StrictAllocator>> allocator{strict};
};

struct OnArenaWithBuffer {
  static constexpr char kName[] = "ArenaWithBuffer";
  std::array<std::byte, 5000> buffer;
  Arena<System> allocator{buffer, System()};
};

struct OnFallback {
  static constexpr char kName[] = "Fallback";
  std::array<std::byte, 50'000> buffer;
  StrictAllocator strict;
  Fallback<Arena<NoMemory>, ByRef<StrictAllocator>> allocator{Arena{buffer}, strict};
};

// The first knows its blocks, and soon has no more.
struct OnFallbackOfTwo {
  static constexpr char kName[] = "FallbackOfTwo";
  StrictAllocator first;
  StrictAllocator second;
  Fallback<ByRef<StrictAllocator>, ByRef<StrictAllocator>> allocator{first, second};

  OnFallbackOfTwo() { first.fail_after(5); }
};

struct OnByRef {
  static constexpr char kName[] = "ByRef";
  StrictAllocator strict;
  ByRef<StrictAllocator> allocator{strict};
};

struct OnByRefOfBoth {
  static constexpr char kName[] = "ByRefOfBoth";
  StrictBoth strict;
  ByRef<StrictBoth> allocator{strict};
};

struct OnAllocatorRef {
  static constexpr char kName[] = "AllocatorRef";
  StrictAllocator strict;
  AllocatorRef allocator{strict};
};

struct OnAllocatorRefOfSystem {
  static constexpr char kName[] = "AllocatorRefOfSystem";
  System system;
  const AllocatorRef allocator{system};
};

struct OnGlobalAllocRef {
  static constexpr char kName[] = "GlobalAllocRef";
  StrictGlobalAlloc strict;
  GlobalAllocRef allocator{strict};
};

struct OnTwoFunctions {
  static constexpr char kName[] = "TwoFunctions";
  StrictGlobalAlloc allocator;
};

// There and back: an Allocator as a resource, and that as an Allocator.
struct OnResource {
  static constexpr char kName[] = "Resource";
  StrictAllocator strict;
  Resource<ByRef<StrictAllocator>> resource{strict};
  ResourceRef allocator{&resource};
};

struct OnResourceOfSystem {
  static constexpr char kName[] = "ResourceOfSystem";
  Resource<System> resource;
  ResourceRef allocator{&resource};
};

// A resource of the library. Not one of its pools: in libstdc++ 12 they forget the alignment of
// blocks whose size is no multiple of it.
struct OnMonotonicResource {
  static constexpr char kName[] = "MonotonicResource";
  Resource<System> upstream;
  std::pmr::monotonic_buffer_resource monotonic{&upstream};
  ResourceRef allocator{&monotonic};
};

template <class... More>
using AllocatorsAnd =
    testing::Types<OnSystem, OnSpace, OnLockedSpace, OnDlmalloc, OnDefaults, OnFromGlobalAlloc,
                   OnLocked, OnLockedArena, OnArena, OnArenaWithBuffer, OnFallback, OnFallbackOfTwo,
                   OnByRef, OnAllocatorRef, OnAllocatorRefOfSystem, OnResource, OnResourceOfSystem,
                   OnMonotonicResource, More...>;

template <class... More>
using GlobalAllocsAnd =
    testing::Types<OnSystem, OnSpace, OnLockedSpace, OnDlmalloc, OnTwoFunctions, OnLocked,
                   OnLockedArena, OnArena, OnFallback, OnByRefOfBoth, OnGlobalAllocRef, More...>;

#if METE_HAS_HEAP
using Allocators = AllocatorsAnd<OnGlobal, OnHeap>;
using GlobalAllocs = GlobalAllocsAnd<OnGlobal, OnHeap>;
#else
using Allocators = AllocatorsAnd<>;
using GlobalAllocs = GlobalAllocsAnd<>;
#endif

struct NameOfCase {
  template <class Case>
  static std::string GetName(int) {
    return Case::kName;
  }
};

}  // namespace mete::test
