// The process heap from its first call: what needs no start works before one, a mistake is named.

#include "global/process_heap.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "support/end_of_message.hpp"
#include "unit/fake_port/fake_port.hpp"

namespace mete::global {
namespace {

const testing::KilledBySignal kAborted{SIGABRT};

std::string line(const char* what, const void* address) {
  std::ostringstream text;
  text << "mete: " << what << " of a pointer that mete did not allocate: 0x" << std::hex
       << reinterpret_cast<std::uintptr_t>(address) << kEndOfMessage;
  return text.str();
}

TEST(FirstCall, OfNullIsFine) {
  deallocate(nullptr);
  EXPECT_EQ(0u, usable_size(nullptr));
  EXPECT_FALSE(trim(0));
}

long global = 0;

TEST(FirstCallDeathTest, FreeOfForeignPointersIsNamed) {
  long local = 0;
  void* volatile on_stack = &local;  // or the compiler warns of it
  void* volatile in_data = &global;
  EXPECT_EXIT(deallocate(on_stack), kAborted, line("free", &local));
  EXPECT_EXIT(deallocate(in_data), kAborted, line("free", &global));
}

TEST(FirstCallDeathTest, ReallocAndUsableSizeOfForeignPointersAreNamed) {
  long local = 0;
  EXPECT_EXIT(reallocate(&local, 10), kAborted, line("realloc", &local));
  EXPECT_EXIT(reallocate(&global, 10), kAborted, line("realloc", &global));
  EXPECT_EXIT(usable_size(&global), kAborted, line("malloc_usable_size", &global));
}

// Slabs that a few blocks hold open give back the pages that none of these touches.
TEST(ProcessHeap, TrimReachesIdlePagesOfSlabsInUse) {
  constexpr std::size_t kBlocks = 40'000;
  std::vector<void*> kept;
  std::vector<void*> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) blocks.push_back(allocate(100));
  for (std::size_t i = 0; i < kBlocks; ++i)
    i % 200 == 0 ? kept.push_back(blocks[i]) : deallocate(blocks[i]);
  const auto [low, high] = std::minmax_element(kept.begin(), kept.end());
  const auto from = reinterpret_cast<std::uintptr_t>(*low) & ~std::uintptr_t{4095};
  const std::size_t bytes = reinterpret_cast<std::uintptr_t>(*high) - from;
  EXPECT_TRUE(trim(0));
  EXPECT_LE(fake_port::resident_pages(reinterpret_cast<void*>(from), bytes), 2 * kept.size());
  for (void* block : kept) deallocate(block);
}

}  // namespace
}  // namespace mete::global
