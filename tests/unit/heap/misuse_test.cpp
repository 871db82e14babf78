// Wrong pointers die with the line that says what is wrong, at the latest when the block goes back
// to its slab.

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "support/end_of_message.hpp"
#include "unit/heap/engine.hpp"

namespace mete::heap {
namespace {

std::string line(const char* what, const void* address) {
  std::ostringstream text;
  text << "mete: " << what << ": 0x" << std::hex << address_of(address) << kEndOfMessage;
  return text.str();
}

constexpr char kForeign[] = "free of a pointer that mete did not allocate";
constexpr char kInterior[] = "free of a pointer into the middle of a block";
constexpr char kDouble[] = "double free";

char* at(void* block, std::size_t offset) { return static_cast<char*>(block) + offset; }

// Frees it and makes everything go back to the slabs, where mistakes with small blocks are seen.
void free_and_flush(void* pointer) {
  deallocate(pointer);
  current_bins->heap->flush();
}

void free_twice(void* pointer) {
  deallocate(pointer);
  free_and_flush(pointer);
}

const testing::KilledBySignal kAborted{SIGABRT};

TEST(MisuseDeathTest, FreeOfSmallBlocks) {
  void* const block = allocate(64);
  void* const other = allocate(64);
  EXPECT_EXIT(free_twice(block), kAborted, line(kDouble, block));
  EXPECT_EXIT(free_and_flush(at(other, 16)), kAborted, line(kInterior, at(other, 16)));
  EXPECT_EXIT(free_and_flush(at(other, 8)), kAborted, line(kInterior, at(other, 8)));
}

TEST(MisuseDeathTest, FreeOfLargeBlocks) {
  void* const block = allocate(1'000'000);
  EXPECT_EXIT(free_twice(block), kAborted, line(kDouble, block));
  EXPECT_EXIT(deallocate(at(block, 16)), kAborted, line(kInterior, at(block, 16)));
  EXPECT_EXIT(deallocate(at(block, 4096)), kAborted, line(kInterior, at(block, 4096)));
  EXPECT_EXIT(deallocate(at(block, 999'999)), kAborted, line(kInterior, at(block, 999'999)));
  void* const long_block =
      allocate(10'000'000);  // too long for the cache: its pages are free afterwards
  EXPECT_EXIT(free_twice(long_block), kAborted, line(kDouble, long_block));
}

TEST(MisuseDeathTest, FreeOfForeignPointers) {
  int local = 0;
  void* const block = allocate(10);
  void* volatile address = &local;  // or the compiler warns of it
  EXPECT_EXIT(deallocate(address), kAborted, line(kForeign, &local));
  EXPECT_EXIT(deallocate(reinterpret_cast<void*>(0x1000)), kAborted,
              "mete: .*: 0x1000" + kEndOfMessage);
  deallocate(block);
}

TEST(MisuseDeathTest, AddressesRightAboveOurLastPageAreForeign) {
  void* const block = allocate(100'000);
  char* end = at(block, 0);
  while (fake_port::is_reserved(end, 1)) end += 4096;
  EXPECT_EXIT(deallocate(end), kAborted, line(kForeign, end));
  EXPECT_FALSE(owns(end));
}

TEST(MisuseDeathTest, ReallocAndUsableSizeNameTheirVerb) {
  int local = 0;
  void* const block = allocate(1'000'000);
  EXPECT_EXIT(reallocate(&local, 10), kAborted,
              line("realloc of a pointer that mete did not allocate", &local));
  EXPECT_EXIT(reallocate(at(block, 32), 10), kAborted,
              line("realloc of a pointer into the middle of a block", at(block, 32)));
  EXPECT_EXIT(usable_size(&local), kAborted,
              line("malloc_usable_size of a pointer that mete did not allocate", &local));
  EXPECT_EXIT(usable_size(at(block, 4096)), kAborted,
              line("malloc_usable_size of a pointer into the middle of a block", at(block, 4096)));
  deallocate(block);
  EXPECT_EXIT(reallocate(block, 10), kAborted, line("realloc of a freed block", block));
  EXPECT_EXIT(usable_size(block), kAborted, line("malloc_usable_size of a freed block", block));
}

// No memory has these addresses on any system, and the low bits of the last are those of a block.
TEST(MisuseDeathTest, ReallocAndUsableSizeOfWhatIsNoAddress) {
  void* const block = allocate(100);
  for (const std::uintptr_t number :
       {std::uintptr_t{0xdeadbeefdeadbee0}, std::uintptr_t{0x4141414141414141},
        std::uintptr_t{1} << 48, ~std::uintptr_t{15},
        std::uintptr_t{1} << 63 | address_of(block)}) {
    void* const nowhere = reinterpret_cast<void*>(number);
    EXPECT_EXIT(reallocate(nowhere, 10), kAborted,
                line("realloc of a pointer that mete did not allocate", nowhere));
    EXPECT_EXIT(usable_size(nowhere), kAborted,
                line("malloc_usable_size of a pointer that mete did not allocate", nowhere));
    EXPECT_FALSE(owns(nowhere));
  }
  deallocate(block);
}

TEST(MisuseDeathTest, ReallocAndUsableSizeBeforeTheStart) {
  int local = 0;
  EXPECT_EXIT(reallocate(&local, 10), kAborted,
              line("realloc of a pointer that mete did not allocate", &local));
  EXPECT_EXIT(usable_size(&local), kAborted,
              line("malloc_usable_size of a pointer that mete did not allocate", &local));
  EXPECT_FALSE(owns(&local));
  EXPECT_EQ(0u, usable_size(nullptr));
  deallocate(nullptr);
}

TEST(MisuseDeathTest, FreedBlocksThatWereWrittenTo) {
  auto** const block = static_cast<void**>(allocate(64));
  auto** const other = static_cast<void**>(allocate(64));
  deallocate(other);
  deallocate(block);  // its first word is the link to `other`
  const auto overwrite = [&](std::uintptr_t value) {
    *block = reinterpret_cast<void*>(value);
    current_bins->heap->flush();
  };
  EXPECT_EXIT(overwrite(0x12340), kAborted,
              line("a freed block was written to", reinterpret_cast<void*>(0x12340)));
  EXPECT_EXIT(overwrite(0x4141414141414141), kAborted, "mete: a freed block was written to");
}

// Frees a block twice in another thread, which has allocated `needed` of its size before.
void free_twice_elsewhere(int needed) {
  void* const block = allocate(64);
  void* const keep = allocate(64);  // or the slab closes in between
  in_thread([&] {
    for (int i = 0; i < needed; ++i) allocate(64);
    deallocate(block);
    deallocate(block);
  });
  current_bins->heap->flush();
  deallocate(keep);
}

constexpr const char* kSeenByTheOwner = "mete: (double free|a freed block was written to): 0x";

TEST(MisuseDeathTest, RemoteDoubleFreeIsSeenByTheOwner) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(free_twice_elsewhere(0), kAborted, kSeenByTheOwner);
}

TEST(MisuseDeathTest, DoubleFreeOfABorrowedBlockIsSeenByTheOwner) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(free_twice_elsewhere(1000), kAborted, kSeenByTheOwner);
}

}  // namespace
}  // namespace mete::heap
