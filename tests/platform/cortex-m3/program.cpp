// Output and end by semihosting: a breakpoint with a number that whoever watches the processor
// takes for a call (ARM, Semihosting for AArch32 and AArch64).

#include "platform/program.hpp"

#include <cstdint>

namespace {

constexpr std::uint32_t kWriteText = 0x04;
constexpr std::uint32_t kExit = 0x20;
constexpr std::uint32_t kApplicationExit = 0x20026;

void call_host(std::uint32_t operation, const void* argument) noexcept {
  register std::uint32_t r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

}  // namespace

namespace mete::platform {

void say(const char* text) noexcept { call_host(kWriteText, text); }

void finish(int status) noexcept {
  const std::uint32_t how[] = {kApplicationExit, static_cast<std::uint32_t>(status)};
  for (;;) call_host(kExit, how);
}

}  // namespace mete::platform
