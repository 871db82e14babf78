// The few macros of mete: what the compiler must be told and the language has no words for.

#pragma once

#define METE_NOINLINE __attribute__((noinline))
#define METE_INLINE inline __attribute__((always_inline))
#define METE_COLD __attribute__((noinline, cold))
#define METE_EXPORT __attribute__((visibility("default")))
#define METE_LIKELY(x) (__builtin_expect(!!(x), 1))
#define METE_UNLIKELY(x) (__builtin_expect(!!(x), 0))

// What the function calls is inlined, unless code is to be small.
#ifdef __OPTIMIZE_SIZE__
#define METE_FLATTEN
#else
#define METE_FLATTEN __attribute__((flatten))
#endif

// A function that reads another thread's bins on purpose, for statistics: the answer may be a
// moment old.
#define METE_RACY_READ __attribute__((no_sanitize("thread")))
