// Where whoever runs the module lends it two functions: run.mjs.

#include "platform/program.hpp"

namespace mete::platform {

#define METE_OF_THE_HOST(name) __attribute__((import_module("mete"), import_name(#name)))
METE_OF_THE_HOST(say) void host_say(const char* text);
[[noreturn]] METE_OF_THE_HOST(exit) void host_exit(int status);

void say(const char* text) noexcept { host_say(text); }
void finish(int status) noexcept { host_exit(status); }

}  // namespace mete::platform

extern "C" __attribute__((export_name("start"))) void start() {
  test();
  mete::platform::say("ended well\n");
  mete::platform::finish(0);
}
