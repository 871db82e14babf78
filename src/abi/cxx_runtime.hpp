// What operator new needs of the C++ runtime when there is no memory. The shared library does not
// depend on one and asks the process for it at that moment; the static archive is linked with it by
// a C++ program.

#pragma once

#include <cstddef>
#include <new>

namespace mete::abi {

std::new_handler current_new_handler() noexcept;

// Throws std::bad_alloc. Ends the process with a message where there is no C++ runtime to throw
// with.
[[noreturn]] void throw_bad_alloc();

// What ::operator new gives, which may be the program's own; null where it throws.
void* operator_new_or_null(std::size_t bytes) noexcept;
void* operator_new_or_null(std::size_t bytes, std::align_val_t alignment) noexcept;

}  // namespace mete::abi
