// Blocks that outlive the thread that made them, and blocks that are never freed where they were
// made.

#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "abi/checks.h"
#include "support/resident.h"

namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;

struct Marked {
  unsigned char* at;
  std::size_t bytes;
  unsigned char mark;
};

Marked make(std::size_t i, std::size_t thread) {
  const std::size_t bytes = i % 97 == 0 ? 40000 + i * 100 : i * 53 % 3000 + 1;
  auto* at = static_cast<unsigned char*>(i % 5 == 0   ? std::calloc(1, bytes)
                                         : i % 7 == 0 ? memalign(64, bytes)
                                                      : std::malloc(bytes));
  CHECK(at != nullptr);
  const auto mark = static_cast<unsigned char>(i + thread * 31);
  std::memset(at, mark, bytes);
  return {at, bytes, mark};
}

void check(const Marked& block) {
  for (std::size_t k = 0; k < block.bytes; k += 13) CHECK(block.at[k] == block.mark);
  CHECK(block.at[block.bytes - 1] == block.mark);
}

// Makes blocks in `threads` threads at once, which all have ended when this returns.
std::vector<std::vector<Marked>> made_in_ended_threads(std::size_t threads) {
  std::vector<std::vector<Marked>> made(threads);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&made, t] {
      for (std::size_t i = 0; i < 3000; ++i) made[t].push_back(make(i, t));
    });
  }
  for (std::thread& thread : running) thread.join();
  return made;
}

void freed_by_the_main_thread() {
  for (const auto& blocks : made_in_ended_threads(4)) {
    for (const Marked& block : blocks) {
      check(block);
      std::free(block.at);
    }
  }
}

void resized_by_the_main_thread() {
  for (auto& blocks : made_in_ended_threads(4)) {
    for (Marked& block : blocks) {
      const std::size_t bytes = block.bytes / 2 + block.bytes % 300 + 1;
      block.at = static_cast<unsigned char*>(std::realloc(block.at, bytes));
      CHECK(block.at != nullptr);
      if (bytes < block.bytes) block.bytes = bytes;
      check(block);
      CHECK(malloc_usable_size(block.at) >= bytes);
      std::free(block.at);
    }
  }
}

// Threads that come later take over what ended ones left, while the rest of it is still freed
// elsewhere.
void freed_by_younger_threads() {
  auto made = made_in_ended_threads(4);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < 4; ++t) {
    running.emplace_back([&made, t] {
      std::vector<Marked> own;
      for (std::size_t i = 0; i < 3000; ++i) {
        own.push_back(make(i, t + 50));
        const Marked& block = made[(t + i) % 4][i];
        check(block);
        std::free(block.at);
      }
      for (const Marked& block : own) {
        check(block);
        std::free(block.at);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
}

// The main thread makes, others free, for ever: memory has to come back to the one that makes.
void one_makes_others_free() {
  std::size_t before = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<Marked> blocks;
    for (std::size_t i = 0; i < 4000; ++i) blocks.push_back(make(i, 9));
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < 2; ++t) {
      running.emplace_back([&blocks, t] {
        for (std::size_t i = t; i < blocks.size(); i += 2) {
          check(blocks[i]);
          std::free(blocks[i].at);
        }
      });
    }
    for (std::thread& thread : running) thread.join();
    if (round == 9) before = resident_bytes();
  }
  CHECK(resident_bytes() < before + 16 * kMib);
}

}  // namespace

int main() {
  alarm(60);
  freed_by_the_main_thread();
  resized_by_the_main_thread();
  freed_by_younger_threads();
  one_makes_others_free();
  return 0;
}
