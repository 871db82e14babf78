// With libmete.so preloaded: two threads allocate, and mete has served them. Exit status 0.

#include <dlfcn.h>
#include <malloc.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kBlocks = 1000;
constexpr std::size_t kBytes = 1000;

// Where the malloc of this process is.
std::string provider() {
  Dl_info info{};
  void* const function = dlsym(RTLD_DEFAULT, "malloc");
  return function != nullptr && dladdr(function, &info) != 0 ? info.dli_fname : "";
}

using Block = std::unique_ptr<std::string>;

void allocate(std::vector<Block>& blocks, char letter) {
  for (std::size_t i = 0; i < kBlocks; ++i)
    blocks.push_back(std::make_unique<std::string>(kBytes, letter));
}

bool all_are(const std::vector<Block>& blocks, char letter) {
  if (blocks.size() != kBlocks) return false;
  for (const Block& block : blocks)
    if (*block != std::string(kBytes, letter)) return false;
  return true;
}

}  // namespace

int main() {
  const std::size_t before = mallinfo2().uordblks;
  std::vector<Block> ours;
  std::vector<Block> others;
  std::thread thread([&] { allocate(others, 'b'); });
  allocate(ours, 'a');
  thread.join();
  const std::size_t now = mallinfo2().uordblks;
  const bool well = all_are(ours, 'a') && all_are(others, 'b');
  const bool counted = now - before >= 2 * kBlocks * kBytes;
  ours.clear();
  others.clear();  // blocks of a thread that has ended
  const std::string library = provider();
  std::printf("hello from %s: %zu bytes in use\n", library.c_str(), now);
  return well && counted && library.find("libmete.so") != std::string::npos ? 0 : 1;
}
