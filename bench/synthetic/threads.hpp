// Runs a function on several threads and waits for all of them.
#pragma once

#include <cstddef>
#include <thread>
#include <vector>

namespace bench {

// Calls work(0) … work(count - 1), each on its own thread.
template <class Work>
void run_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  threads.reserve(count);
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([i, &work] { work(i); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace bench
