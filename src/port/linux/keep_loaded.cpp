// A shared library that stays, on Linux: it opens itself once more, for good.
//
// Apart from the other functions of modules, since linking dlopen statically is warned of.

#include <dlfcn.h>
#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>

#include "port/modules.hpp"

// Before glibc 2.34 it is in a library of its own, which only std is sure to bring.
#pragma weak dlopen

namespace mete::port {
namespace {

// Stops at the module that has this function, and puts its path into *argument.
int find_own_module(dl_phdr_info* info, std::size_t, void* argument) noexcept {
  const auto here = reinterpret_cast<std::uintptr_t>(&find_own_module);
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || here - info->dlpi_addr - segment.p_vaddr >= segment.p_memsz)
      continue;
    *static_cast<const char**>(argument) = info->dlpi_name;
    return 1;
  }
  return 0;
}

}  // namespace

void keep_loaded() noexcept {
  const char* own = "";
  dl_iterate_phdr(find_own_module, &own);
  if (*own != 0 && dlopen != nullptr) dlopen(own, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

}  // namespace mete::port
