// A Space on a static array of 16 KiB, worked at random: every block keeps its bytes and its
// alignment, every structure is right after every step, and in the end all is one piece again.

#include <cstddef>
#include <cstdint>

#include "mete/space.hpp"
#include "platform/program.hpp"
#include "platform/random.hpp"

namespace {

constexpr int kSlots = 96;
constexpr int kSteps = 20000;

alignas(16) constinit std::byte memory[16 << 10]{};
constinit mete::Space space;

struct Slot {
  unsigned char* block;
  std::size_t bytes;
};
constinit Slot slots[kSlots]{};

void fill(const Slot& slot, int which) {
  for (std::size_t i = 0; i < slot.bytes; ++i) slot.block[i] = static_cast<unsigned char>(which);
}

void expect_filled(const unsigned char* block, std::size_t bytes, int which) {
  for (std::size_t i = 0; i < bytes; ++i)
    METE_EXPECT(block[i] == static_cast<unsigned char>(which));
}

void expect_well() {
  if (const char* const fault = space.check(); fault != nullptr)
    mete::platform::fail(fault, __FILE__, __LINE__);
}

unsigned mistakes = 0;

}  // namespace

void test() {
  METE_EXPECT(space.allocate(1, 1) == nullptr);  // no region yet
  METE_EXPECT(space.add_region(memory, sizeof(memory)));
  void* const largest = space.allocate(sizeof(memory) - 12 * sizeof(void*), 1);
  METE_EXPECT(largest != nullptr);
  space.deallocate(largest);

  mete::platform::Random random(4);
  unsigned made = 0;
  unsigned refused = 0;
  for (int step = 0; step < kSteps; ++step) {
    const int which = static_cast<int>(random.below(kSlots));
    Slot& slot = slots[which];
    const std::size_t bytes = random.below(8) == 0 ? random.below(2000) : random.below(160);
    if (slot.block == nullptr) {
      const std::size_t alignment = std::size_t{1} << random.below(8);
      slot.block = static_cast<unsigned char*>(space.allocate(bytes, alignment));
      slot.bytes = bytes;
      ++(slot.block != nullptr ? made : refused);
      if (slot.block == nullptr) continue;
      METE_EXPECT(reinterpret_cast<std::uintptr_t>(slot.block) % alignment == 0);
      METE_EXPECT(mete::Space::usable_size(slot.block) >= bytes);
      METE_EXPECT(space.owns(slot.block) && space.owns(slot.block + bytes));
    } else {
      expect_filled(slot.block, slot.bytes, which);
      if (random.below(3) == 0) {
        auto* const moved = static_cast<unsigned char*>(space.reallocate(slot.block, bytes, 1));
        if (moved == nullptr) continue;
        expect_filled(moved, slot.bytes < bytes ? slot.bytes : bytes, which);
        slot = {moved, bytes};
      } else {
        space.deallocate(slot.block);
        slot.block = nullptr;
        continue;
      }
    }
    fill(slot, which);
    if (step % 16 == 0) expect_well();
  }
  METE_EXPECT(made > kSteps / 4 && refused > 0);

  space.set_error_handler([](const char*, const void*) { ++mistakes; });
  void* const twice = space.allocate(1000, 1);
  METE_EXPECT(twice == nullptr ||
              (space.deallocate(twice), space.deallocate(twice), mistakes == 1));

  for (int i = 0; i < kSlots; ++i) {
    if (slots[i].block == nullptr) continue;
    expect_filled(slots[i].block, slots[i].bytes, i);
    space.deallocate(slots[i].block);
  }
  expect_well();
  METE_EXPECT(space.statistics().in_use == 0 && space.statistics().blocks == 0);
  METE_EXPECT(space.allocate(sizeof(memory) - 12 * sizeof(void*), 1) == largest);
}
