// malloc_usable_size: at least what was asked for, and all of it belongs to the caller.

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "abi/checks.h"

namespace {

struct Held {
  unsigned char* block = nullptr;
  std::size_t usable = 0;
  unsigned char fill = 0;
};

// A window of live blocks, each filled to the end of its usable size. Whatever writes into a
// neighbour is seen when that one leaves the window.
class Window {
 public:
  ~Window() {
    for (Held& held : held_) release(held);
  }

  void hold(void* block, std::size_t asked) {
    ASSERT_NE(block, nullptr) << asked;
    Held& held = held_[next_++ % kHeld];
    release(held);
    held.block = static_cast<unsigned char*>(block);
    held.usable = malloc_usable_size(block);
    held.fill = static_cast<unsigned char>(next_ * 131 + 1);
    ASSERT_GE(held.usable, asked);
    std::memset(held.block, held.fill, held.usable);
  }

 private:
  static constexpr std::size_t kHeld = 48;

  static void release(Held& held) {
    if (held.block == nullptr) return;
    EXPECT_EQ(malloc_usable_size(held.block), held.usable) << "the usable size changed";
    EXPECT_EQ(held.block[0], held.fill);
    EXPECT_EQ(std::memcmp(held.block, held.block + 1, held.usable - (held.usable != 0)), 0)
        << "a block of " << held.usable << " bytes was overwritten";
    std::free(held.block);
    held.block = nullptr;
  }

  Held held_[kHeld];
  std::size_t next_ = 0;
};

TEST(UsableSize, CoversEverySizeTo70000AndIsWritable) {
  Window window;
  for (std::size_t bytes = 1; bytes <= 70000; ++bytes) {
    window.hold(std::malloc(bytes), bytes);
    ASSERT_FALSE(HasFatalFailure());
  }
}

TEST(UsableSize, OfLargeBlocksIsWritable) {
  Window window;
  for (std::size_t bytes = 70000; bytes <= (std::size_t{12} << 20); bytes += bytes / 12 + 1001) {
    window.hold(std::malloc(bytes), bytes);
    window.hold(std::calloc(1, bytes), bytes);
    ASSERT_FALSE(HasFatalFailure());
  }
}

TEST(UsableSize, OfAlignedBlocksIsWritable) {
  Window window;
  for (std::size_t alignment = 8; alignment <= (std::size_t{2} << 20); alignment *= 2) {
    for (std::size_t bytes = 1; bytes <= 300000; bytes = bytes * 5 / 2 + 3) {
      window.hold(memalign(alignment, bytes), bytes);
      ASSERT_FALSE(HasFatalFailure());
    }
  }
}

TEST(UsableSize, IsKeptByReallocWithinIt) {
  for (std::size_t bytes = 1; bytes <= 200000; bytes += bytes / 6 + 1) {
    void* block = std::malloc(bytes);
    const std::size_t usable = malloc_usable_size(block);
    std::memset(block, 0x42, usable);
    block = std::realloc(block, usable);
    ASSERT_GE(malloc_usable_size(block), usable);
    for (std::size_t i = 0; i < usable; ++i) ASSERT_EQ(static_cast<unsigned char*>(block)[i], 0x42);
    std::free(block);
  }
}

TEST(UsableSize, OfNullIsZero) { EXPECT_EQ(malloc_usable_size(nullptr), 0U); }

}  // namespace
