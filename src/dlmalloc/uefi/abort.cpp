// The port for UEFI, its end: a line on the console, and the image exits as aborted. A driver whose
// entry point has returned cannot exit: it stops there.

#include "dlmalloc/uefi/firmware.hpp"
#include "mete/port.h"

namespace {

using namespace mete::uefi;

void print(const char* text) noexcept {
  for (; *text != 0; ++text) {
    const char16_t letter[] = {static_cast<unsigned char>(*text), 0};
    firmware.table->console_out->output(firmware.table->console_out, letter);
  }
}

}  // namespace

extern "C" void custom_abort(const char* message, const char* source_file, uint32_t line) {
  char digits[11];
  char* digit = digits + sizeof(digits) - 1;
  *digit = 0;
  for (; line != 0; line /= 10) *--digit = static_cast<char>('0' + line % 10);
  print("mete: ");
  print(message);
  print(" (");
  print(source_file);
  print(":");
  print(digit);
  print(")\r\n");
  firmware.boot->restore_level(kApplication);  // a lock may be held, under which nothing can exit
  firmware.boot->exit(firmware.image, kAborted, 0, nullptr);
  for (;;) continue;
}
