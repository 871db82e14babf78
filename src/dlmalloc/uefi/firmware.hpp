// The tables of UEFI as far as the port uses them: UEFI specification 2.10, 4.3 (system table), 4.4
// and 7 (boot services), 12.4 (text output); events are for the tests. What is not used is counted,
// so that the rest is where it has to be.

#pragma once

#include <cstddef>
#include <cstdint>

namespace mete::uefi {

using Status = std::size_t;  // 0: success; the highest bit: an error
inline constexpr Status kAborted = ~(~Status{0} >> 1) | 21;

using Level = std::size_t;  // of task priority
inline constexpr Level kApplication = 4;
inline constexpr Level kCallback = 8;
inline constexpr Level kNotify = 16;

inline constexpr std::size_t kPage = 4096;

struct TableHeader {
  std::uint64_t signature;
  std::uint32_t revision;
  std::uint32_t size;
  std::uint32_t checksum;
  std::uint32_t reserved;
};

enum class AllocateType : int { kAnyPages, kMaxAddress, kAddress };
enum class MemoryType : int { kReserved, kLoaderCode, kLoaderData };

struct BootServices {
  TableHeader header;
  Level (*raise_level)(Level to);
  void (*restore_level)(Level before);
  Status (*allocate_pages)(AllocateType, MemoryType, std::size_t pages, std::uint64_t* base);
  Status (*free_pages)(std::uint64_t base, std::size_t pages);
  void* memory_map_and_pool[3];
  Status (*create_event)(std::uint32_t type, Level, void (*notify)(void* event, void* context),
                         void* context, void** event);
  void* timer_and_wait[2];
  Status (*signal_event)(void* event);
  void* close_event_to_start_image[13];
  Status (*exit)(void* image, Status status, std::size_t bytes, char16_t* text);
};
static_assert(offsetof(BootServices, exit) == sizeof(TableHeader) + 24 * sizeof(void*));

struct TextOutput {
  Status (*reset)(TextOutput*, bool extended);
  Status (*output)(TextOutput*, const char16_t* text);
};

struct SystemTable {
  TableHeader header;
  char16_t* vendor;
  std::uint32_t revision;
  void* console_in_handle;
  void* console_in;
  void* console_out_handle;
  TextOutput* console_out;
  void* error_handle;
  TextOutput* error;
  void* runtime_services;
  BootServices* boot_services;
};
static_assert(offsetof(SystemTable, boot_services) == sizeof(TableHeader) + 9 * sizeof(void*));

// What mete_uefi_start was told.
struct Firmware {
  void* image;
  SystemTable* table;
  BootServices* boot;
};
extern constinit Firmware firmware;

// While it lives no event is notified that may use the allocator, so nothing comes between.
class Uninterrupted {
 public:
  Uninterrupted() noexcept : before_(firmware.boot->raise_level(kNotify)) {}
  ~Uninterrupted() { firmware.boot->restore_level(before_); }
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;

 private:
  Level before_;
};

}  // namespace mete::uefi
