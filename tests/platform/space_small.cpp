// A Space in little memory: in a region of 1 KiB nothing but a few words is lost, a block costs one
// word, and where pointers have four bytes the space itself has its place there, too.

#include <cstddef>
#include <cstdint>
#include <new>

#include "mete/space.hpp"
#include "platform/program.hpp"

namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kWord = sizeof(void*);
constexpr std::size_t kRegionWords = 4;  // three at its beginning and one at its end

static_assert(sizeof(mete::Space) <= 128 * kWord);

alignas(16) constinit std::byte memory[kKiB]{};

void expect_well(const mete::Space& space) {
  if (const char* const fault = space.check(); fault != nullptr)
    mete::platform::fail(fault, __FILE__, __LINE__);
}

void fill(void* block, std::size_t bytes, unsigned char value) {
  for (std::size_t i = 0; i < bytes; ++i) static_cast<unsigned char*>(block)[i] = value;
}

// Fills the space with blocks of `bytes`, all of which can be used at once, and empties it.
// Returns: how many there were.
std::size_t blocks_of(mete::Space& space, std::size_t bytes) {
  constexpr std::size_t kMost = kKiB / (4 * kWord);
  void* blocks[kMost];
  std::size_t count = 0;
  while (void* const block = space.allocate(bytes, 1)) {
    METE_EXPECT(count < kMost);
    METE_EXPECT(reinterpret_cast<std::uintptr_t>(block) % mete::Space::kGranule == 0);
    fill(block, bytes, static_cast<unsigned char>(count));
    blocks[count++] = block;
  }
  expect_well(space);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t at = 0; at < bytes; ++at)
      METE_EXPECT(static_cast<unsigned char*>(blocks[i])[at] == i);
    space.deallocate(blocks[i]);
  }
  expect_well(space);
  METE_EXPECT(space.statistics().in_use == 0);
  return count;
}

// As many as there can be if each costs one word: the smallest has three words, then two more each.
void expect_full_of(mete::Space& space, std::size_t room) {
  for (std::size_t words = 3; words * kWord <= room / 2; words += 2)
    METE_EXPECT(blocks_of(space, words * kWord) == room / ((words + 1) * kWord));
}

void a_region_of_a_kibibyte() {
  mete::Space space(memory);
  expect_full_of(space, kKiB - kRegionWords * kWord);
  // Side by side, with one word between what may be used of the one and the other.
  auto* const first = static_cast<std::byte*>(space.allocate(7 * kWord, 1));
  auto* const second = static_cast<std::byte*>(space.allocate(7 * kWord, 1));
  METE_EXPECT(mete::Space::usable_size(first) == 7 * kWord);
  METE_EXPECT(second - first == static_cast<std::ptrdiff_t>(8 * kWord));
  METE_EXPECT(space.statistics().in_use == 16 * kWord);
}

// The space, and behind it its region.
void everything_in_a_kibibyte() {
  constexpr std::size_t kGranule = mete::Space::kGranule;
  constexpr std::size_t kOwn = (sizeof(mete::Space) + kGranule - 1) & ~(kGranule - 1);
  constexpr std::size_t kRoom = kKiB - kOwn - kRegionWords * kWord;
  static_assert(kWord > 4 || kRoom > kKiB / 2, "more than half of it is for blocks");
  auto* const space = new (memory) mete::Space;
  METE_EXPECT(space->add_region(memory + kOwn, kKiB - kOwn));
  expect_full_of(*space, kRoom);
  METE_EXPECT(blocks_of(*space, kRoom - kWord) == 1);
  METE_EXPECT(space->release() == 0);
}

}  // namespace

void test() {
  a_region_of_a_kibibyte();
  everything_in_a_kibibyte();
}
