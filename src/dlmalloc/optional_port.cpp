// What the library does itself where the port has nothing. On Windows a weak definition serves its
// own object only, so all calls are here.

#include "dlmalloc/optional_port.hpp"

#include "dlmalloc/mspace.hpp"
#include "mete/port.h"

extern "C" {
__attribute__((weak)) void* custom_direct_mmap(std::size_t) { return mete::dlmalloc::kNoMemory; }
__attribute__((weak)) int custom_mmap_clears(void) { return 0; }
__attribute__((weak)) void custom_no_memory(void) {}
}

namespace mete::dlmalloc::optional_port {

void* direct_mmap(std::size_t length) noexcept { return custom_direct_mmap(length); }
bool mmap_clears() noexcept { return custom_mmap_clears() != 0; }
void no_memory() noexcept { custom_no_memory(); }

}  // namespace mete::dlmalloc::optional_port
