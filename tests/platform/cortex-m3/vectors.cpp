// The table at address 0 by which a Cortex-M3 starts, and ends when an instruction cannot be
// executed. Nothing here enables an interrupt.

#include "platform/bare/start.hpp"

extern "C" std::uint32_t stack_bottom[];
extern "C" std::uint32_t stack_top[];

namespace {

// What the processor saves of the program that it interrupts.
struct Frame {
  std::uint32_t r0_to_r3[4];
  std::uint32_t r12;
  std::uint32_t return_address;
  std::uint32_t program_counter;
  std::uint32_t flags;
};

}  // namespace

extern "C" {

// There is nothing to be read where the stack has run out of memory.
[[noreturn, gnu::used]] void end_by_exception(std::uint32_t number, const Frame* frame) noexcept {
  crash(number,
        reinterpret_cast<const std::uint32_t*>(frame) >= stack_bottom ? frame->program_counter : 0);
}

// Every exception but the start. Whatever became of the stack, there is a new one.
[[gnu::naked]] void exception() noexcept {
  asm volatile(
      "mrs r0, ipsr\n"
      "mov r1, sp\n"
      "ldr r2, =stack_top\n"
      "mov sp, r2\n"
      "b end_by_exception\n");
}

union Vector {
  std::uint32_t* stack;
  void (*handler)() noexcept;
};

[[gnu::section(".start"), gnu::used]] extern constinit const Vector start[16] = {
    {.stack = stack_top},   {.handler = run},         // start
    {.handler = exception}, {.handler = exception},   // not maskable, hard fault
    {.handler = exception}, {.handler = exception},   // protection, bus
    {.handler = exception}, {.handler = nullptr},     // usage
    {.handler = nullptr},   {.handler = nullptr},     //
    {.handler = nullptr},   {.handler = exception},   // supervisor call
    {.handler = exception}, {.handler = nullptr},     // debug monitor
    {.handler = exception}, {.handler = exception}};  // pending call, clock

}  // extern "C"
