// A heap per request: whatever the request allocates lives in it, cannot be more than its limit,
// and ends with it in one shot.
//
// Prints:
// 100 lines: 100 blocks
// a million lines: too large for a request
// after both: nothing left

#include <cstdio>
#include <new>

#include "mete/heap.hpp"

namespace {

struct Line {
  Line* next;
  char text[48];
};

// Keeps `count` lines, and frees none. Returns: whether they fit.
bool serve(mete::Heap& heap, int count) {
  Line* lines = nullptr;
  for (int i = 0; i < count; ++i) {
    void* const ptr = heap.alloc(mete::Layout::of<Line>());
    if (ptr == nullptr) return false;
    lines = ::new (ptr) Line{lines, "GET /"};
  }
  return lines != nullptr;
}

}  // namespace

int main() {
  {
    mete::Heap request({.limit = 1 << 20, .name = "request 1"});
    serve(request, 100);
    std::printf("100 lines: %zu blocks\n", request.statistics().blocks);
  }
  mete::Heap request({.limit = 1 << 20, .name = "request 2"});
  std::printf("a million lines: %s\n",
              serve(request, 1'000'000) ? "served" : "too large for a request");
  request.reset();  // the same at once, for a heap that is used again
  std::printf("after both: %s left\n", request.statistics().blocks == 0 ? "nothing" : "something");
}
