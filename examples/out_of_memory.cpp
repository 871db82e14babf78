// A hook that is told when memory is short: here it says so in its own words, and leaves. Without
// it there would be the line "memory allocation of 1000 bytes failed", and abort.
//
// Prints:
// caught: memory allocation of 1000 bytes failed
// out of memory: 1000 bytes were wanted

#include <cstdio>
#include <cstdlib>
#include <new>

#include "mete/alloc_error.hpp"
#include "mete/arena.hpp"

int main() {
  std::byte buffer[100];
  mete::Arena arena{buffer};
  constexpr mete::Layout layout = mete::Layout::of<char[1000]>();

  mete::set_alloc_error_hook(mete::throw_alloc_error);
  try {
    if (!arena.allocate(layout)) mete::handle_alloc_error(layout);
  } catch (const std::bad_alloc& error) {
    std::printf("caught: %s\n", error.what());
  }

  mete::set_alloc_error_hook([](mete::Layout wanted) {
    std::printf("out of memory: %zu bytes were wanted\n", wanted.size());
    std::exit(0);
  });
  if (!arena.allocate(layout)) mete::handle_alloc_error(layout);
}
