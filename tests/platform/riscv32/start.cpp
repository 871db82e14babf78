// The first instructions of a RISC-V, and the last ones when it cannot go on.

#include "platform/bare/start.hpp"

extern "C" {

// Every trap: nothing here enables an interrupt. Whatever became of the stack, there is a new one.
[[gnu::naked, gnu::used, gnu::aligned(4)]] void trap() noexcept {
  asm volatile(
      ".option push\n"
      ".option arch, +zicsr\n"
      "la sp, stack_top\n"
      "csrr a0, mcause\n"
      "csrr a1, mepc\n"
      "j crash\n"
      ".option pop\n");
}

// Where memory.ld has flash may be read and executed (0x9d: R, X, 2^n bytes, locked), so that a
// stack that has become too large is a trap.
[[gnu::naked, gnu::used, gnu::section(".start")]] void start() noexcept {
  asm volatile(
      ".option push\n"
      ".option arch, +zicsr\n"
      "la sp, stack_top\n"
      "la t0, trap\n"
      "csrw mtvec, t0\n"
      "li t0, (0x80000000 >> 2) | ((256 << 10) / 8 - 1)\n"
      "csrw pmpaddr0, t0\n"
      "li t0, 0x9d\n"
      "csrw pmpcfg0, t0\n"
      "j run\n"
      ".option pop\n");
}

}  // extern "C"
