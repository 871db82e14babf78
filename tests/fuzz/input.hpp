// The bytes that libFuzzer makes up, read as choices and sizes. At their end everything is 0.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace mete::fuzz {

[[noreturn]] inline void fail(const char* what, const char* file, int line) {
  std::fprintf(stderr, "wrong: %s (%s:%d)\n", what, file, line);
  std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t length) : at_(bytes), end_(bytes + length) {}

  bool is_over() const { return at_ == end_; }
  unsigned byte() { return is_over() ? 0 : *at_++; }
  // From 0 to bound - 1.
  unsigned below(std::size_t bound) { return byte() % static_cast<unsigned>(bound); }
  bool one_in(std::size_t n) { return below(n) == 0; }
  // Mostly small, up to 8 KiB, now and then absurd.
  std::size_t size() {
    const unsigned kind = byte();
    const std::size_t low = byte();
    if (kind < 128) return low + 2 * kind;
    if (kind < 252) return (low << 8 | kind) >> (3 + kind / 4 % 8);
    return (SIZE_MAX >> (kind - 252)) - low;
  }
  std::size_t alignment(unsigned most) { return std::size_t{1} << below(most); }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace mete::fuzz

#define METE_EXPECT(condition) \
  ((condition) ? void() : mete::fuzz::fail(#condition, __FILE__, __LINE__))
