// The functions of port.h, on the port of this input. A lock word counts: 0 or 2 is free, 1 held.

#include "fuzz/failing_port.hpp"

using mete::fuzz::FailingPort;

namespace {

std::uintptr_t state_of(void** lock) { return reinterpret_cast<std::uintptr_t>(*lock); }

}  // namespace

extern "C" {

void* custom_mmap(size_t length) { return FailingPort::one().map(length, false); }
void* custom_direct_mmap(size_t length) { return FailingPort::one().map(length, true); }
int custom_munmap(void* base, size_t length) { return FailingPort::one().unmap(base, length); }

void init_lock(void** lock) { *lock = reinterpret_cast<void*>(std::uintptr_t{2}); }
void final_lock(void** lock) { METE_EXPECT(state_of(lock) == 2); }
void acquire_lock(void** lock) {
  METE_EXPECT(state_of(lock) == 2);
  *lock = reinterpret_cast<void*>(std::uintptr_t{1});
}
void release_lock(void** lock) {
  METE_EXPECT(state_of(lock) == 1);
  *lock = reinterpret_cast<void*>(std::uintptr_t{2});
}

void custom_abort(const char* message, const char* source_file, uint32_t line) {
  mete::fuzz::fail(message, source_file, static_cast<int>(line));
}

}  // extern "C"
