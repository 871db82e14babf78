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

// Aborts; without a hosted library by a trap.
[[noreturn]] inline void end_program() noexcept {
#if __STDC_HOSTED__
  std::abort();
#else
  __builtin_trap();
#endif
}

// Prints "mete: <rule>" on stderr, if there is a hosted library, and aborts. Never allocates.
[[noreturn]] inline void precondition_failed([[maybe_unused]] const char* rule) noexcept {
#if __STDC_HOSTED__
  std::fprintf(stderr, "mete: %s\n", rule);
#endif
  end_program();
}

// States a rule. The condition must be free of side effects: a release build drops it.
constexpr void require(bool holds, const char* rule) noexcept {
  if (std::is_constant_evaluated() || METE_DEBUG != 0) {
    if (!holds) [[unlikely]]
      precondition_failed(rule);
  }
}

}  // namespace mete
