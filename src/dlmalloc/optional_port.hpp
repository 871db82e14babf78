// What a port need not have (port.h), as the rest of the library calls it.

#pragma once

#include <cstddef>

namespace mete::dlmalloc::optional_port {

void* direct_mmap(std::size_t length) noexcept;
bool mmap_clears() noexcept;
void no_memory() noexcept;

}  // namespace mete::dlmalloc::optional_port
