// Space: bytes are operations on it, with a model beside it. After each the space checks itself,
// and its statistics, its walk and its blocks are what the model says.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "fuzz/arena.hpp"
#include "fuzz/input.hpp"
#include "fuzz/live_blocks.hpp"
#include "mete/space.hpp"

namespace mete::fuzz {
namespace {

constexpr std::size_t kWord = sizeof(std::size_t);
constexpr std::size_t kUnit = 64;
constexpr std::size_t kStep = 1024;
enum Owner { kCaller, kSource };

class SpaceFuzz {
 public:
  explicit SpaceFuzz(Input input) : input_(input) {
    space_.set_source({take, give, this, kStep});
    space_.set_error_handler([](const char* message, const void*) { fail(message, __FILE__, 0); });
  }

  void run() {
    while (!input_.is_over()) {
      step();
      expect_well();
    }
    blocks_.expect_whole();
    keeps_ = false;
    release();
    expect_well();
  }

 private:
  // Each as often as it stands here.
  void step() {
    using Fuzz = SpaceFuzz;
    static constexpr void (Fuzz::*kSteps[])() = {
        &Fuzz::allocate,        &Fuzz::allocate,        &Fuzz::allocate,
        &Fuzz::allocate,        &Fuzz::deallocate,      &Fuzz::deallocate,
        &Fuzz::deallocate,      &Fuzz::reallocate,      &Fuzz::reallocate,
        &Fuzz::resize_in_place, &Fuzz::resize_in_place, &Fuzz::split,
        &Fuzz::add_region,      &Fuzz::change_source,   &Fuzz::trim,
        &Fuzz::change_all};
    (this->*kSteps[input_.below(std::size(kSteps))])();
  }

  // ---- operations ----

  void allocate() {
    const std::size_t alignment = input_.alignment(12);
    const std::size_t bytes = input_.size();
    if (blocks_.is_full()) return;
    const unsigned taken = taken_;
    void* const block = space_.allocate(bytes, alignment);
    if (block == nullptr) return expect_no_room(bytes, alignment, taken);
    METE_EXPECT(reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
    add(block, bytes);
  }

  void deallocate() {
    LiveBlock block;
    if (blocks_.take(input_, 0, block)) space_.deallocate(block.at);
  }

  void reallocate() {
    const std::size_t alignment = input_.alignment(8);
    const std::size_t bytes = input_.size();
    LiveBlock block;
    if (!blocks_.take(input_, 0, block)) return;
    const unsigned taken = taken_;
    void* const moved = space_.reallocate(block.at, bytes, alignment);
    if (moved == nullptr) {
      expect_no_room(bytes, alignment, taken);
      return blocks_.put_back(block);
    }
    METE_EXPECT(reinterpret_cast<std::uintptr_t>(moved) % alignment == 0);
    METE_EXPECT(bytes > block.usable || moved == block.at || !is_aligned(block.at, alignment));
    block.at = static_cast<unsigned char*>(moved);
    METE_EXPECT(block.holds(std::min(block.usable, bytes)));
    add(moved, bytes);
  }

  void resize_in_place() {
    const std::size_t bytes = input_.size();
    LiveBlock block;
    if (!blocks_.take(input_, 0, block)) return;
    if (space_.resize_in_place(block.at, bytes)) {
      METE_EXPECT(block.holds(std::min(block.usable, bytes)));
      return add(block.at, bytes);
    }
    METE_EXPECT(bytes > block.usable && Space::usable_size(block.at) == block.usable);
    blocks_.put_back(block);
  }

  void split() {
    const std::size_t bytes = input_.size();
    LiveBlock block;
    if (blocks_.is_full() || !blocks_.take(input_, 0, block)) return;
    auto* const rest = static_cast<unsigned char*>(space_.split(block.at, bytes));
    const std::size_t first = Space::size_in_use(bytes);
    if (rest == nullptr) {
      METE_EXPECT(first == 0 || block.usable + kWord < first + 4 * kWord);
      METE_EXPECT(Space::usable_size(block.at) == block.usable);
      return blocks_.put_back(block);
    }
    METE_EXPECT(rest > block.at && Space::usable_size(block.at) >= bytes);
    METE_EXPECT(rest + Space::usable_size(rest) == block.at + block.usable);
    METE_EXPECT(block.holds(Space::usable_size(block.at)));
    LiveBlock second = block;
    second.at = rest;
    METE_EXPECT(second.holds(Space::usable_size(rest)));
    add(block.at, bytes);
    add(rest, Space::usable_size(rest));
  }

  void add_region() {
    unsigned where = input_.byte();
    std::size_t skew = input_.one_in(3) ? input_.below(16) : 0;
    std::size_t bytes = (input_.byte() + 1) * kUnit;
    if (input_.one_in(3)) bytes -= input_.below(kUnit);
    if (const std::size_t gap = arena_.gap(where); gap != 0 && input_.one_in(2)) {
      where |= 2;
      skew = 0;
      bytes = gap;
    }
    std::byte* const base = arena_.take(bytes, kCaller, where, skew);
    if (base == nullptr) return;
    if (!space_.add_region(base, bytes)) {
      METE_EXPECT(bytes < 16 * kWord);
      arena_.give(base, bytes, kCaller);
    }
  }

  void change_source() {
    where_ = input_.byte();
    const unsigned how = input_.byte();
    refuses_ = how % 4 == 0;
    keeps_ = how / 4 % 4 == 0;
    gives_more_ = how / 16 % 4 == 0;
  }

  void trim() {
    const std::size_t before = arena_.bytes_of(kSource);
    const std::size_t trimmable = space_.trimmable();
    const std::size_t given = space_.trim();
    METE_EXPECT(given == before - arena_.bytes_of(kSource));
    METE_EXPECT(given == (keeps_ ? 0 : trimmable));
    METE_EXPECT(keeps_ || space_.trimmable() == 0);
    METE_EXPECT(!blocks_.all().empty() || keeps_ || arena_.bytes_of(kSource) == 0);
  }

  void change_all() {
    switch (input_.below(8)) {
      case 0:
        space_.reset();
        blocks_.forget(0);
        return;
      case 1:
        return release();
      case 2:
        limit_ = std::max<std::size_t>(input_.byte() * kStep, 1);
        break;
      default:
        limit_ = 0;
    }
    space_.set_limit(limit_);
  }

  void release() {
    blocks_.expect_whole();
    blocks_.forget(0);
    const std::size_t before = arena_.bytes_of(kSource);
    const std::size_t given = space_.release();
    METE_EXPECT(given == (keeps_ ? 0 : before));
    METE_EXPECT(keeps_ || arena_.bytes_of(kSource) == 0);
    arena_.give_all(kCaller);
    arena_.give_all(kSource);
    most_in_use_ = most_footprint_ = 0;
  }

  // ---- the source ----

  static void* take(void* self, std::size_t& bytes) {
    auto& fuzz = *static_cast<SpaceFuzz*>(self);
    METE_EXPECT(bytes % kStep == 0 && bytes != 0);
    METE_EXPECT(fuzz.limit_ == 0 || fuzz.space_.statistics().footprint + bytes <= fuzz.limit_);
    if (fuzz.refuses_) return nullptr;
    if (fuzz.gives_more_ && fuzz.limit_ == 0)
      bytes = std::max(bytes + kUnit, fuzz.arena_.gap(fuzz.where_) / kUnit * kUnit);
    std::byte* const base = fuzz.arena_.take(bytes, kSource, fuzz.where_);
    if (base != nullptr) ++fuzz.taken_;
    return base;
  }
  static bool give(void* self, void* base, std::size_t bytes) {
    auto& fuzz = *static_cast<SpaceFuzz*>(self);
    if (fuzz.keeps_) return false;
    fuzz.arena_.give(static_cast<std::byte*>(base), bytes, kSource);
    return true;
  }

  // ---- what has to hold ----

  static bool is_aligned(const void* at, std::size_t alignment) {
    return reinterpret_cast<std::uintptr_t>(at) % alignment == 0;
  }

  void add(void* block, std::size_t bytes) {
    blocks_.add(block, bytes, Space::usable_size(block), 0);
    most_in_use_ = std::max(most_in_use_, space_.statistics().in_use);
  }

  // A request may only fail if no free piece is in a list above its own, and no more was taken.
  void expect_no_room(std::size_t bytes, std::size_t alignment, unsigned taken_before) {
    METE_EXPECT(taken_ == taken_before);
    if (bytes > SIZE_MAX / 16) return;
    std::size_t enough = 2 * (bytes + 8 * kWord);
    if (alignment > Space::kGranule) enough += 2 * alignment;
    space_.walk(
        [](void* context, void*, std::size_t size, bool in_use) {
          METE_EXPECT(in_use || size < *static_cast<std::size_t*>(context));
        },
        &enough);
  }

  // How many regions the pieces make: neighbours of one owner are one, but for those that begin
  // where no region can.
  std::size_t regions() const {
    std::size_t count = 0;
    const std::byte* end = nullptr;
    int owner = -1;
    for (const auto& [base, piece] : arena_.pieces()) {
      if (base != end || piece.owner != owner || !is_aligned(base, Space::kGranule)) ++count;
      end = base + piece.bytes;
      owner = piece.owner;
    }
    return count;
  }

  void expect_well() {
    if (const char* const fault = space_.check(); fault != nullptr) fail(fault, __FILE__, __LINE__);
    blocks_.expect_edges();
    std::size_t in_use = 0;
    for (const auto& [at, block] : blocks_.all()) {
      METE_EXPECT(Space::usable_size(block.at) == block.usable);
      METE_EXPECT(space_.owns(block.at) && space_.owns(block.at + block.usable - 1));
      in_use += block.usable + kWord;
    }
    const Space::Statistics now = space_.statistics();
    METE_EXPECT(now.blocks == blocks_.all().size());
    METE_EXPECT(now.in_use == in_use);
    METE_EXPECT(now.footprint == arena_.bytes_of(kCaller) + arena_.bytes_of(kSource));
    METE_EXPECT(now.regions == regions());
    most_footprint_ = std::max(most_footprint_, now.footprint);
    METE_EXPECT(now.peak_in_use >= most_in_use_ && now.peak_footprint >= most_footprint_);
    METE_EXPECT(now.peak_in_use <= now.peak_footprint);
    expect_walk();
  }

  void expect_walk() {
    struct Walk {
      const LiveBlocks& blocks;
      std::size_t in_use = 0;
    } walk{blocks_};
    space_.walk(
        [](void* context, void* address, std::size_t bytes, bool in_use) {
          if (!in_use) return;
          auto& seen = *static_cast<Walk*>(context);
          const LiveBlock* const block = seen.blocks.find(address);
          METE_EXPECT(block != nullptr && block->usable == bytes);
          ++seen.in_use;
        },
        &walk);
    METE_EXPECT(walk.in_use == blocks_.all().size());
  }

  Input input_;
  Arena arena_{kUnit};
  Space space_;
  LiveBlocks blocks_;
  // The source.
  unsigned where_ = 2;
  bool refuses_ = false;
  bool keeps_ = false;
  bool gives_more_ = false;
  unsigned taken_ = 0;
  std::size_t limit_ = 0;  // none
  // The most that was seen.
  std::size_t most_in_use_ = 0;
  std::size_t most_footprint_ = 0;
};

}  // namespace
}  // namespace mete::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t length) {
  mete::fuzz::SpaceFuzz({bytes, length}).run();
  return 0;
}
