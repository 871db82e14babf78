// The start of a UEFI application, its text on the console, and its end by qemu's exit device, also
// when the processor cannot go on.

#include "platform/program.hpp"

#include "dlmalloc/uefi/firmware.hpp"
#include "mete/uefi.h"
#include "platform/uefi/application.hpp"

namespace mete::platform {

constinit Application application{};

void say(const char* text) noexcept {
  uefi::TextOutput& console = *application.table->console_out;
  for (; *text != 0; ++text) {
    const char16_t letter[] = {static_cast<unsigned char>(*text), 0};
    if (*text == '\n') console.output(&console, u"\r");
    console.output(&console, letter);
  }
}

void finish(int status) noexcept {
  __asm__ volatile("outl %0, %1" : : "a"(16 + status), "Nd"(std::uint16_t{0xf4}));
  for (;;) continue;
}

}  // namespace mete::platform

namespace {

// An entry of the table of interrupts.
struct Gate {
  std::uint16_t low;
  std::uint16_t segment;
  std::uint16_t kind;
  std::uint16_t middle;
  std::uint32_t high;
  std::uint32_t unused;
};
static_assert(sizeof(Gate) == 16);

struct [[gnu::packed]] GateTable {
  std::uint16_t limit;
  Gate* gates;
};

[[noreturn, gnu::used]] void crashed() noexcept {
  mete::platform::say("crashed\n");
  mete::platform::finish(1);
}

// Where the processor comes with a stack that it aligned, and then put a number of words on.
[[gnu::naked]] void enter_crashed() { __asm__("and $-16, %%rsp\n\tcall %P0" : : "i"(crashed)); }

// The firmware would print the registers and stop, until somebody's patience ends.
void catch_exceptions() noexcept {
  constexpr int kExceptions = 32;
  const auto address = reinterpret_cast<std::uint64_t>(&enter_crashed);
  GateTable table;
  __asm__ volatile("sidt %0" : "=m"(table));
  for (int i = 0; i < kExceptions; ++i) {
    Gate& gate = table.gates[i];
    gate.low = static_cast<std::uint16_t>(address);
    gate.middle = static_cast<std::uint16_t>(address >> 16);
    gate.high = static_cast<std::uint32_t>(address >> 32);
  }
}

}  // namespace

extern "C" mete::uefi::Status efi_main(void* image, mete::uefi::SystemTable* table) {
  mete::platform::application = {image, table};
  mete_uefi_start(image, table);
  catch_exceptions();
  test();
  mete::platform::say("passed\n");
  mete::platform::finish(0);
}
