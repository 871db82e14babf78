// The process around the heap of a Rust program: options, statistics, memory given back, and the
// last line of a program that has no memory.

#include <stdlib.h>

#include <cstddef>
#include <cstdint>

#include "global/process_heap.hpp"
#include "global/settings.hpp"
#include "global/statistics.hpp"
#include "mete/options.hpp"
#include "port/process.hpp"

namespace {

namespace global = mete::global;

bool is_option(std::size_t index) noexcept { return index < mete::kOptionCount; }

}  // namespace

// As in rust/mete/src/process.rs, field by field.
static_assert(sizeof(global::Statistics) == 17 * sizeof(std::uint64_t));
static_assert(mete::kOptionCount == 7);

extern "C" {

void mete_rust_statistics(global::Statistics* out) noexcept { *out = global::statistics(); }

bool mete_rust_trim(std::size_t keep) noexcept { return global::trim(keep); }

std::int64_t mete_rust_option(std::size_t index) noexcept {
  return is_option(index) ? global::option_value(static_cast<mete::OptionId>(index)) : 0;
}
bool mete_rust_set_option(std::size_t index, std::int64_t value) noexcept {
  return is_option(index) && global::set_option(static_cast<mete::OptionId>(index), value);
}

void mete_rust_write_error(const char* text, std::size_t size) noexcept {
  mete::port::write_error(text, size);
}
[[noreturn]] void mete_rust_abort() noexcept { abort(); }

}  // extern "C"
