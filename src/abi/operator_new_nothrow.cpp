// The nothrow forms of operator new: what the throwing form gives, null instead of an exception
// ([new.delete.single]). As long as that form is ours and has memory there is nothing to catch.

#include <new>

#include <cstddef>

#include "abi/cxx_runtime.hpp"
#include "abi/noted_slow_path.hpp"
#include "abi/own_operator_new.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"

namespace mete::abi {
namespace {

// Without a new_handler our throwing form would just throw.
template <class... Arguments>
METE_COLD void* ask_handler(Arguments... arguments) noexcept {
  return current_new_handler() == nullptr ? nullptr : operator_new_or_null(arguments...);
}

struct Catch {
  METE_NOINLINE static void* small(heap::Bin& bin) noexcept {
    const std::size_t bytes = bytes_of(heap::current_bins->class_of(bin));
    if (void* block = allocate_slow_noted(bin)) return block;
    return ask_handler(bytes);
  }
  METE_NOINLINE static void* large(std::size_t bytes) noexcept {
    if (void* block = allocate_large_noted(bytes)) return block;
    return ask_handler(bytes);
  }
};

}  // namespace
}  // namespace mete::abi

namespace abi = mete::abi;

METE_EXPORT __attribute__((weak)) void* operator new(std::size_t bytes,
                                                     const std::nothrow_t&) noexcept {
  using Plain = void* (*)(std::size_t);
  if (METE_UNLIKELY(static_cast<Plain>(&::operator new) != &mete_operator_new))
    return abi::operator_new_or_null(bytes);
  return mete::heap::allocate<abi::Catch>(bytes);
}

METE_EXPORT __attribute__((weak)) void* operator new(std::size_t bytes, std::align_val_t alignment,
                                                     const std::nothrow_t&) noexcept {
  using Plain = void* (*)(std::size_t, std::align_val_t);
  if (METE_UNLIKELY(static_cast<Plain>(&::operator new) != &mete_operator_new_aligned))
    return abi::operator_new_or_null(bytes, alignment);
  void* const block = mete::heap::allocate_aligned(static_cast<std::size_t>(alignment), bytes);
  return METE_LIKELY(block != nullptr) ? block : abi::ask_handler(bytes, alignment);
}

METE_EXPORT __attribute__((weak)) void* operator new[](std::size_t bytes,
                                                       const std::nothrow_t& nothrow) noexcept {
  return ::operator new(bytes, nothrow);
}

METE_EXPORT __attribute__((weak)) void* operator new[](std::size_t bytes,
                                                       std::align_val_t alignment,
                                                       const std::nothrow_t& nothrow) noexcept {
  return ::operator new(bytes, alignment, nothrow);
}
