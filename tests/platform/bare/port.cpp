// A port of dlmalloc's interface (mete/port.h) to any machine with one thread: memory is 24 KiB in
// static units, of which the first free ones in a row are given. Wrong use of the port by the
// library ends the program.

#include "mete/port.h"

#include <cstddef>
#include <cstdint>

#include "platform/program.hpp"

namespace {

constexpr std::size_t kUnit = 1024;
constexpr std::size_t kUnits = 24;

alignas(kUnit) constinit std::byte memory[kUnits * kUnit]{};
constinit bool is_given[kUnits]{};

// Whether all of the units from `first` on are (not) given.
bool all(std::size_t first, std::size_t count, bool given) noexcept {
  for (std::size_t i = first; i < first + count; ++i)
    if (is_given[i] != given) return false;
  return true;
}

void mark(std::size_t first, std::size_t count, bool given) noexcept {
  for (std::size_t i = first; i < first + count; ++i) is_given[i] = given;
}

}  // namespace

extern "C" {

void* custom_mmap(size_t length) {
  METE_EXPECT(length != 0 && length % kUnit == 0);
  const std::size_t count = length / kUnit;
  for (std::size_t first = 0; count <= kUnits && first <= kUnits - count; ++first) {
    if (!all(first, count, false)) continue;
    mark(first, count, true);
    return memory + first * kUnit;
  }
  return reinterpret_cast<void*>(~std::uintptr_t{0});
}

int custom_munmap(void* base, size_t length) {
  METE_EXPECT(base >= memory && base < memory + sizeof(memory));
  const auto distance = static_cast<std::size_t>(static_cast<std::byte*>(base) - memory);
  METE_EXPECT(distance % kUnit == 0 && length % kUnit == 0);
  METE_EXPECT(length <= sizeof(memory) - distance);
  METE_EXPECT(all(distance / kUnit, length / kUnit, true));
  mark(distance / kUnit, length / kUnit, false);
  return 0;
}

// A lock that is taken names itself.
void init_lock(void** lock) { *lock = nullptr; }
void final_lock(void** lock) { METE_EXPECT(*lock == nullptr); }
void acquire_lock(void** lock) {
  METE_EXPECT(*lock == nullptr);
  *lock = lock;
}
void release_lock(void** lock) {
  METE_EXPECT(*lock == lock);
  *lock = nullptr;
}

void custom_abort(const char* message, const char* source_file, uint32_t line) {
  mete::platform::fail(message, source_file, static_cast<int>(line));
}

}  // extern "C"
