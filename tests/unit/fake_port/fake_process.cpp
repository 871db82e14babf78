// Clock, threads and process of the fake port. A violation prints what the real port prints, so
// that death tests can compare the exact line.

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "base/check.hpp"
#include "base/text.hpp"
#include "port/clock.hpp"
#include "port/process.hpp"
#include "port/thread.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::fake_port {
namespace {

struct Process {
  std::mutex mutex;
  std::map<std::string, std::string> environment;
  std::string errors;
  void (*thread_exit)(void*) = nullptr;
  void (*prepare)() = nullptr;
  void (*parent)() = nullptr;
  void (*child)() = nullptr;
};

Process& process() {
  static auto* const the_process = new Process;  // outlives everything
  return *the_process;
}

std::atomic<std::uint64_t> milliseconds{1000};

// Runs the callback when the thread ends, with the destructors of its thread-locals.
struct ThreadEnd {
  void* argument = nullptr;

  ThreadEnd() = default;
  ThreadEnd(const ThreadEnd&) = delete;
  ThreadEnd& operator=(const ThreadEnd&) = delete;
  ~ThreadEnd() { run(); }

  void run() {
    void* const now = argument;
    argument = nullptr;
    if (now != nullptr) process().thread_exit(now);
  }
};

thread_local ThreadEnd thread_end;

}  // namespace

void set_milliseconds(std::uint64_t now) { milliseconds = now; }
void advance_milliseconds(std::uint64_t by) { milliseconds += by; }
void end_thread() { thread_end.run(); }

int fork_with_handlers() {
  Process& p = process();
  if (p.prepare != nullptr) p.prepare();
  const int result = ::fork();
  void (*const after)() = result == 0 ? p.child : p.parent;
  if (after != nullptr) after();
  return result;
}

void set_environment(const char* name, const char* value) { process().environment[name] = value; }

std::string written_errors() {
  const std::lock_guard guard(process().mutex);
  return process().errors;
}

}  // namespace mete::fake_port

namespace mete::port {

using namespace fake_port;

std::uint64_t coarse_milliseconds() noexcept { return milliseconds; }

bool on_thread_exit(void (*function)(void* argument)) noexcept {
  process().thread_exit = function;
  return true;
}

void arm_thread_exit(void* argument) noexcept { thread_end.argument = argument; }

void on_fork(void (*prepare)(), void (*parent)(), void (*child)()) noexcept {
  process().prepare = prepare;
  process().parent = parent;
  process().child = child;
}

const char* environment(const char* name) noexcept {
  const auto found = process().environment.find(name);
  return found == process().environment.end() ? nullptr : found->second.c_str();
}

void write_error(const char* text, std::size_t size) noexcept {
  {
    const std::lock_guard guard(process().mutex);
    process().errors.append(text, size);
  }
  if (::write(STDERR_FILENO, text, size) < 0) return;
}

std::uint64_t process_id() noexcept { return static_cast<std::uint64_t>(getpid()); }

void* map_shared_file(const char*, std::size_t) noexcept { return nullptr; }

}  // namespace mete::port

namespace mete::base {

void violate(Violation violation, const void* address, const char*) noexcept {
  Text line;
  line.add("mete: ").add(text(violation)).add(": ").add_address(address).add("\n");
  port::write_error(line.data(), line.size());
  std::abort();
}

void panic(const char* message) noexcept {
  Text line;
  line.add("mete: ").add(message).add("\n");
  port::write_error(line.data(), line.size());
  std::abort();
}

}  // namespace mete::base
