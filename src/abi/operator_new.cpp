// The replaceable forms of operator new that allocate (ISO C++20 [new.delete]).
//
// Each is weak, so that a program that replaces one in a static link keeps its own. The array and
// nothrow forms (in files of their own) call the single-object form by its public name, which may
// be the program's.

#include <new>

#include <cstddef>

#include "abi/cxx_runtime.hpp"
#include "abi/noted_slow_path.hpp"
#include "abi/own_operator_new.hpp"
#include "abi/with_malloc.hpp"
#include "heap/fast_path.hpp"
#include "heap/slow_path.hpp"

namespace mete::abi {
namespace {

// Calls the new_handler until there is memory or no handler is left; then throws.
template <class Try>
void* retry(Try allocate) {
  for (;;) {
    if (void* block = allocate()) return block;
    const std::new_handler handler = current_new_handler();
    if (handler == nullptr) throw_bad_alloc();
    handler();
  }
}

struct Throw {
  METE_NOINLINE static void* small(heap::Bin& bin) {
    // A handler may attach the thread to a heap or fill the bin, so a retry starts over with the
    // size.
    const std::size_t bytes = bytes_of(heap::current_bins->class_of(bin));
    if (void* block = allocate_slow_noted(bin)) return block;
    return retry([bytes] { return heap::allocate(bytes); });
  }
  METE_NOINLINE static void* large(std::size_t bytes) {
    return retry([bytes] { return allocate_large_noted(bytes); });
  }
};

}  // namespace
}  // namespace mete::abi

extern "C" {

void* mete_operator_new(std::size_t bytes) { return mete::heap::allocate<mete::abi::Throw>(bytes); }

void* mete_operator_new_aligned(std::size_t bytes, std::align_val_t alignment) {
  return mete::abi::retry(
      [=] { return mete::heap::allocate_aligned(static_cast<std::size_t>(alignment), bytes); });
}

}  // extern "C"

METE_EXPORT void* operator new(std::size_t bytes) __attribute__((weak, alias("mete_operator_new")));
METE_EXPORT void* operator new(std::size_t bytes, std::align_val_t alignment)
    __attribute__((weak, alias("mete_operator_new_aligned")));
