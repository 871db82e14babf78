// Runs a program as a child in such a way that nobody outside can tell: signals go through in both
// directions, the child's end becomes our end. What stays is the account of what it used.
#pragma once

#include <sys/resource.h>

#include <string>

namespace mete::cli {

class StatsPage;

struct Outcome {
  int wait_status = 0;  // as wait4 gives it
  double wall_seconds = 0;
  rusage usage{};  // the program and the children it has waited for
};

// Starts `path` with `arguments` (null-terminated) and the current environment, and waits for its
// end. From then on this process holds nothing but stderr and the page, so pipes end when the
// program ends them. Fails: throws CannotRun if the program could not be started.
Outcome supervise(const std::string& path, char* const* arguments, StatsPage& page);

// Ends this process the way the program ended: same exit code, or killed by the same signal,
// without a second core file.
[[noreturn]] void end_like(int wait_status);

}  // namespace mete::cli
