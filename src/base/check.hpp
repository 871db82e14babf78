// Three kinds of checks, by who is to blame and what they may cost.
//   METE_ASSERT(x)      our own mistake; tested in debug builds
//   violate(v, p)       the user's mistake; always reported: one line on stderr, then abort
//   kAudit              constant: whether structures are walked around each mutation and the order
//                       of locks is checked (audit build)
// `panic` is the one thing that base expects of the platform; the port defines it.

#pragma once

#include <cstdint>

namespace mete::base {

// A user's mistake. The text printed is "mete: " + text + ": 0x<address>" (violation.cpp).
enum class Violation : std::uint8_t {
  kFreeForeign,   // free of a pointer that no heap of ours gave out
  kFreeInterior,  // free of a pointer into the middle of a block
  kDoubleFree,    // free of a block that is free already
  kReallocForeign,
  kReallocInterior,
  kReallocFreed,
  kUsableForeign,  // malloc_usable_size of a pointer that no heap of ours gave out
  kUsableInterior,
  kUsableFreed,
  kCorruptedBlock,  // a free block's link was overwritten: use after free or overflow
};

const char* text(Violation violation) noexcept;

// Prints "mete: <text>: 0x<address>" and aborts. Never allocates. `owner`: the file whose copy of
// mete the address belongs to, if that is known.
[[noreturn]] void violate(Violation violation, const void* address,
                          const char* owner = nullptr) noexcept;

// Prints "mete: <message>" and aborts. Never allocates. Defined by the port.
[[noreturn]] void panic(const char* message) noexcept;

inline constexpr bool kDebug = METE_DEBUG != 0;
inline constexpr bool kAudit = METE_AUDIT != 0;

}  // namespace mete::base

#define METE_STRINGIZE_(x) #x
#define METE_STRINGIZE(x) METE_STRINGIZE_(x)

#define METE_ASSERT(condition)                                                            \
  (!::mete::base::kDebug || __builtin_expect(!!(condition), 1)                            \
       ? static_cast<void>(0)                                                             \
       : ::mete::base::panic("internal error, please report: " #condition " at " __FILE__ \
                             ":" METE_STRINGIZE(__LINE__)))
