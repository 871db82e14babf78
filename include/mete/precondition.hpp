// What a caller has to see to, checked where that is cheap: in debug builds, and always when the
// compiler evaluates the call. A rule that is broken is one line on stderr that states it, then
// abort; in a constant expression it is a compile error at the call of precondition_failed.
//
// METE_DEBUG (0 or 1) says whether this is a debug build. Left undefined it follows NDEBUG, as
// assert does. Compile a whole program with one value.

#pragma once

#include <type_traits>

#if __STDC_HOSTED__
#include <cstdio>
#include <cstdlib>
#endif

#ifndef METE_DEBUG
#ifdef NDEBUG
#define METE_DEBUG 0
#else
#define METE_DEBUG 1
#endif
#endif

namespace mete {

// Prints "mete: <rule>" on stderr and aborts. Never allocates. Without a hosted library: a trap.
[[noreturn]] inline void precondition_failed([[maybe_unused]] const char* rule) noexcept {
#if __STDC_HOSTED__
  std::fprintf(stderr, "mete: %s\n", rule);
  std::abort();
#else
  __builtin_trap();
#endif
}

// States a rule. The condition must be free of side effects: a release build drops it.
constexpr void require(bool holds, const char* rule) noexcept {
  if (std::is_constant_evaluated() || METE_DEBUG != 0) {
    if (!holds) [[unlikely]]
      precondition_failed(rule);
  }
}

}  // namespace mete
