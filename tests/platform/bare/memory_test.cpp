// The three functions of a C library as the standard has them, also where mete does not need that:
// memmove in both directions and by every distance.

#include <cstddef>

#include "platform/program.hpp"

extern "C" {
void* memcpy(void* to, const void* from, std::size_t bytes);
void* memmove(void* to, const void* from, std::size_t bytes);
void* memset(void* to, int value, std::size_t bytes);
}

namespace {

constexpr std::size_t kBytes = 64;
constexpr std::size_t kLength = 20;

using Bytes = unsigned char[kBytes];

void number(Bytes& bytes) {
  for (std::size_t i = 0; i < kBytes; ++i) bytes[i] = static_cast<unsigned char>(i);
}

}  // namespace

void test() {
  Bytes bytes;
  for (std::size_t from = 0; from + kLength <= kBytes; ++from) {
    for (std::size_t to = 0; to + kLength <= kBytes; ++to) {
      number(bytes);
      METE_EXPECT(memmove(bytes + to, bytes + from, kLength) == bytes + to);
      for (std::size_t i = 0; i < kBytes; ++i)
        METE_EXPECT(bytes[i] == (i - to < kLength ? i - to + from : i));
    }
  }
  number(bytes);
  METE_EXPECT(memcpy(bytes + 30, bytes, kLength) == bytes + 30);
  METE_EXPECT(memset(bytes, 0x1ff, kLength) == bytes);
  for (std::size_t i = 0; i < kBytes; ++i)
    METE_EXPECT(bytes[i] == (i < kLength ? 0xff : i - 30 < kLength ? i - 30 : i));
}
