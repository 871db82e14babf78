// Several maps that lie side by side go back in one call (C16), although VirtualFree takes one at a
// time; what is no row of whole maps stays as it is.

#include <windows.h>

#include <cstddef>
#include <initializer_list>

#include "mete/dlmalloc.h"
#include "mete/port.h"
#include "platform/program.hpp"

namespace {

constexpr std::size_t kGranularity = 64 << 10;
constexpr unsigned kMaps = 4;

bool is_mapped(const void* address) {
  MEMORY_BASIC_INFORMATION part;
  METE_EXPECT(VirtualQuery(address, &part, sizeof(part)) != 0);
  return part.State == MEM_COMMIT;
}

// Maps of 1, 2, 1, 2 granules in a row, made by the system where there is room for them.
char* map_row(std::size_t& bytes) {
  bytes = 6 * kGranularity;
  auto* const row = static_cast<char*>(VirtualAlloc(nullptr, bytes, MEM_RESERVE, PAGE_READWRITE));
  METE_EXPECT(row != nullptr && VirtualFree(row, 0, MEM_RELEASE));
  std::size_t done = 0;
  for (unsigned i = 0; i < kMaps; ++i) {
    const std::size_t length = (1 + i % 2) * kGranularity;
    void* const map = VirtualAlloc(row + done, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    METE_EXPECT(map == row + done);
    done += length;
  }
  METE_EXPECT(done == bytes);
  return row;
}

void test_row() {
  std::size_t bytes;
  char* const row = map_row(bytes);
  DWORD before;
  METE_EXPECT(VirtualProtect(row + 4096, 4096, PAGE_READONLY, &before));  // still the same map
  METE_EXPECT(custom_munmap(row, bytes) == 0);
  for (std::size_t i = 0; i < bytes; i += kGranularity) METE_EXPECT(!is_mapped(row + i));
  METE_EXPECT(custom_munmap(row, bytes) == -1);  // it is gone
}

void test_what_is_no_row() {
  std::size_t bytes;
  char* const row = map_row(bytes);
  METE_EXPECT(custom_munmap(row, 2 * kGranularity) == -1);                 // ends inside a map
  METE_EXPECT(custom_munmap(row + 2 * kGranularity, kGranularity) == -1);  // begins inside
  METE_EXPECT(VirtualFree(row + 3 * kGranularity, 0, MEM_RELEASE));
  METE_EXPECT(custom_munmap(row, bytes) == -1);  // a hole in it
  for (const std::size_t granule : {0u, 1u, 2u, 4u, 5u})
    METE_EXPECT(is_mapped(row + granule * kGranularity));
  METE_EXPECT(custom_munmap(row, 3 * kGranularity) == 0);
  METE_EXPECT(custom_munmap(row + 4 * kGranularity, 2 * kGranularity) == 0);
  for (std::size_t i = 0; i < bytes; i += kGranularity) METE_EXPECT(!is_mapped(row + i));
}

void test_no_memory() {
  METE_EXPECT(custom_mmap(std::size_t{1} << 60) == reinterpret_cast<void*>(INT_PTR{-1}));
  METE_EXPECT(custom_direct_mmap(std::size_t{1} << 60) == reinterpret_cast<void*>(INT_PTR{-1}));
}

// A space that grows by a granule at a time joins maps that are neighbours, and all goes back.
void test_space() {
  static void* blocks[400];
  mspace space = create_mspace(0, 0);
  METE_EXPECT(space != nullptr);
  for (void*& block : blocks) {
    block = mspace_malloc(space, 20'000);
    METE_EXPECT(block != nullptr);
  }
  const std::size_t footprint = mspace_footprint(space);
  METE_EXPECT(footprint >= 400 * 20'000);
  METE_EXPECT(destroy_mspace(space) == footprint);
  for (const void* block : blocks) METE_EXPECT(!is_mapped(block));
}

// A large block is mapped alone, and unmapped as it is freed.
void test_large_block() {
  void* const block = dlmalloc(1 << 20);
  METE_EXPECT(block != nullptr && dlmallinfo().hblks == 1 && is_mapped(block));
  dlfree(block);
  METE_EXPECT(dlmallinfo().hblks == 0 && !is_mapped(block));
}

}  // namespace

void test() {
  test_row();
  test_what_is_no_row();
  test_no_memory();
  test_space();
  test_large_block();
}
