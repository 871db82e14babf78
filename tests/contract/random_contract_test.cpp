// Long random sequences against a record of every live block, alone and in several threads at a
// time.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <map>
#include <thread>
#include <vector>

#include "contract/allocators.hpp"
#include "support/bytes.hpp"
#include "unit/random.hpp"

namespace mete::contract {
namespace {

template <class Allocator>
class RandomContract : public testing::Test {};
TYPED_TEST_SUITE(RandomContract, Allocators, NameOfAllocator);

struct Live {
  std::size_t size;
  unsigned char stamp;
};

// Every block holds its stamp in all of its bytes.
template <class Allocator>
class Record {
 public:
  explicit Record(std::uint64_t seed) : random_(seed) {}
  ~Record() {
    while (!live_.empty()) remove(live_.begin());
  }

  void step() {
    const std::size_t size = random_size();
    switch (live_.size() > 400 ? 7 : random_.below(8)) {
      case 0:
      case 1:
      case 2:
        add(Allocator::allocate(size), size, false);
        break;
      case 3:
        add(Allocator::allocate(size, std::size_t{32} << random_.below(9)), size, false);
        break;
      case 4:
        add(Allocator::allocate_zeroed(size), size, true);
        break;
      case 5:
        if (!live_.empty()) resize(any(), size);
        break;
      default:
        if (!live_.empty()) remove(any());
    }
  }

 private:
  using Blocks = std::map<std::uintptr_t, Live>;

  static unsigned char* at(std::uintptr_t address) {
    return reinterpret_cast<unsigned char*>(address);
  }

  std::size_t random_size() {
    if (random_.one_in(60)) return random_.below(500'000);
    return random_.one_in(5) ? random_.below(20'000) : random_.below(400);
  }

  typename Blocks::iterator any() {
    auto block = live_.lower_bound(live_.begin()->first +
                                   (std::uintptr_t{random_()} << 16 | random_()) %
                                       (live_.rbegin()->first - live_.begin()->first + 1));
    return block;
  }

  void add(void* block, std::size_t size, bool zeroed) {
    ASSERT_NE(nullptr, block);
    const auto start = reinterpret_cast<std::uintptr_t>(block);
    if (zeroed) expect_all(start, size, 0);
    const Live live{size, static_cast<unsigned char>(1 + stamps_++ % 255)};
    const auto [here, fresh] = live_.emplace(start, live);
    ASSERT_TRUE(fresh) << "given out twice";
    if (here != live_.begin()) {
      const auto before = std::prev(here);
      ASSERT_LE(before->first + before->second.size, start) << "overlap";
    }
    if (const auto after = std::next(here); after != live_.end()) {
      ASSERT_LE(start + size, after->first) << "overlap";
    }
    std::memset(block, live.stamp, size);
  }

  void resize(typename Blocks::iterator block, std::size_t size) {
    if (size == 0) size = 1;
    void* const moved = Allocator::reallocate(at(block->first), size);
    ASSERT_NE(nullptr, moved);
    const Live old = block->second;
    live_.erase(block);
    expect_all(reinterpret_cast<std::uintptr_t>(moved), std::min(size, old.size), old.stamp);
    add(moved, size, false);
  }

  void remove(typename Blocks::iterator block) {
    expect_all(block->first, block->second.size, block->second.stamp);
    Allocator::deallocate(at(block->first));
    live_.erase(block);
  }

  static void expect_all(std::uintptr_t start, std::size_t size, unsigned char value) {
    ASSERT_TRUE(test::holds_only(at(start), size, value));
  }

  Random random_;
  Blocks live_;
  unsigned stamps_ = 0;
};

TYPED_TEST(RandomContract, T9_LiveBlocksKeepTheirBytes) {
  Record<TypeParam> record(1);
  for (int i = 0; i < 20'000 / kSlowdown && !this->HasFailure(); ++i) record.step();
}

TYPED_TEST(RandomContract, T9_AlsoInSeveralThreads) {
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([seed] {
      Record<TypeParam> record(seed);
      for (int i = 0; i < 5000 / kSlowdown && !testing::Test::HasFailure(); ++i) record.step();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Blocks go from hand to hand: whoever frees one need not be who allocated it.
TYPED_TEST(RandomContract, T13_BlocksMayBeFreedInAnotherThread) {
  for (const std::size_t size : {1u, 100u, 2000u, 50'000u}) {
    std::vector<unsigned char*> blocks(500);
    std::thread([&] {
      for (auto*& block : blocks)
        std::memset(block = static_cast<unsigned char*>(TypeParam::allocate(size)), 7, size);
    }).join();
    for (unsigned char*& block : blocks) {
      ASSERT_EQ(7, block[0]);
      ASSERT_EQ(7, block[size - 1]);
      block = static_cast<unsigned char*>(TypeParam::reallocate(block, size + 10));
    }
    std::thread([&] {
      for (unsigned char* block : blocks) TypeParam::deallocate(block);
    }).join();
  }
}

}  // namespace
}  // namespace mete::contract
