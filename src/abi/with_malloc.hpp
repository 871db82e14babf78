// For every object of the archive that defines a part of the malloc family: whoever refers to that
// part gets malloc.cpp as well. In a static program that calls operator new or mallinfo and no
// malloc, the C library's malloc would come in behind otherwise: a second allocator, or symbols
// defined twice.

#pragma once

#include <stdlib.h>

namespace mete::abi {

[[gnu::used]] static decltype(&::malloc) const with_malloc = &::malloc;

}  // namespace mete::abi
