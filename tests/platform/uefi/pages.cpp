// Memory comes from AllocatePages, page by page as the port counts it, and all goes back: maps that
// are neighbours in one call (C16), a space that ends, a trim, everything at once (C20), and after
// a firmware that has no more.

#include <cstddef>
#include <cstdint>

#include "mete/dlmalloc.h"
#include "mete/port.h"
#include "mete/uefi.h"
#include "platform/program.hpp"
#include "platform/uefi/watched_firmware.hpp"

namespace {

using Firmware = mete::platform::WatchedFirmware;
using mete::uefi::kPage;

constexpr std::size_t kGranularity = 64 << 10;
void* const kNoMemory = reinterpret_cast<void*>(~std::uintptr_t{0});

void expect_pages(std::size_t pages) {
  METE_EXPECT(Firmware::pages == pages);
  METE_EXPECT(mete_uefi_pages() == pages);
}

// Maps until one more lies beside one there is, however the firmware places them.
void test_neighbours() {
  constexpr int kMaps = 64;
  static std::byte* maps[kMaps];
  std::byte* low = nullptr;
  int count = 0;
  void* const last = custom_mmap(kPage);  // so that there are records to the end
  while (low == nullptr) {
    METE_EXPECT(count < kMaps);
    auto* const map = static_cast<std::byte*>(custom_mmap(kGranularity));
    METE_EXPECT(map != kNoMemory);
    for (std::size_t i = 0; i < kGranularity; ++i) map[i] = std::byte{0xa5};
    for (int i = 0; i < count; ++i) {
      if (maps[i] + kGranularity == map) low = maps[i];
      if (map + kGranularity == maps[i]) low = map;
    }
    maps[count++] = map;
  }
  const std::size_t before = Firmware::pages;
  METE_EXPECT(custom_munmap(low, kGranularity / 2) == -1);  // ends inside a map
  METE_EXPECT(custom_munmap(low + kPage, kGranularity) == -1);
  METE_EXPECT(custom_munmap(low, 200 * kGranularity) == -1);  // more than there is
  expect_pages(before);
  METE_EXPECT(custom_munmap(low, 2 * kGranularity) == 0);
  expect_pages(before - 2 * kGranularity / kPage);
  METE_EXPECT(custom_munmap(low, 2 * kGranularity) == -1);  // it is gone
  for (int i = 0; i < count; ++i) {
    if (maps[i] != low && maps[i] != low + kGranularity)
      METE_EXPECT(custom_munmap(maps[i], kGranularity) == 0);
  }
  expect_pages(2);
  METE_EXPECT(custom_munmap(last, kPage) == 0);
  expect_pages(0);
}

// More maps than a page has room for records, returned from the middle outwards.
void test_many_maps() {
  constexpr std::size_t kMaps = 400;
  static void* maps[kMaps];
  for (void*& map : maps) {
    map = custom_mmap(kPage);
    METE_EXPECT(map != kNoMemory);
  }
  expect_pages(kMaps + 2);  // two of records
  for (std::size_t i = 0; i < kMaps; ++i) {
    const std::size_t half = kMaps / 2;
    METE_EXPECT(custom_munmap(maps[i % 2 == 0 ? half + i / 2 : half - 1 - i / 2], kPage) == 0);
  }
  expect_pages(0);
}

void test_space() {
  constexpr std::size_t kBlocks = 500;
  static void* blocks[kBlocks];
  mspace space = create_mspace(0, 1);
  METE_EXPECT(space != nullptr);
  for (void*& block : blocks) {
    block = mspace_malloc(space, 5000);
    METE_EXPECT(block != nullptr);
  }
  const std::size_t footprint = mspace_footprint(space);
  METE_EXPECT(footprint >= kBlocks * 5000);
  expect_pages(footprint / kPage + 1);
  METE_EXPECT(destroy_mspace(space) == footprint);
  expect_pages(0);
  METE_EXPECT(Firmware::level() == mete::uefi::kApplication);
}

void test_trim() {
  void* const kept = dlmalloc(100'000);
  void* const large = dlmalloc(1 << 20);
  METE_EXPECT(kept != nullptr && large != nullptr);
  METE_EXPECT(dlmallinfo().hblks == 1);  // mapped alone
  expect_pages(dlmalloc_footprint() / kPage + 1);
  dlfree(large);
  dlfree(kept);
  dlmalloc_trim(0);
  METE_EXPECT(dlmalloc_footprint() == 0);
  expect_pages(0);
  METE_EXPECT(Firmware::level() == mete::uefi::kApplication);
}

void test_no_memory() {
  for (std::size_t working = 0; working < 2; ++working) {  // no records, no map
    Firmware::calls_that_work = working;
    METE_EXPECT(custom_mmap(kGranularity) == kNoMemory);
    expect_pages(0);
  }
  METE_EXPECT(dlmalloc(100) == nullptr && create_mspace(0, 1) == nullptr);
  expect_pages(0);
  Firmware::calls_that_work = ~std::size_t{0};
  void* const block = dlmalloc(100);
  METE_EXPECT(block != nullptr);
  dlfree(block);
  dlmalloc_trim(0);
  expect_pages(0);
}

// What a driver does as its last.
void test_release_all() {
  mspace space = create_mspace(0, 1);
  METE_EXPECT(mspace_malloc(space, 300'000) != nullptr && dlmalloc(200'000) != nullptr);
  METE_EXPECT(Firmware::pages > 500'000 / kPage);
  mete_uefi_release_all();
  expect_pages(0);
}

}  // namespace

void test() {
  Firmware::start();
  expect_pages(0);
  test_neighbours();
  test_many_maps();
  test_space();
  test_trim();
  test_no_memory();
  test_release_all();
  METE_EXPECT(Firmware::calls > 400);
}
