// System: the allocator of the platform, as it is when nothing else was chosen: the HeapAlloc
// family on Windows, the malloc family elsewhere.
//
// A block of System goes back through System: never hand one to free or HeapFree, or one of theirs
// to System, since System may do more than they do (S1). It can always be used directly, whichever
// allocator the program selected (S3).
// Contract: requirements S1 to S9, after std::alloc::System. Any thread may call anything.

#pragma once

#include "mete/allocator.hpp"
#include "mete/both_contracts.hpp"
#include "mete/global_alloc.hpp"

#if defined(_WIN32)
#include "mete/system/heap_alloc.hpp"
#else
#include "mete/system/malloc.hpp"
#endif

namespace mete {

#if defined(_WIN32)
using SystemFamily = HeapAllocFamily;
#else
using SystemFamily = MallocFamily;
#endif

// Without state; every System is the same one (S2).
struct System : SystemFamily, AllocatorFromGlobalAlloc<System> {
  friend constexpr bool operator==(System, System) noexcept { return true; }
};

static_assert(GlobalAlloc<System> && Allocator<System>);

}  // namespace mete
