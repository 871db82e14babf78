// A lock keeps events out, also nested, and leaves the level of task priority as it was: an event
// that is signalled while a space takes memory, and that uses the same space, comes after.

#include <cstddef>

#include "mete/dlmalloc.h"
#include "mete/port.h"
#include "platform/program.hpp"
#include "platform/uefi/watched_firmware.hpp"

namespace {

using Firmware = mete::platform::WatchedFirmware;
using mete::uefi::AllocateType;
using mete::uefi::kApplication;
using mete::uefi::kNotify;
using mete::uefi::MemoryType;
using mete::uefi::Status;

constexpr std::uint32_t kNotifySignal = 0x200;  // EVT_NOTIFY_SIGNAL

mspace space = nullptr;
void* event = nullptr;
void* block_of_event = nullptr;
std::size_t footprint_seen = 0;

void notified(void*, void*) {
  footprint_seen = mspace_footprint(space);
  block_of_event = mspace_malloc(space, 100);
}

Status allocate_pages_and_signal(AllocateType type, MemoryType memory, std::size_t pages,
                                 std::uint64_t* base) {
  METE_EXPECT(Firmware::boot.signal_event(event) == 0);
  return mete::platform::application.table->boot_services->allocate_pages(type, memory, pages,
                                                                          base);
}

void test_levels() {
  void* outer = nullptr;
  void* inner = nullptr;
  init_lock(&inner);
  acquire_lock(&outer);  // without init_lock (X9)
  METE_EXPECT(Firmware::level() == kNotify);
  acquire_lock(&inner);
  METE_EXPECT(Firmware::level() == kNotify);
  release_lock(&inner);
  METE_EXPECT(Firmware::level() == kNotify);
  release_lock(&outer);
  METE_EXPECT(Firmware::level() == kApplication);
  final_lock(&inner);
}

void test_event() {
  space = create_mspace(0, 1);
  METE_EXPECT(space != nullptr);
  METE_EXPECT(Firmware::boot.create_event(kNotifySignal, mete::uefi::kCallback, notified, nullptr,
                                          &event) == 0);
  const std::size_t before = mspace_footprint(space);
  Firmware::boot.allocate_pages = allocate_pages_and_signal;
  void* const block = mspace_malloc(space, 100'000);
  METE_EXPECT(block != nullptr && block_of_event != nullptr && block != block_of_event);
  // The memory was part of the space already when the event came.
  METE_EXPECT(footprint_seen > before && footprint_seen == mspace_footprint(space));
  METE_EXPECT(Firmware::level() == kApplication);
}

}  // namespace

void test() {
  Firmware::start();
  test_levels();
  test_event();
}
