// What a platform without an operating system calls when it has a stack, and when the processor
// cannot go on.

#pragma once

#include <cstdint>

extern "C" {

// Makes the memory as C++ wants it, and runs the test.
[[noreturn]] void run() noexcept;

// Says that the program is at its end, and why in the processor's own numbers, and ends it.
[[noreturn]] void crash(std::uintptr_t cause, std::uintptr_t address) noexcept;

}  // extern "C"
