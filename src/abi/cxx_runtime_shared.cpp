// The C++ runtime of the process, found by name at the time of need.

#include <dlfcn.h>

#include "abi/cxx_runtime.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"

namespace mete::abi {

namespace {

// A symbol of the C++ runtime. It may be loaded where RTLD_DEFAULT does not see it: as a dependency
// of a plugin, in a program that is C.
METE_COLD void* runtime_symbol(const char* name) noexcept {
  if (void* found = dlsym(RTLD_DEFAULT, name)) return found;
  constexpr const char* kRuntimes[] = {"libstdc++.so.6", "libc++.so.1"};
  for (const char* library : kRuntimes) {
    void* const handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
    if (handle == nullptr) continue;
    void* const found = dlsym(handle, name);
    dlclose(handle);
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

METE_COLD std::new_handler current_new_handler() noexcept {
  using Get = std::new_handler (*)();
  const auto get = reinterpret_cast<Get>(runtime_symbol("_ZSt15get_new_handlerv"));
  return get == nullptr ? nullptr : get();
}

METE_COLD void throw_bad_alloc() {
  using Throw = void (*)();
  // libstdc++ has it under this name, libc++ under the other.
  constexpr const char* kNames[] = {"_ZSt17__throw_bad_allocv", "_ZNSt3__117__throw_bad_allocEv"};
  for (const char* name : kNames) {
    if (const auto throw_it = reinterpret_cast<Throw>(runtime_symbol(name))) throw_it();
  }
  base::panic("operator new: out of memory, and no C++ runtime to throw std::bad_alloc with");
}

// The runtime's own nothrow forms, which come after ours in the order of look-up, do just this.
METE_COLD void* operator_new_or_null(std::size_t bytes) noexcept {
  using New = void* (*)(std::size_t, const std::nothrow_t&);
  const auto next = reinterpret_cast<New>(dlsym(RTLD_NEXT, "_ZnwmRKSt9nothrow_t"));
  return next == nullptr ? nullptr : next(bytes, std::nothrow_t());
}

METE_COLD void* operator_new_or_null(std::size_t bytes, std::align_val_t alignment) noexcept {
  using New = void* (*)(std::size_t, std::align_val_t, const std::nothrow_t&);
  const auto next = reinterpret_cast<New>(dlsym(RTLD_NEXT, "_ZnwmSt11align_val_tRKSt9nothrow_t"));
  return next == nullptr ? nullptr : next(bytes, alignment, std::nothrow_t());
}

}  // namespace mete::abi
