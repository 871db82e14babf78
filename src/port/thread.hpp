// What the engine needs to know of threads and processes: when a thread ends and when the process
// forks.

#pragma once

namespace mete::port {

// Makes `function(argument)` run when a thread that called arm_thread_exit ends, after the other
// thread-exit callbacks of the program as far as the system lets us. Call once per process.
// Returns: false when the system has no room.
bool on_thread_exit(void (*function)(void* argument)) noexcept;

// Asks for the callback in the calling thread. `argument` is a multiple of 8. May allocate: the
// caller's heap must be usable by then.
void arm_thread_exit(void* argument) noexcept;

// Asks for `prepare` before a fork in the forking thread, and `parent` or `child` after it. Call
// once per process.
void on_fork(void (*prepare)(), void (*parent)(), void (*child)()) noexcept;

}  // namespace mete::port
