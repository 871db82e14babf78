// When memory is short and the caller cannot go on: the hook of the process, and the error as an
// exception.
//
//   handle_alloc_error(layout)  ->  the hook, by default one line on stderr  ->  abort
//
// A program that wants the line to become an exception says so once:
//   mete::set_alloc_error_hook(mete::throw_alloc_error);
// Without a hosted library there is nothing to print with: the line is left out, the text of an
// AllocError has no number, and abort is a trap.
// Contract: requirements E1 to E7 and T8, after std::alloc. Any thread may call anything here.

#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <optional>

#if __STDC_HOSTED__
#include <cstdio>
#endif

#include "mete/layout.hpp"
#include "mete/precondition.hpp"

namespace mete {

// The error of an allocator as a value and as an exception (T8). The text is fixed:
//   memory allocation failed                 if it is not known for what
//   memory allocation of 24 bytes failed     if it is
class AllocError : public std::bad_alloc {
 public:
  AllocError() noexcept = default;
  explicit AllocError(Layout layout) noexcept : layout_(layout) {
#if __STDC_HOSTED__
    std::snprintf(text_, sizeof text_, "memory allocation of %zu bytes failed", layout.size());
#endif
  }

  const char* what() const noexcept override { return text_; }
  std::optional<Layout> layout() const noexcept { return layout_; }

  friend bool operator==(const AllocError& a, const AllocError& b) noexcept {
    return a.layout_ == b.layout_;
  }

 private:
  std::optional<Layout> layout_;
  char text_[64] = "memory allocation failed";
};

// Gets the layout of the request that failed. May end the process, throw, or return (E3, E6).
using AllocErrorHook = void (*)(Layout);

// The hook that there is at first: "memory allocation of 24 bytes failed" on stderr (E4).
inline void default_alloc_error_hook([[maybe_unused]] Layout layout) noexcept {
#if __STDC_HOSTED__
  std::fprintf(stderr, "memory allocation of %zu bytes failed\n", layout.size());
#endif
}

#if defined(__cpp_exceptions)
// A hook that throws AllocError with that text instead.
[[noreturn]] inline void throw_alloc_error(Layout layout) { throw AllocError(layout); }
#endif

// One for the whole process, also where libraries hide their symbols. Null: the default (E7).
[[gnu::visibility("default")]] constinit inline std::atomic<AllocErrorHook> alloc_error_hook =
    nullptr;

// Replaces the hook that there was (E1). Null brings the default back.
inline void set_alloc_error_hook(AllocErrorHook hook) noexcept { alloc_error_hook.store(hook); }

// Takes the hook out, so that the default holds again, and returns it; the default if there was
// none (E2).
inline AllocErrorHook take_alloc_error_hook() noexcept {
  const AllocErrorHook hook = alloc_error_hook.exchange(nullptr);
  return hook != nullptr ? hook : default_alloc_error_hook;
}

// For a caller that cannot do without the memory: calls the hook, then aborts if it returns (E5).
[[noreturn]] inline void handle_alloc_error(Layout layout) {
  const AllocErrorHook hook = alloc_error_hook.load();
  hook != nullptr ? hook(layout) : default_alloc_error_hook(layout);
  end_program();
}

// For interfaces that report by exception: throws AllocError, or where the build has no exceptions
// handles the error. No layout: the request was larger than any.
[[noreturn]] inline void raise_alloc_error(std::optional<Layout> layout) {
#if defined(__cpp_exceptions)
  throw layout ? AllocError(*layout) : AllocError();
#else
  if (layout) handle_alloc_error(*layout);
#if __STDC_HOSTED__
  std::fprintf(stderr, "memory allocation failed\n");
#endif
  end_program();
#endif
}

}  // namespace mete
