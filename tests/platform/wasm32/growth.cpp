// The port's memory: growth is contiguous, so a space makes one region of it and fills requests
// larger than any step, also when somebody else grows the memory in between.

#include <cstddef>
#include <cstdint>

#include "mete/dlmalloc.h"
#include "mete/port.h"
#include "mete/space.hpp"
#include "platform/program.hpp"

namespace {

constexpr std::size_t kPage = 64 << 10;
constexpr int kBlocks = 8;

std::size_t memory_pages() { return __builtin_wasm_memory_size(0); }

bool is_none(void* base) { return base == reinterpret_cast<void*>(~std::uintptr_t{0}); }

std::byte* map(std::size_t bytes) {
  void* const base = custom_mmap(bytes);
  METE_EXPECT(!is_none(base));
  return static_cast<std::byte*>(base);
}

// Grows the memory by a page, and marks it.
struct Somebody {
  unsigned char* page = reinterpret_cast<unsigned char*>(__builtin_wasm_memory_grow(0, 1) * kPage);
  Somebody() {
    for (std::size_t i = 0; i < kPage; ++i) page[i] = 77;
  }
  void expect_untouched() const {
    for (std::size_t i = 0; i < kPage; ++i) METE_EXPECT(page[i] == 77);
  }
};

mete::Space::Source growth(std::size_t step) {
  return {[](void*, std::size_t& bytes) -> void* {
            void* const base = custom_mmap(bytes);
            return is_none(base) ? nullptr : base;
          },
          [](void*, void* base, std::size_t bytes) { return custom_munmap(base, bytes) == 0; },
          nullptr, step};
}

void pieces_are_neighbours() {
  const std::size_t before = memory_pages();
  std::byte* const first = map(4096);
  METE_EXPECT(memory_pages() == before + 1);
  METE_EXPECT(map(4096) == first + 4096 && memory_pages() == before + 1);
  METE_EXPECT(map(kPage) == first + 8192 && memory_pages() == before + 2);
  METE_EXPECT(map(3 * kPage - 8192) == first + 8192 + kPage && memory_pages() == before + 4);
  METE_EXPECT(map(kPage) == first + 4 * kPage && memory_pages() == before + 5);
  METE_EXPECT(custom_munmap(first, 4096) == -1);
}

void regions_are_one() {
  mete::Space space(growth(kPage));
  void* blocks[kBlocks];
  for (void*& block : blocks) {
    block = space.allocate(kPage - 1000, 1);
    METE_EXPECT(block != nullptr);
  }
  METE_EXPECT(space.statistics().regions == 1);
  METE_EXPECT(space.statistics().footprint == kBlocks * kPage);
  const std::size_t before = memory_pages();
  for (int i = 2; i < 6; ++i) space.deallocate(blocks[i]);
  void* const large = space.allocate(3 * kPage, 1);
  METE_EXPECT(large == blocks[2] && memory_pages() == before);
  METE_EXPECT(space.check() == nullptr);
}

void somebody_else_grows() {
  mete::Space space(growth(kPage));
  METE_EXPECT(space.allocate(kPage / 2, 1) != nullptr);
  const Somebody somebody;
  void* blocks[kBlocks];
  for (void*& block : blocks) {
    block = space.allocate(kPage - 1000, 1);
    METE_EXPECT(block != nullptr);
  }
  METE_EXPECT(space.statistics().regions == 2);
  for (void* const block : blocks) space.deallocate(block);
  const std::size_t before = memory_pages();
  void* const large = space.allocate((kBlocks - 1) * kPage, 1);
  METE_EXPECT(large == blocks[0] && memory_pages() == before);
  METE_EXPECT(space.check() == nullptr);
  somebody.expect_untouched();
}

void rest_of_a_page_is_used() {
  mete::Space space(growth(4096));
  METE_EXPECT(space.allocate(2000, 1) != nullptr);
  const Somebody somebody;
  for (int i = 0; i < 100; ++i) METE_EXPECT(space.allocate(2000, 1) != nullptr);
  METE_EXPECT(space.statistics().regions == 2 && space.check() == nullptr);
  somebody.expect_untouched();
}

void blocks_of_dlmalloc() {
  void* blocks[kBlocks];
  for (void*& block : blocks) METE_EXPECT((block = dlmalloc(kPage - 1000)) != nullptr);
  const std::size_t footprint = dlmalloc_footprint();
  METE_EXPECT(footprint == kBlocks * kPage);
  for (void* const block : blocks) dlfree(block);
  // Above the threshold for blocks that are mapped alone, which this port has not.
  METE_EXPECT(dlmalloc(kBlocks * kPage - 1000) == blocks[0]);
  METE_EXPECT(dlmalloc_footprint() == footprint && dlmallinfo().hblks == 0);
  METE_EXPECT(dlmalloc_trim(0) == 0);
}

// The module is linked with a most of memory.
void there_is_an_end() {
  const std::size_t before = memory_pages();
  METE_EXPECT(is_none(custom_mmap(std::size_t{1} << 31)));
  METE_EXPECT(is_none(custom_mmap(~std::size_t{0} - kPage + 1)));
  METE_EXPECT(memory_pages() == before);
  std::byte* last = nullptr;
  for (void* base = nullptr; !is_none(base = custom_mmap(kPage));) {
    last = static_cast<std::byte*>(base);
    last[kPage - 1] = std::byte{1};
  }
  METE_EXPECT(last != nullptr &&
              memory_pages() * kPage - reinterpret_cast<std::size_t>(last) < 2 * kPage);
  METE_EXPECT(dlmalloc(100 * kPage) == nullptr);
}

}  // namespace

void test() {
  pieces_are_neighbours();
  regions_are_one();
  somebody_else_grows();
  rest_of_a_page_is_used();
  blocks_of_dlmalloc();
  there_is_an_end();
}
