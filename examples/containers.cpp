// The containers of the standard library on an arena: a buffer first, then malloc, and all blocks
// ended at once when the request is done.
//
// Prints:
// 3 words, the longest has 12 letters
// 1000 words, the longest has 3 letters

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "mete/arena.hpp"
#include "mete/by_ref.hpp"
#include "mete/std_allocator.hpp"
#include "mete/system.hpp"

using Arena = mete::Arena<mete::System>;
using Words =
    std::vector<std::string_view, mete::StdAllocator<std::string_view, mete::ByRef<Arena>>>;

static void report(const Words& words) {
  std::size_t longest = 0;
  for (const std::string_view word : words) longest = std::max(longest, word.size());
  std::printf("%zu words, the longest has %zu letters\n", words.size(), longest);
}

int main() {
  std::byte buffer[1024];
  Arena arena(buffer);
  report(Words({"allot", "distribution", "mete"}, arena));  // in the buffer
  arena.reset();
  report(Words(1000, "ten", arena));  // too large for it
}
