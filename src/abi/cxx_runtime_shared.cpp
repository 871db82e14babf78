// The C++ runtime of the process, found by name at the time of need.

#include <dlfcn.h>

#include "abi/cxx_runtime.hpp"
#include "base/check.hpp"
#include "base/compiler.hpp"

namespace mete::abi {

namespace {

// A symbol of a C++ runtime that is loaded as a library. It may be where RTLD_DEFAULT does not see
// it: as a dependency of a plugin, in a program that is C.
METE_COLD void* library_symbol(const char* name) noexcept {
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

// The same, or one that is linked into the program.
METE_COLD void* runtime_symbol(const char* name) noexcept {
  void* const found = dlsym(RTLD_DEFAULT, name);
  return found != nullptr ? found : library_symbol(name);
}

// A nothrow form of the runtime: it calls the throwing form by its public name and catches. Not the
// next one after ours in the order of look-up: that may be of another allocator, and there is none
// where only a plugin has a runtime. A program with a runtime of its own inside exports no such
// form (ours would not have been called); what is thrown there ends it.
template <class... Arguments>
METE_COLD void* new_or_null(const char* name, Arguments... arguments) noexcept {
  using New = void* (*)(Arguments..., const std::nothrow_t&);
  const auto form = reinterpret_cast<New>(library_symbol(name));
  return form != nullptr ? form(arguments..., std::nothrow_t()) : ::operator new(arguments...);
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

METE_COLD void* operator_new_or_null(std::size_t bytes) noexcept {
  return new_or_null("_ZnwmRKSt9nothrow_t", bytes);
}

METE_COLD void* operator_new_or_null(std::size_t bytes, std::align_val_t alignment) noexcept {
  return new_or_null("_ZnwmSt11align_val_tRKSt9nothrow_t", bytes, alignment);
}

}  // namespace mete::abi
