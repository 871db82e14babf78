// The port for Windows, its memory: reservations of VirtualAlloc, committed as a whole.
//
// VirtualFree releases exactly one reservation, by its base, and neighbours may come back in one
// call: VirtualQuery tells where each ends. A reservation begins at a multiple of 64 KiB, so maps
// of a smaller granularity leave addresses unused between them, but no memory.

#include <errno.h>
#include <windows.h>

#include "mete/port.h"

namespace {

void* map(size_t length) {
  void* const base = VirtualAlloc(nullptr, length, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  return base != nullptr ? base : reinterpret_cast<void*>(INT_PTR{-1});
}

// Bytes of the reservation that begins here; 0 if none does. Pages with another protection count.
size_t reservation_at(char* base) {
  MEMORY_BASIC_INFORMATION part;
  char* end = base;
  while (VirtualQuery(end, &part, sizeof(part)) != 0 && part.AllocationBase == base)
    end += part.RegionSize;
  return static_cast<size_t>(end - base);
}

}  // namespace

extern "C" void* custom_mmap(size_t length) { return map(length); }
extern "C" void* custom_direct_mmap(size_t length) { return map(length); }
extern "C" int custom_mmap_clears(void) { return 1; }
extern "C" void custom_no_memory(void) { errno = ENOMEM; }

extern "C" int custom_munmap(void* base, size_t length) {
  auto* const begin = static_cast<char*>(base);
  // All or nothing: first look whether these are whole reservations.
  for (size_t done = 0; done < length;) {
    const size_t bytes = reservation_at(begin + done);
    if (bytes == 0 || bytes > length - done) return -1;
    done += bytes;
  }
  for (size_t done = 0; done < length;) {
    const size_t bytes = reservation_at(begin + done);
    if (!VirtualFree(begin + done, 0, MEM_RELEASE))
      custom_abort("VirtualFree of a reservation fails", __FILE__, __LINE__);
    done += bytes;
  }
  return 0;
}
