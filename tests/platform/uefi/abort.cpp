// A mistake is one line on the console, and the image exits as aborted, at the level where it may.

#include <cstddef>

#include "mete/dlmalloc.h"
#include "platform/program.hpp"
#include "platform/uefi/watched_firmware.hpp"

namespace {

using Firmware = mete::platform::WatchedFirmware;
using mete::uefi::Status;
using mete::uefi::TextOutput;

constinit char printed[200]{};
constinit std::size_t letters = 0;

Status record(TextOutput*, const char16_t* text) {
  for (; *text != 0 && letters + 1 < sizeof(printed); ++text)
    printed[letters++] = static_cast<char>(*text);
  return 0;
}
constinit TextOutput console{nullptr, record};

// Whether the line is `expected`, in which # stands for a number.
bool is_printed(const char* expected) {
  const char* text = printed;
  for (; *expected != 0; ++expected) {
    if (*expected != '#') {
      if (*text++ != *expected) return false;
      continue;
    }
    if (*text < '1' || *text > '9') return false;
    while (*text >= '0' && *text <= '9') ++text;
  }
  return *text == 0;
}

Status exit(void* image, Status status, std::size_t bytes, char16_t* text) {
  METE_EXPECT(image == mete::platform::application.image);
  METE_EXPECT(status == mete::uefi::kAborted && bytes == 0 && text == nullptr);
  METE_EXPECT(Firmware::level() == mete::uefi::kApplication);
  METE_EXPECT(is_printed("mete: free of what is no block in use (src/dlmalloc/mspace.cpp:#)\r\n"));
  mete::platform::say("passed\n");
  mete::platform::finish(0);
}

}  // namespace

void test() {
  Firmware::start();
  Firmware::table.console_out = &console;
  Firmware::boot.exit = exit;
  void* const kept = dlmalloc(100);
  METE_EXPECT(kept != nullptr);
  void* const block = dlmalloc(100);
  dlfree(block);
  dlfree(block);
  mete::platform::fail("the program goes on", __FILE__, __LINE__);
}
