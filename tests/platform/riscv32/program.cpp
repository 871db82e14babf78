// Output by the serial port (a 16550) and end by the test device of qemu's machine virt.

#include "platform/program.hpp"

#include <cstdint>

namespace {

auto* const serial = reinterpret_cast<volatile std::uint8_t*>(0x10000000);
constexpr int kData = 0;
constexpr int kLineStatus = 5;
constexpr int kMaySend = 0x20;

auto* const test_device = reinterpret_cast<volatile std::uint32_t*>(0x100000);
constexpr std::uint32_t kPass = 0x5555;
constexpr std::uint32_t kFail = 0x3333;  // and the status above it

}  // namespace

namespace mete::platform {

void say(const char* text) noexcept {
  for (; *text != 0; ++text) {
    while ((serial[kLineStatus] & kMaySend) == 0) continue;
    serial[kData] = static_cast<std::uint8_t>(*text);
  }
}

void finish(int status) noexcept {
  *test_device = status == 0 ? kPass : static_cast<std::uint32_t>(status) << 16 | kFail;
  for (;;) continue;
}

}  // namespace mete::platform
