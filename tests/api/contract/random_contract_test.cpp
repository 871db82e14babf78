// Long random sequences of all that an Allocator can do, against a record of the live blocks.

#include <algorithm>
#include <vector>

#include "api/contract/allocators.hpp"
#include "support/bytes.hpp"
#include "unit/random.hpp"

namespace mete::test {
namespace {

template <class Case>
class RandomContract : public testing::Test {
 protected:
  Case case_;
};
TYPED_TEST_SUITE(RandomContract, Allocators, NameOfCase);

template <class A>
class Record {
 public:
  Record(A& allocator, std::uint64_t seed) : a_(allocator), random_(seed) {}
  ~Record() {
    while (!live_.empty()) remove(live_.size() - 1);
  }

  void step() {
    if (live_.empty() || (live_.size() < 200 && random_.one_in(3))) return add();
    const std::size_t i = random_.below(static_cast<std::uint32_t>(live_.size()));
    if (random_.one_in(3)) return remove(i);
    resize(live_[i]);
  }

 private:
  // The bytes up to size hold the stamp.
  struct Live {
    Block block;
    Layout layout;
    unsigned stamp;
  };

  Layout random_layout() {
    const std::size_t size = random_.one_in(20)   ? 0
                             : random_.one_in(20) ? random_.below(20'000)
                                                  : random_.below(300);
    return Layout::from_size_align(size, std::size_t{1} << random_.below(8)).value();
  }

  // One of the layouts that fit the block.
  Layout fitting(const Live& live) {
    const std::size_t slack = live.layout.size() == 0 ? 0 : live.block.size - live.layout.size();
    const std::size_t size =
        live.layout.size() + random_.below(static_cast<std::uint32_t>(slack) + 1);
    return Layout::from_size_align(size, live.layout.align()).value();
  }

  void add() {
    const Layout layout = random_layout();
    const bool zeroed = random_.one_in(3);
    const Block block = zeroed ? mete::allocate_zeroed(a_, layout) : mete::allocate(a_, layout);
    ASSERT_TRUE(block && block.size >= layout.size() && is_aligned(block.ptr, layout.align()));
    ASSERT_TRUE(!zeroed || is_zero(block.ptr, 0, block.size));
    live_.push_back({block, layout, random_()});
    fill(block.ptr, layout.size(), live_.back().stamp);
  }

  void remove(std::size_t i) {
    EXPECT_TRUE(holds(live_[i].block.ptr, live_[i].layout.size(), live_[i].stamp));
    mete::deallocate(a_, live_[i].block.ptr, fitting(live_[i]));
    live_[i] = live_.back();
    live_.pop_back();
  }

  void resize(Live& live) {
    const Layout next = random_layout();
    Layout old = fitting(live);
    const std::size_t kept = std::min(live.layout.size(), next.size());
    if (next.size() >= old.size()) {
      live.block = random_.one_in(2) ? mete::grow(a_, live.block.ptr, old, next)
                                     : mete::grow_zeroed(a_, live.block.ptr, old, next);
    } else {
      live.block = mete::shrink(a_, live.block.ptr, old, next);
    }
    ASSERT_TRUE(live.block && live.block.size >= next.size());
    ASSERT_TRUE(is_aligned(live.block.ptr, next.align()));
    ASSERT_TRUE(holds(live.block.ptr, kept, live.stamp));
    live.layout = next;
    fill(live.block.ptr, next.size(), live.stamp);
  }

  A& a_;
  Random random_;
  std::vector<Live> live_;
};

TYPED_TEST(RandomContract, EveryBlockKeepsItsBytes) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Record record(this->case_.allocator, seed);
    for (int i = 0; i < 10'000 / kSlowdown; ++i) {
      record.step();
      if (this->HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace mete::test
