// What the threads of a run do: one function per profile, run by every worker until it says stop.
#pragma once

#include "worker.hpp"

namespace stress {

struct Profile {
  const char* name;
  const char* text;
  void (*work)(Worker&) noexcept;
  /// Only for the C names: it forks or takes memory from the whole process.
  bool needs_process_malloc = false;
  /// Runs in the main thread once all workers have been started; null for most.
  void (*beside)(Run&) noexcept = nullptr;
  bool null_is_fine = false;
};

// profiles_alone.cpp: each thread with blocks of its own
void small_blocks(Worker&) noexcept;
void mixed_blocks(Worker&) noexcept;
void large_blocks(Worker&) noexcept;
void aligned_blocks(Worker&) noexcept;
void zeroed_blocks(Worker&) noexcept;
void realloc_walks(Worker&) noexcept;
void phases(Worker&) noexcept;

// profiles_together.cpp: blocks cross threads
void remote_frees(Worker&) noexcept;
void pipeline(Worker&) noexcept;
void idle_owner(Worker&) noexcept;
void thread_churn(Worker&) noexcept;

// profiles_process.cpp: the process does something to the allocator
void busy_while_forking(Worker&) noexcept;
void fork_again_and_again(Run&) noexcept;
void out_of_memory(Worker&) noexcept;
void take_memory_away(Run&) noexcept;

// oracle.cpp: a model knows all live blocks
void oracle(Worker&) noexcept;

}  // namespace stress
