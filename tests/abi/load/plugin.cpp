// A plugin in C++: operators, exceptions, thread-local and static objects. Built twice, linked with
// libmete.so and without it; plugin_host.c opens both, also in a process that is preloaded.

#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "abi/checks.h"

extern "C" int plugin_run();
extern "C" void* plugin_make(std::size_t bytes);
extern "C" void plugin_drop(void* block);

void* plugin_make(std::size_t bytes) { return ::operator new(bytes); }
void plugin_drop(void* block) { ::operator delete(block); }

namespace {

struct alignas(256) Wide {
  char bytes[700];
};

thread_local std::vector<std::string> words(10, std::string(100, 'w'));
std::string kept(5000, 'k');

// The program may be C, with no libstdc++ but the plugin's own, where nobody else looks names up.
void expect_bad_alloc() {
  int caught = 0;
  try {
    keep(::operator new(hide(PTRDIFF_MAX)));
  } catch (const std::bad_alloc&) {
    ++caught;
  }
  try {
    keep(::operator new[](hide(PTRDIFF_MAX), std::align_val_t{64}));
  } catch (const std::bad_alloc&) {
    ++caught;
  }
  CHECK(caught == 2);
  CHECK(keep(::operator new(hide(PTRDIFF_MAX), std::nothrow)) == nullptr);
}

struct GiveUp : std::bad_alloc {};

int handled = 0;
void handle_three_times() {
  if (++handled == 3) std::set_new_handler(nullptr);
}
void handle_by_throwing() {
  ++handled;
  throw GiveUp{};
}

// 17.6.3.2: the nothrow forms run the handler, too, and give null for what it throws.
void expect_handler_runs() {
  using New = void* (*)();
  constexpr New kForms[] = {
      [] { return ::operator new(hide(PTRDIFF_MAX), std::nothrow); },
      [] { return ::operator new[](hide(PTRDIFF_MAX), std::nothrow); },
      [] { return ::operator new (hide(PTRDIFF_MAX), std::align_val_t{64}, std::nothrow); },
      [] { return ::operator new[](hide(PTRDIFF_MAX), std::align_val_t{64}, std::nothrow); },
  };
  for (New form : kForms) {
    handled = 0;
    std::set_new_handler(handle_three_times);
    CHECK(keep(form()) == nullptr);
    CHECK(handled == 3);
    std::set_new_handler(handle_by_throwing);
    CHECK(keep(form()) == nullptr);
    CHECK(handled == 4);
    std::set_new_handler(nullptr);
  }
}

}  // namespace

int plugin_run() {
  expect_bad_alloc();
  expect_handler_runs();
  std::vector<std::unique_ptr<std::string>> made;
  std::thread([&made] {
    for (std::size_t i = 0; i < 1000; ++i) made.push_back(std::make_unique<std::string>(i, 'x'));
    words.push_back(std::string(1000, 'y'));
    expect_bad_alloc();
  }).join();
  for (std::size_t i = 0; i < 1000; ++i) CHECK(made[i]->size() == i);
  Wide* wide = new Wide[20];
  CHECK(is_aligned(keep(wide), 256));
  delete[] wide;
  kept += std::string(100000, 'z');
  words.clear();
  return 0;
}
