// From the first instruction to test(), and the end of a program that crashes.

#include "platform/bare/start.hpp"

#include "platform/program.hpp"

// Of sections.ld.
extern "C" {
extern std::uint32_t data_begin[];
extern std::uint32_t data_end[];
extern const std::uint32_t data_image[];
extern std::uint32_t bss_begin[];
extern std::uint32_t bss_end[];
}

namespace {

void say_in_hex(std::uintptr_t value) noexcept {
  char text[] = "0x00000000";
  static_assert(sizeof(value) == 4);
  for (char* digit = text + 9; value != 0; value >>= 4) *digit-- = "0123456789abcdef"[value & 15];
  mete::platform::say(text);
}

}  // namespace

extern "C" {

[[noreturn]] void run() noexcept {
  const std::uint32_t* from = data_image;
  for (std::uint32_t* to = data_begin; to < data_end; ++to) *to = *from++;
  for (std::uint32_t* to = bss_begin; to < bss_end; ++to) *to = 0;
  test();
  mete::platform::say("passed\n");
  mete::platform::finish(0);
}

[[noreturn]] void crash(std::uintptr_t cause, std::uintptr_t address) noexcept {
  mete::platform::say("crashed: cause ");
  say_in_hex(cause);
  mete::platform::say(" at ");
  say_in_hex(address);
  mete::platform::say("\n");
  mete::platform::finish(1);
}

}  // extern "C"
