// The start of a UEFI application, its text on the console, and its end by qemu's exit device.

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

extern "C" mete::uefi::Status efi_main(void* image, mete::uefi::SystemTable* table) {
  mete::platform::application = {image, table};
  mete_uefi_start(image, table);
  test();
  mete::platform::say("passed\n");
  mete::platform::finish(0);
}
