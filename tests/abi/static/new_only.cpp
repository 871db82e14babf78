// A C++ program that allocates by operator new alone, as most do. What libraries allocate by malloc
// has to come from the same place: one_allocator.sh looks into the program for the C library's.

#include <cstdio>
#include <new>
#include <string>
#include <vector>

#include "abi/checks.h"

int main() {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < 1000; ++i) words.emplace_back(i, 'w');
  std::FILE* file = std::fopen("/dev/null", "w");
  CHECK(file != nullptr && std::fputs(words[999].c_str(), file) >= 0);
  return std::fclose(file);
}
