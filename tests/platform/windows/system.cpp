// System on the HeapAlloc family (S1): every alignment, contents over realloc, zeros, failure; and
// the heap of the process is in order after thousands of random operations.

#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "mete/system.hpp"
#include "platform/program.hpp"
#include "platform/random.hpp"

namespace {

using mete::Layout;
using mete::System;

constexpr std::size_t kMostAlign = 64 << 10;

Layout layout(std::size_t size, std::size_t align) {
  return Layout::from_size_align(size, align).value();
}

bool heap_is_valid() { return HeapValidate(GetProcessHeap(), 0, nullptr) != 0; }

// Blocks in use of the heap of the process.
std::size_t blocks_in_use() {
  PROCESS_HEAP_ENTRY entry{};
  std::size_t count = 0;
  while (HeapWalk(GetProcessHeap(), &entry)) count += (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) != 0;
  return count;
}

void fill(void* block, std::size_t bytes, unsigned seed) {
  for (std::size_t i = 0; i < bytes; ++i)
    static_cast<unsigned char*>(block)[i] = static_cast<unsigned char>(i * 7 + seed);
}

bool holds(const void* block, std::size_t bytes, unsigned seed) {
  for (std::size_t i = 0; i < bytes; ++i) {
    if (static_cast<const unsigned char*>(block)[i] != static_cast<unsigned char>(i * 7 + seed))
      return false;
  }
  return true;
}

bool is_zero(const void* block, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    if (static_cast<const unsigned char*>(block)[i] != 0) return false;
  }
  return true;
}

bool is_aligned(const void* block, std::size_t align) {
  return reinterpret_cast<std::uintptr_t>(block) % align == 0;
}

void test_alignments() {
  System system;
  for (std::size_t align = 1; align <= kMostAlign; align *= 2) {
    for (const std::size_t size :
         {std::size_t{1}, align / 2 + 1, align, 3 * align + 1, std::size_t{5000}}) {
      void* const block = mete::alloc(system, layout(size, align));
      METE_EXPECT(block != nullptr && is_aligned(block, align));
      fill(block, size, 1);
      METE_EXPECT(holds(block, size, 1));
      mete::dealloc(system, block, layout(size, align));
    }
    METE_EXPECT(heap_is_valid());
  }
}

// What HeapAlloc aligns itself is its block; it knows no other.
void test_natural_blocks_are_of_heap_alloc() {
  System system;
  for (std::size_t align = 1; align <= System::kMinAlign; align *= 2) {
    void* const block = mete::alloc(system, layout(3, align));
    METE_EXPECT(HeapSize(GetProcessHeap(), 0, block) == 3);
    mete::dealloc(system, block, layout(3, align));
  }
}

void test_zeros_after_dirty_use() {
  System system;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t align = 1; align <= 4096; align *= 4) {
      for (const std::size_t size : {1u, 40u, 1000u, 70'000u}) {
        void* const block = mete::alloc_zeroed(system, layout(size, align));
        METE_EXPECT(block != nullptr && is_aligned(block, align) && is_zero(block, size));
        fill(block, size, 0xff);
        mete::dealloc(system, block, layout(size, align));
      }
    }
  }
}

void test_realloc() {
  System system;
  for (std::size_t align = 1; align <= kMostAlign; align *= 4) {
    for (const std::size_t from : {1u, 100u, 5000u}) {
      for (const std::size_t to : {1u, 50u, 101u, 20'000u}) {
        void* block = mete::alloc(system, layout(from, align));
        fill(block, from, 2);
        block = mete::realloc(system, block, layout(from, align), to);
        METE_EXPECT(block != nullptr && is_aligned(block, align));
        METE_EXPECT(holds(block, from < to ? from : to, 2));
        fill(block, to, 3);
        mete::dealloc(system, block, layout(to, align));
      }
    }
  }
}

void test_failure_is_null() {
  System system;
  const volatile std::size_t hidden = std::size_t{PTRDIFF_MAX} - (std::size_t{1} << 20);
  const std::size_t much = hidden;
  for (const std::size_t align : {1u, 16u, 32u, 4096u}) {
    METE_EXPECT(mete::alloc(system, layout(much, align)) == nullptr);
    METE_EXPECT(mete::alloc_zeroed(system, layout(much, align)) == nullptr);
    void* const block = mete::alloc(system, layout(100, align));
    fill(block, 100, 4);
    METE_EXPECT(mete::realloc(system, block, layout(100, align), much) == nullptr);
    METE_EXPECT(holds(block, 100, 4));
    mete::dealloc(system, block, layout(100, align));
  }
}

void test_random_operations() {
  struct Slot {
    void* block;
    std::size_t bytes;
    std::size_t align;
  };
  static Slot slots[256]{};
  const std::size_t before = blocks_in_use();
  System system;
  mete::platform::Random random(11);
  for (unsigned step = 0; step < 40'000; ++step) {
    const unsigned which = random.below(256);
    Slot& slot = slots[which];
    const std::size_t bytes = 1 + random.below(random.below(10) == 0 ? 60'000 : 600);
    if (slot.block == nullptr) {
      slot = {nullptr, bytes, std::size_t{1} << random.below(13)};
      const bool zeroed = random.below(2) == 0;
      const Layout asked = layout(bytes, slot.align);
      slot.block = zeroed ? mete::alloc_zeroed(system, asked) : mete::alloc(system, asked);
      METE_EXPECT(slot.block != nullptr && is_aligned(slot.block, slot.align));
      METE_EXPECT(!zeroed || is_zero(slot.block, bytes));
    } else {
      METE_EXPECT(holds(slot.block, slot.bytes, which));
      const Layout was = layout(slot.bytes, slot.align);
      if (random.below(2) == 0) {
        mete::dealloc(system, slot.block, was);
        slot.block = nullptr;
        continue;
      }
      slot.block = mete::realloc(system, slot.block, was, bytes);
      METE_EXPECT(slot.block != nullptr && is_aligned(slot.block, slot.align));
      METE_EXPECT(holds(slot.block, slot.bytes < bytes ? slot.bytes : bytes, which));
      slot.bytes = bytes;
    }
    fill(slot.block, slot.bytes, which);
    if (step % 1000 == 0) METE_EXPECT(heap_is_valid());
  }
  METE_EXPECT(blocks_in_use() > before);
  for (const Slot& slot : slots) {
    if (slot.block != nullptr) mete::dealloc(system, slot.block, layout(slot.bytes, slot.align));
  }
  METE_EXPECT(heap_is_valid());
  METE_EXPECT(blocks_in_use() == before);
}

}  // namespace

void test() {
  test_alignments();
  test_natural_blocks_are_of_heap_alloc();
  test_zeros_after_dirty_use();
  test_realloc();
  test_failure_is_null();
  test_random_operations();
}
