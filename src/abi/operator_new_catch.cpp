// Catching what operator new throws, in a static program. The only file that is compiled with
// exceptions; nothing but the nothrow forms refers to it, so a program without a C++ runtime does
// not link it.

#include "abi/cxx_runtime.hpp"
#include "base/compiler.hpp"

namespace mete::abi {

METE_COLD void* operator_new_or_null(std::size_t bytes) noexcept {
  try {
    return ::operator new(bytes);
  } catch (...) {
    return nullptr;
  }
}

METE_COLD void* operator_new_or_null(std::size_t bytes, std::align_val_t alignment) noexcept {
  try {
    return ::operator new(bytes, alignment);
  } catch (...) {
    return nullptr;
  }
}

}  // namespace mete::abi
