// What bench/typed_instructions counts: typed allocation inlined into loops, and the same loops
// with nothing in them. 32 blocks fit into a bin, so every call takes the fast path.
#include <cstddef>

#include "mete/typed.hpp"
#include "synthetic/block.hpp"

namespace {

constexpr int kBlocks = 32;
constexpr int kRounds = 1000;
constexpr mete::Layout kLayout = mete::Layout::from_size_align_unchecked(64, 8);

void* blocks[kBlocks];

}  // namespace

#define PHASE extern "C" __attribute__((noinline)) void

PHASE phase_alloc() {
  for (void*& block : blocks) block = bench::opaque(mete::alloc<kLayout>());
}
PHASE phase_dealloc() {
  for (void* const block : blocks) mete::dealloc<kLayout>(bench::opaque(block));
}
PHASE phase_store() {
  for (void*& block : blocks) block = bench::opaque(&blocks[0]);
}
PHASE phase_load() {
  for (void* const block : blocks) static_cast<void>(bench::opaque(block));
}

int main() {
  for (int round = 0; round < kRounds; ++round) {
    phase_alloc();
    phase_dealloc();
    phase_store();
    phase_load();
  }
}
