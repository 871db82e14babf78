// What a test program uses that runs on every platform, also where there is no operating system and
// no library. Each platform has these in its folder, and calls test() when it has started.

#pragma once

namespace mete::platform {

// Tells whoever reads the output of the program or of its emulator. Text in ASCII.
void say(const char* text) noexcept;

// Ends the program; 0: passed. An emulator ends with that status, too.
[[noreturn]] void finish(int status) noexcept;

[[noreturn]] inline void fail(const char* what, const char* file, int line) noexcept {
  char digits[12];
  char* digit = digits + sizeof(digits);
  *--digit = 0;
  for (int rest = line; rest != 0; rest /= 10) *--digit = static_cast<char>('0' + rest % 10);
  say("wrong: ");
  say(what);
  say(" (");
  say(file);
  say(":");
  say(digit);
  say(")\n");
  finish(1);
}

}  // namespace mete::platform

#define METE_EXPECT(condition) \
  ((condition) ? void() : mete::platform::fail(#condition, __FILE__, __LINE__))

// What the program tests. Returns if all is well.
void test();
