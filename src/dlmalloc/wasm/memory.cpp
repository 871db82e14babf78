// The port for WebAssembly, its memory: what memory.grow gives, which nothing ever takes back.
//
// Growth comes in pages of 64 KiB at the end of the memory. As long as nobody else grows it, every
// piece begins where the one before ended, so that a space joins them all into one region; what a
// request leaves of a page is where the next one begins. What lies between the data of the module
// and the end of its first memory is left to the malloc of a C library, if there is one.

#include "mete/port.h"

namespace {

constexpr size_t kPage = size_t{64} << 10;
constexpr size_t kMostPages =
    ~size_t{0} / kPage;  // one less than there can be: ends have addresses

// What was grown and not handed out yet: [begin, end).
constinit size_t begin = 0;
constinit size_t end = 0;

size_t memory_pages() { return __builtin_wasm_memory_size(0); }

}  // namespace

extern "C" void* custom_mmap(size_t length) {
  void* const none = reinterpret_cast<void*>(~uintptr_t{0});
  if (length > end - begin) {
    const size_t pages = memory_pages();
    const bool adjacent = end != 0 && end / kPage == pages;
    const size_t missing = adjacent ? length - (end - begin) : length;
    const size_t more = missing / kPage + (missing % kPage != 0);
    if (pages > kMostPages || more > kMostPages - pages) return none;
    const size_t grown = __builtin_wasm_memory_grow(0, more);
    if (grown == ~size_t{0}) return none;
    // Somebody else has grown the memory in between: what was left of the last page stays unused.
    if (!adjacent) begin = grown * kPage;
    end = (grown + more) * kPage;
  }
  void* const base = reinterpret_cast<void*>(begin);
  begin += length;
  return base;
}

extern "C" int custom_munmap(void*, size_t) { return -1; }
