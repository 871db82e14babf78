// The port for UEFI, its memory: pages of the boot services. Every map is recorded, so that each
// goes back as it was given although several may come back in one call, and so that a driver can
// give back what is left (C20). The records lie in an array in pages of their own, which doubles
// when it is full and goes back with the last map.

#include "dlmalloc/uefi/firmware.hpp"
#include "mete/port.h"
#include "mete/uefi.h"

namespace mete::uefi {

constinit Firmware firmware{};

namespace {

struct Map {
  std::uint64_t base;
  std::size_t pages;
};

// records[0, count) are the maps, in no order; there is room for kPage / sizeof(Map) a page.
constinit Map* records = nullptr;
constinit std::size_t count = 0;
constinit std::size_t record_pages = 0;

void* const kNoMemory = reinterpret_cast<void*>(~std::uintptr_t{0});

constexpr std::size_t pages_of(std::size_t length) { return (length + kPage - 1) / kPage; }

// Returns: the address, 0 if there is no memory.
std::uint64_t take(std::size_t pages) noexcept {
  std::uint64_t base = 0;
  const Status status =
      firmware.boot->allocate_pages(AllocateType::kAnyPages, MemoryType::kLoaderData, pages, &base);
  return status == 0 ? base : 0;
}

void give(std::uint64_t base, std::size_t pages) noexcept {
  if (firmware.boot->free_pages(base, pages) != 0)
    custom_abort("FreePages of allocated pages fails", __FILE__, __LINE__);
}

void give_records() noexcept {
  if (record_pages != 0) give(reinterpret_cast<std::uint64_t>(records), record_pages);
  records = nullptr;
  record_pages = 0;
}

bool has_room_for_record() noexcept {
  if (count < record_pages * (kPage / sizeof(Map))) return true;
  const std::size_t pages = record_pages != 0 ? 2 * record_pages : 1;
  auto* const room = reinterpret_cast<Map*>(take(pages));
  if (room == nullptr) return false;
  for (std::size_t i = 0; i < count; ++i) room[i] = records[i];
  give_records();
  records = room;
  record_pages = pages;
  return true;
}

}  // namespace
}  // namespace mete::uefi

using namespace mete::uefi;

extern "C" void* custom_mmap(size_t length) {
  const Uninterrupted here;
  if (!has_room_for_record()) return kNoMemory;
  const std::uint64_t base = take(pages_of(length));
  if (base != 0) records[count++] = {base, pages_of(length)};
  if (count == 0) give_records();
  return base != 0 ? reinterpret_cast<void*>(base) : kNoMemory;
}

extern "C" void* custom_direct_mmap(size_t length) { return custom_mmap(length); }

extern "C" int custom_munmap(void* base, size_t length) {
  const Uninterrupted here;
  const auto begin = reinterpret_cast<std::uint64_t>(base);
  const std::uint64_t end = begin + pages_of(length) * kPage;
  const auto is_inside = [=](const Map& map) {
    return map.base >= begin && map.base + map.pages * kPage <= end;
  };
  // Maps do not overlap: if those that lie inside make up the length, they are all that there is.
  std::uint64_t inside = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (is_inside(records[i])) inside += records[i].pages * kPage;
  }
  if (inside != end - begin) return -1;
  for (std::size_t i = 0; i < count;) {
    const Map map = records[i];
    if (is_inside(map)) {
      give(map.base, map.pages);
      records[i] = records[--count];
    } else {
      ++i;
    }
  }
  if (count == 0) give_records();
  return 0;
}

extern "C" void mete_uefi_start(void* image, void* system_table) {
  auto* const table = static_cast<SystemTable*>(system_table);
  firmware = {image, table, table->boot_services};
}

extern "C" size_t mete_uefi_pages(void) {
  const Uninterrupted here;
  std::size_t pages = record_pages;
  for (std::size_t i = 0; i < count; ++i) pages += records[i].pages;
  return pages;
}

extern "C" void mete_uefi_release_all(void) {
  const Uninterrupted here;
  while (count != 0) {
    --count;
    give(records[count].base, records[count].pages);
  }
  give_records();
}
