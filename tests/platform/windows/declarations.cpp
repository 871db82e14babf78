// <windows.h> and the declarations of System's header are of the same functions, in either order:
// here it comes after, in system.cpp before.

#include "mete/system.hpp"

#include <windows.h>

#include <type_traits>

static_assert(mete::kernel32::kZeroMemory == HEAP_ZERO_MEMORY);
static_assert(std::is_same_v<decltype(mete::kernel32::HeapAlloc), decltype(::HeapAlloc)>);
static_assert(std::is_same_v<decltype(mete::kernel32::HeapReAlloc), decltype(::HeapReAlloc)>);
static_assert(std::is_same_v<decltype(mete::kernel32::HeapFree), decltype(::HeapFree)>);
