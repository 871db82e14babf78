// The bounded time of Space, in instructions: what a call takes at most, over states that are as
// bad as can be, counted one by one (support/step_count.hpp). Left out is what has no bound: a
// source, and the bytes that are copied.

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <vector>

#include "mete/space.hpp"
#include "support/random.hpp"
#include "support/step_count.hpp"

namespace {

constexpr std::size_t kMemory = 256 << 20;
constexpr std::size_t kGranule = mete::Space::kGranule;
constexpr std::size_t kWord = sizeof(std::size_t);
constexpr std::size_t kMates = 100;  // in the list of a chunk

// Instructions; GCC 12 takes 282, 359, 194 and 163. The rest is for other compilers.
constexpr std::uint64_t kMostAllocate = 250;
constexpr std::uint64_t kMostAlign = 345;
constexpr std::uint64_t kMostDeallocate = 212;
constexpr std::uint64_t kMostResize = 194;

// A space whose calls are counted, in fresh memory.
class Counted {
 public:
  explicit Counted(std::size_t bytes = kMemory)
      : memory_(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)),
        bytes_(bytes) {
    EXPECT_TRUE(space.add_region(memory_, bytes));
  }
  ~Counted() {
    EXPECT_EQ(space.check(), nullptr);
    munmap(memory_, bytes_);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void* allocate(std::size_t bytes, std::size_t alignment = 1) {
    void* block = nullptr;
    const std::uint64_t steps = count([&] { block = space.allocate(bytes, alignment); });
    see(alignment <= kGranule ? most_allocate : most_align, steps);
    return block;
  }
  void deallocate(void* block) {
    see(most_deallocate, count([&] { space.deallocate(block); }));
  }
  bool resize(void* block, std::size_t bytes) {
    bool done = false;
    const std::uint64_t steps = count([&] { done = space.resize_in_place(block, bytes); });
    see(most_resize, steps);
    return done;
  }

  static inline std::uint64_t most_allocate = 0;
  static inline std::uint64_t most_align = 0;
  static inline std::uint64_t most_deallocate = 0;
  static inline std::uint64_t most_resize = 0;

  mete::Space space;

 private:
  static void see(std::uint64_t& most, std::uint64_t steps) { most = std::max(most, steps); }

  static inline const support::StepCount count;
  void* memory_;
  std::size_t bytes_;
};

// The payload of a chunk of `size` bytes, and sizes from the smallest chunk on, some in each
// doubling, and a granule to both sides of each.
std::size_t payload(std::size_t size) { return size - kWord; }
std::vector<std::size_t> sizes(std::size_t most) {
  std::vector<std::size_t> all;
  for (std::size_t size = 3 * kGranule; size <= most;
       size = size < 18 * kGranule ? size + 3 * kGranule : size + size / 3)
    for (const std::size_t each : {size - kGranule, size, size + kGranule})
      all.push_back(each / kGranule * kGranule);
  return all;
}

// Blocks of `count` chunks of one size, none beside another: a free one is not joined.
std::vector<void*> make_apart(mete::Space& space, std::size_t count, std::size_t size) {
  std::vector<void*> blocks(count);
  for (void*& block : blocks) {
    block = space.allocate(payload(std::max(size, 2 * kGranule)), 1);
    EXPECT_NE(space.allocate(payload(2 * kGranule), 1), nullptr);
  }
  return blocks;
}

void free_all(mete::Space& space, const std::vector<void*>& blocks) {
  for (void* const block : blocks) space.deallocate(block);
}

// As many free chunks of one size.
void make_holes(mete::Space& space, std::size_t count, std::size_t size) {
  free_all(space, make_apart(space, count, size));
}

// Blocks side by side, in a space with nothing free but its rest.
template <std::size_t kCount>
std::array<void*, kCount> make_row(mete::Space& space, std::size_t size) {
  std::array<void*, kCount> row;
  for (std::size_t i = 0; i < kCount; ++i) {
    row[i] = space.allocate(payload(size), 1);
    if (i == 0) continue;
    EXPECT_EQ(row[i], static_cast<std::byte*>(row[i - 1]) + size);
  }
  return row;
}

class SpaceBound : public testing::Test {
 protected:
  ~SpaceBound() override {
    std::printf(
        "most instructions so far: allocate %llu, aligned %llu, deallocate %llu, resize %llu\n",
        static_cast<unsigned long long>(Counted::most_allocate),
        static_cast<unsigned long long>(Counted::most_align),
        static_cast<unsigned long long>(Counted::most_deallocate),
        static_cast<unsigned long long>(Counted::most_resize));
    EXPECT_LE(Counted::most_allocate, kMostAllocate);
    EXPECT_LE(Counted::most_align, kMostAlign);
    EXPECT_LE(Counted::most_deallocate, kMostDeallocate);
    EXPECT_LE(Counted::most_resize, kMostResize);
  }
};

TEST(StepCount, CountsWhatIsThere) {
  const support::StepCount count;
  const auto few = count([] { asm volatile(".rept 10\n\tnop\n\t.endr"); });
  const auto many = count([] { asm volatile(".rept 110\n\tnop\n\t.endr"); });
  EXPECT_EQ(few, 10u);
  EXPECT_EQ(many, 110u);
  EXPECT_EQ(count([] { asm volatile(".rept 110\n\tnop\n\t.endr"); }, 50), 50u);
}

// Every list between the own one and the last is empty.
TEST_F(SpaceBound, OnlyTheLastListHasAChunk) {
  for (const std::size_t size : sizes(1 << 20)) {
    Counted counted;
    void* const block = counted.allocate(payload(size));
    ASSERT_NE(block, nullptr);
    counted.deallocate(block);
  }
}

// Nothing fits: the own list is full of what is too small, and nothing comes after it.
TEST_F(SpaceBound, NoMemory) {
  for (const std::size_t size : sizes(64 << 10)) {
    Counted counted(4 << 20);
    make_holes(counted.space, 20, size - kGranule);
    while (counted.space.allocate(payload(size), 1) != nullptr) {
    }
    EXPECT_EQ(counted.allocate(payload(size)), nullptr);
  }
}

// The list of the request is long, and all in it are too small by one granule; or by a few, all
// different.
TEST_F(SpaceBound, LongListOfChunksThatAreTooSmall) {
  support::Random random(1);
  for (const std::size_t size : sizes(64 << 10)) {
    Counted counted;
    make_holes(counted.space, 1000, size - kGranule);
    ASSERT_NE(counted.allocate(payload(size)), nullptr);
    make_holes(counted.space, 1, 2 * size);  // what is found in the end, by another list
    ASSERT_NE(counted.allocate(payload(size)), nullptr);
    std::vector<void*> different;
    for (int i = 0; i < 500; ++i)
      different.push_back(make_apart(counted.space, 1,
                                     random.between(size / 2, size - 1) / kGranule * kGranule)[0]);
    free_all(counted.space, different);
    ASSERT_NE(counted.allocate(payload(size)), nullptr);
  }
}

// The same in the last list, which has no upper end. Only heads of chunks are ever touched.
TEST_F(SpaceBound, LastList) {
  constexpr std::size_t kHuge = std::size_t{3} << 29;
  Counted counted(256 * kHuge);
  make_holes(counted.space, 200, kHuge - kGranule);
  void* const block = counted.allocate(payload(kHuge));
  ASSERT_NE(block, nullptr);
  counted.deallocate(block);
}

// Chunks of the own list get better one by one, so that each one looked at is taken note of.
TEST_F(SpaceBound, ListThatGetsBetter) {
  for (const std::size_t size : sizes(256 << 10)) {
    Counted counted;
    std::vector<void*> better;
    for (std::size_t i = 1; i <= 32; ++i)
      better.push_back(make_apart(counted.space, 1, size + i * kGranule)[0]);
    free_all(counted.space, better);
    void* const block = counted.allocate(payload(size));
    ASSERT_NE(block, nullptr);
    counted.deallocate(block);
  }
}

// Both neighbours are free and in the middle of a long list, and the list that the whole goes to is
// long, too.
TEST_F(SpaceBound, MergeOnBothSides) {
  for (const std::size_t size : sizes(32 << 10)) {
    Counted counted;
    const auto row = make_row<4>(counted.space, size);
    const auto first = make_apart(counted.space, kMates, size);
    const auto last = make_apart(counted.space, kMates, size);
    make_holes(counted.space, kMates, 3 * size);
    free_all(counted.space, first);
    counted.space.deallocate(row[0]);
    counted.space.deallocate(row[2]);
    free_all(counted.space, last);
    counted.deallocate(row[1]);
  }
}

// The same beside the large rest of the memory.
TEST_F(SpaceBound, MergeWithTheRest) {
  for (const std::size_t size : sizes(32 << 10)) {
    Counted counted;
    const auto mates = make_apart(counted.space, kMates, size);
    const auto row = make_row<2>(counted.space, size);
    free_all(counted.space, mates);
    counted.space.deallocate(row[0]);
    counted.deallocate(row[1]);
  }
}

// The payload is moved up to its alignment: what lies before and behind it becomes free chunks.
TEST_F(SpaceBound, Alignment) {
  for (const std::size_t size : sizes(64 << 10)) {
    Counted counted;
    for (std::size_t alignment = 2 * kGranule; alignment <= 1 << 12; alignment *= 128) {
      const std::size_t needed = size + alignment + 2 * kGranule;
      make_holes(counted.space, 50, needed);
      make_holes(counted.space, 20, needed - kGranule);
      void* const block = counted.allocate(payload(size), alignment);
      ASSERT_NE(block, nullptr);
      counted.deallocate(block);
    }
  }
}

// Over a free chunk behind the block, which is in the middle of its list, and back again.
TEST_F(SpaceBound, ResizeInPlace) {
  for (const std::size_t size : sizes(32 << 10)) {
    Counted counted;
    const auto row = make_row<3>(counted.space, size);
    const auto first = make_apart(counted.space, kMates, size);
    const auto last = make_apart(counted.space, kMates, size);
    free_all(counted.space, first);
    counted.space.deallocate(row[1]);
    free_all(counted.space, last);
    EXPECT_TRUE(counted.resize(row[0], payload(size + kGranule)));
    EXPECT_TRUE(counted.resize(row[0], payload(2 * size)));
    EXPECT_TRUE(counted.resize(row[0], payload(2 * kGranule)));
    EXPECT_TRUE(counted.resize(row[0], payload(size)));
    EXPECT_FALSE(counted.resize(row[0], payload(2 * size + kGranule)));
  }
}

// A state that nobody thought of: random calls on a space that has long been in use.
TEST_F(SpaceBound, RandomCalls) {
  constexpr std::size_t kLive = 3000;
  support::Random random(7);
  Counted counted;
  std::vector<void*> blocks(kLive);
  const auto replace = [&](auto& allocator) {
    void*& block = blocks[random.below(kLive)];
    if (block != nullptr) allocator.deallocate(block);
    const bool aligned = random.one_in(8);
    block = allocator.allocate(random.log_uniform(1, 64 << 10),
                               aligned ? std::size_t{32} << random.below(8) : 1);
    ASSERT_NE(block, nullptr);
  };
  for (int i = 0; i < 100'000; ++i) {
    if (i % 250 == 0)
      replace(counted);
    else
      replace(counted.space);
  }
}

}  // namespace
