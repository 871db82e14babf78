// Our operator new under names that nobody replaces: to tell whether the program replaced the
// public one.

#pragma once

#include <cstddef>
#include <new>

extern "C" {
__attribute__((visibility("hidden"))) void* mete_operator_new(std::size_t bytes);
__attribute__((visibility("hidden"))) void* mete_operator_new_aligned(std::size_t bytes,
                                                                      std::align_val_t alignment);
}
