// The firmware with this program between it and the port: tables of its own, whose functions for
// pages look at each call and pass it on. Stricter than the firmware is: FreePages takes exactly
// what one call of AllocatePages gave.

#pragma once

#include <cstddef>
#include <cstdint>

#include "dlmalloc/uefi/firmware.hpp"
#include "mete/uefi.h"
#include "platform/program.hpp"
#include "platform/uefi/application.hpp"

namespace mete::platform {

class WatchedFirmware {
 public:
  // From now on the port is on the watched tables, which start as the firmware's.
  static void start() noexcept {
    table = *application.table;
    boot = *table.boot_services;
    table.boot_services = &boot;
    boot.allocate_pages = allocate_pages;
    boot.free_pages = free_pages;
    mete_uefi_start(application.image, &table);
  }

  static constinit uefi::SystemTable table;
  static constinit uefi::BootServices boot;
  static constinit std::size_t pages;            // taken and not given back
  static constinit std::size_t calls;            // of AllocatePages
  static constinit std::size_t calls_that_work;  // of those to come; the others find no memory

  // The level of task priority at this moment.
  static uefi::Level level() noexcept {
    const uefi::Level now = firmware().raise_level(kHighest);
    firmware().restore_level(now);
    return now;
  }

 private:
  struct Taken {
    std::uint64_t base;
    std::size_t pages;
  };
  static constexpr uefi::Level kHighest = 31;
  static constinit Taken taken[512];

  static uefi::BootServices& firmware() noexcept { return *application.table->boot_services; }

  static uefi::Status allocate_pages(uefi::AllocateType type, uefi::MemoryType memory,
                                     std::size_t count, std::uint64_t* base) noexcept {
    METE_EXPECT(level() == uefi::kNotify);  // no event comes between
    ++calls;
    if (calls_that_work == 0) return uefi::kAborted;
    --calls_that_work;
    const uefi::Status status = firmware().allocate_pages(type, memory, count, base);
    METE_EXPECT(status == 0);
    Taken* free = taken;
    while (free->pages != 0) METE_EXPECT(++free < taken + sizeof(taken) / sizeof(taken[0]));
    *free = {*base, count};
    pages += count;
    return 0;
  }

  static uefi::Status free_pages(std::uint64_t base, std::size_t count) noexcept {
    METE_EXPECT(level() == uefi::kNotify);
    Taken* which = taken;
    while (which->base != base || which->pages != count)
      METE_EXPECT(++which < taken + sizeof(taken) / sizeof(taken[0]));
    *which = {};
    pages -= count;
    return firmware().free_pages(base, count);
  }
};

constinit uefi::SystemTable WatchedFirmware::table{};
constinit uefi::BootServices WatchedFirmware::boot{};
constinit std::size_t WatchedFirmware::pages = 0;
constinit std::size_t WatchedFirmware::calls = 0;
constinit std::size_t WatchedFirmware::calls_that_work = ~std::size_t{0};
constinit WatchedFirmware::Taken WatchedFirmware::taken[512]{};

}  // namespace mete::platform
