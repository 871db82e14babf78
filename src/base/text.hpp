// A line of text put together in a fixed buffer: for messages printed where allocating is not
// possible.

#pragma once

#include <cstddef>
#include <cstdint>

namespace mete::base {

// Collects at most kCapacity characters; what does not fit is dropped.
class Text {
 public:
  Text& add(const char* text) noexcept {
    while (*text != '\0') add_char(*text++);
    return *this;
  }

  // At most `most` characters of the text, and "..." if there are more.
  Text& add(const char* text, std::size_t most) noexcept {
    for (; *text != '\0'; ++text) {
      if (most-- == 0) return add("...");
      add_char(*text);
    }
    return *this;
  }

  Text& add(std::uint64_t value) noexcept { return add_digits(value, 10); }

  Text& add_signed(std::int64_t value) noexcept {
    if (value < 0) add_char('-');
    return add(value < 0 ? ~static_cast<std::uint64_t>(value) + 1
                         : static_cast<std::uint64_t>(value));
  }

  Text& add_address(const void* address) noexcept {
    return add("0x").add_digits(reinterpret_cast<std::uintptr_t>(address), 16);
  }

  // A fraction with two decimals, e.g. 12.05 for (1205, 100).
  Text& add_hundredths(std::uint64_t hundredths) noexcept {
    add(hundredths / 100).add_char('.');
    add_char(static_cast<char>('0' + hundredths / 10 % 10));
    add_char(static_cast<char>('0' + hundredths % 10));
    return *this;
  }

  const char* data() const noexcept { return buffer_; }
  // With a null character behind it.
  const char* terminated() noexcept {
    buffer_[size_] = '\0';
    return buffer_;
  }
  std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kCapacity = 1024;

  void add_char(char c) noexcept {
    if (size_ < kCapacity) buffer_[size_++] = c;
  }

  Text& add_digits(std::uint64_t value, unsigned radix) noexcept {
    char digits[20];
    unsigned count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % radix];
      value /= radix;
    } while (value != 0);
    while (count != 0) add_char(digits[--count]);
    return *this;
  }

  char buffer_[kCapacity + 1];
  std::size_t size_ = 0;
};

}  // namespace mete::base
