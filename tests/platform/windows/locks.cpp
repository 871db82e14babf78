// Threads hammer the program's own space and one more, both locked: every block keeps what its
// thread wrote, and in the end nothing is in use.

#include <cstddef>
#include <thread>

#include "mete/dlmalloc.h"
#include "platform/program.hpp"
#include "platform/random.hpp"

namespace {

constexpr unsigned kSlots = 64;
constexpr int kSteps = 100'000;

mspace shared = nullptr;

// Even slots are of the program's space, odd ones of the other.
void work(unsigned char mark) {
  struct Slot {
    unsigned char* block;
    std::size_t bytes;
  };
  Slot slots[kSlots]{};
  mete::platform::Random random(mark);
  for (int step = 0; step < kSteps; ++step) {
    const unsigned which = random.below(kSlots);
    const bool is_shared = which % 2 != 0;
    Slot& slot = slots[which];
    if (slot.block != nullptr) {
      for (std::size_t i = 0; i < slot.bytes; ++i) METE_EXPECT(slot.block[i] == mark);
      is_shared ? mspace_free(shared, slot.block) : dlfree(slot.block);
      slot.block = nullptr;
      continue;
    }
    slot.bytes = random.below(400);
    slot.block = static_cast<unsigned char*>(is_shared ? mspace_malloc(shared, slot.bytes)
                                                       : dlmalloc(slot.bytes));
    METE_EXPECT(slot.block != nullptr);
    for (std::size_t i = 0; i < slot.bytes; ++i) slot.block[i] = mark;
  }
  for (unsigned which = 0; which < kSlots; ++which)
    which % 2 != 0 ? mspace_free(shared, slots[which].block) : dlfree(slots[which].block);
}

}  // namespace

void test() {
  shared = create_mspace(0, 1);
  METE_EXPECT(shared != nullptr);
  std::thread other(work, static_cast<unsigned char>(1));
  std::thread third(work, static_cast<unsigned char>(2));
  work(3);
  other.join();
  third.join();
  METE_EXPECT(mspace_mallinfo(shared).uordblks == 0 && dlmallinfo().uordblks == 0);
  METE_EXPECT(destroy_mspace(shared) != 0);
}
