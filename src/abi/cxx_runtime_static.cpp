// The C++ runtime that the program is linked with. Weak: a C program has none.

#include "abi/cxx_runtime.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"

namespace std {
__attribute__((weak)) new_handler get_new_handler() noexcept;
__attribute__((weak)) void __throw_bad_alloc();
}  // namespace std

namespace mete::abi {

METE_COLD std::new_handler current_new_handler() noexcept {
  return std::get_new_handler == nullptr ? nullptr : std::get_new_handler();
}

METE_COLD void throw_bad_alloc() {
  if (std::__throw_bad_alloc != nullptr) std::__throw_bad_alloc();
  base::panic("operator new: out of memory, and no C++ runtime to throw std::bad_alloc with");
}

}  // namespace mete::abi
