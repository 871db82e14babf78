// Allocation at the two ends of a process: in constructors of every priority, in static
// constructors and destructors, in atexit and on_exit handlers, in a destructor function, while
// other threads still run, and after the main thread has ended by pthread_exit.
//   process_end exit|threads|main-thread

#include <pthread.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "abi/checks.h"

namespace {

// Blocks made at one moment and freed at another.
void* from_preinit = nullptr;
void* from_early_constructor = nullptr;
void* from_constructor = nullptr;
std::string* from_main = nullptr;
int steps = 0;

void churn() {
  ++steps;
  std::vector<void*> blocks;
  for (std::size_t bytes = 1; bytes < 500000; bytes = bytes * 2 + 3) {
    void* block = std::malloc(bytes);
    CHECK(block != nullptr);
    std::memset(block, 1, bytes);
    blocks.push_back(std::realloc(block, bytes * 2));
    CHECK(blocks.back() != nullptr);
  }
  for (void* block : blocks) std::free(block);
}

void* block_of(std::size_t bytes) {
  void* block = std::malloc(bytes);
  CHECK(block != nullptr);
  std::memset(block, 0x61, bytes);
  return block;
}

void drop(void*& block) {
  CHECK(*static_cast<char*>(block) == 0x61);
  std::free(block);
  block = nullptr;
}

void in_preinit() { from_preinit = block_of(2000); }
__attribute__((section(".preinit_array"), used)) void (*preinit)() = in_preinit;

__attribute__((constructor(101))) void early_constructor() {
  drop(from_preinit);
  from_early_constructor = block_of(40);
}

__attribute__((constructor)) void constructor() {
  drop(from_early_constructor);
  from_constructor = block_of(100000);
}

// The highest priority of a destructor function is the last code of the program itself.
__attribute__((destructor(101))) void last_destructor() {
  churn();
  CHECK(steps >= 5);
}

struct Static {
  Static() : text(3000, 's'), lines(100, std::string(50, 'l')) {}
  ~Static() {
    churn();
    CHECK(text.size() == 3000 && lines.size() == 100);
    lines.assign(300, std::string(80, 'm'));
    delete from_main;
    from_main = nullptr;
  }
  std::string text;
  std::vector<std::string> lines;
};

Static object;

void on_each_exit() {
  static void* kept = nullptr;
  churn();
  if (kept != nullptr) drop(kept);
  kept = block_of(777);
}

void churn_for_ever() {
  for (;;) churn();
}

// glibc has room for 32 handlers; more of them are allocated.
void register_many() {
  for (int i = 0; i < 100; ++i) CHECK(std::atexit(on_each_exit) == 0);
}

}  // namespace

int main(int argc, char** argv) {
  alarm(60);
  const std::string mode = argc > 1 ? argv[1] : "exit";
  drop(from_constructor);
  from_main = new std::string(5000, 'f');
  register_many();
  if (mode == "threads") {
    for (int i = 0; i < 4; ++i) {
      std::thread([] {
        thread_local std::string own(1000, 't');
        own += 't';
        churn_for_ever();
      }).detach();
    }
    std::exit(0);
  }
  if (mode == "main-thread") {
    // The last thread that ends ends the process, with status 0 and with the handlers.
    std::thread([main_thread = pthread_self()] {
      CHECK(pthread_join(main_thread, nullptr) == 0);
      churn();
      delete from_main;
      from_main = new std::string(6000, 'g');
    }).detach();
    pthread_exit(nullptr);
  }
  return 0;
}
