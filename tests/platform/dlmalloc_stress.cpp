// The platform's port, by its own rules; and the functions of dlmalloc.h on it, worked at random:
// the program's own space, one that the port gives memory for, and one on a static array.

#include <cstddef>
#include <cstdint>

#include "mete/dlmalloc.h"
#include "mete/port.h"
#include "platform/program.hpp"
#include "platform/random.hpp"

namespace {

constexpr int kSlots = 64;
constexpr int kSteps = 10000;

struct Slot {
  unsigned char* block;
  std::size_t bytes;
};

struct Functions {
  void* (*allocate)(std::size_t bytes);
  void* (*allocate_aligned)(std::size_t alignment, std::size_t bytes);
  void* (*reallocate)(void* block, std::size_t bytes);
  void (*deallocate)(void* block);
};

constinit mspace used = nullptr;

constexpr Functions kProgram{dlmalloc, dlmemalign, dlrealloc, dlfree};
constexpr Functions kSpace{
    [](std::size_t bytes) { return mspace_malloc(used, bytes); },
    [](std::size_t alignment, std::size_t bytes) {
      return mspace_memalign(used, alignment, bytes);
    },
    [](void* block, std::size_t bytes) { return mspace_realloc(used, block, bytes); },
    [](void* block) { mspace_free(used, block); }};

void expect_filled(const unsigned char* block, std::size_t bytes, int which) {
  for (std::size_t i = 0; i < bytes; ++i)
    METE_EXPECT(block[i] == static_cast<unsigned char>(which));
}

void work(const Functions& on, unsigned largest) {
  static constinit Slot slots[kSlots]{};
  mete::platform::Random random(7);
  int made = 0;
  for (int step = 0; step < kSteps; ++step) {
    const int which = static_cast<int>(random.below(kSlots));
    Slot& slot = slots[which];
    const std::size_t bytes = random.below(random.below(8) == 0 ? largest : largest / 16 + 1);
    if (slot.block != nullptr) {
      expect_filled(slot.block, slot.bytes, which);
      if (random.below(3) != 0) {
        on.deallocate(slot.block);
        slot.block = nullptr;
        continue;
      }
      auto* const moved = static_cast<unsigned char*>(on.reallocate(slot.block, bytes));
      if (moved == nullptr) continue;
      expect_filled(moved, slot.bytes < bytes ? slot.bytes : bytes, which);
      slot = {moved, bytes};
    } else {
      const std::size_t alignment = std::size_t{1} << random.below(7);
      slot = {static_cast<unsigned char*>(alignment > sizeof(void*)
                                              ? on.allocate_aligned(alignment, bytes)
                                              : on.allocate(bytes)),
              bytes};
      if (slot.block == nullptr) continue;
      ++made;
      METE_EXPECT(reinterpret_cast<std::uintptr_t>(slot.block) % alignment == 0);
      METE_EXPECT(dlmalloc_usable_size(slot.block) >= bytes);
    }
    for (std::size_t i = 0; i < slot.bytes; ++i) slot.block[i] = static_cast<unsigned char>(which);
  }
  METE_EXPECT(made > kSteps / 8);
  for (Slot& slot : slots) {
    on.deallocate(slot.block);
    slot.block = nullptr;
  }
}

}  // namespace

void test() {
  if (const char* const fault = port_selftest(); fault != nullptr)
    mete::platform::fail(fault, __FILE__, __LINE__);

  work(kProgram, 1500);
  METE_EXPECT(dlmallinfo().uordblks == 0);
  METE_EXPECT(dlmalloc_footprint() <= dlmalloc_max_footprint());

  used = create_mspace(2000, 1);
  METE_EXPECT(used != nullptr);
  work(kSpace, 1000);
  METE_EXPECT(mspace_mallinfo(used).uordblks == 0);
  destroy_mspace(used);

  alignas(16) static constinit std::byte memory[6 << 10]{};
  used = create_mspace_with_base(memory, sizeof(memory), 0);
  METE_EXPECT(used != nullptr);
  void* const block = mspace_malloc(used, 3000);
  METE_EXPECT(block > memory && block < memory + sizeof(memory));
  mspace_free(used, block);
  work(kSpace, 500);
  destroy_mspace(used);
}
