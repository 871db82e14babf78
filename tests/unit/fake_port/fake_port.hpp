// A port for tests: real memory behind it, but every call is counted, checked and can be made to
// fail.
//
//   reserved    readable and writable, zero          a call on anything that is not reserved ends
//   the test released    no access: who touches it crashes; the addresses are not used again in the
//   same place at once decommitted reserved, zero again
//
// The time stands still unless a test moves it. Page sizes of 16 KiB and 64 KiB can be pretended.
// The engine linked with it is the one of src/, with this folder in place of src/port/linux.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace mete::fake_port {

enum class Call : unsigned {
  kReserve,
  kReserveReadOnly,
  kRelease,
  kDecommit,
  kMove,
  kHugePages,
  kCount
};

// For the name of a test with a Call as its parameter.
inline void PrintTo(Call call, std::ostream* out) { *out << static_cast<unsigned>(call); }

// What page_size() answers. Before the engine asks for the first time. A multiple of the real one.
void set_page_size(std::size_t bytes);

// Addresses that there are in all, 1 TiB unless told otherwise; 1 GiB (512 MiB of 32 bits) on other
// platforms, where an emulator looks at each page of it. Before the first is reserved.
void set_arena(std::size_t bytes);

// ---- faults ----

// From now on the `nth` call of this kind (1: the next) fails, and the `times - 1` after it.
void fail(Call call, std::uint64_t nth, std::uint64_t times = 1);
inline constexpr std::uint64_t kForever = ~std::uint64_t{0} >> 1;
void stop_failing();

// Moves of more than `bytes` are refused, as where two mappings meet.
void refuse_moves_above(std::size_t bytes);
// A move leaves no addresses behind at its source.
void vacate_on_move(bool vacate);
// Reserving at a hint never succeeds; the range lies elsewhere.
void deny_hints(bool deny);
// Ranges with this address in them are not decommitted, and none after them in the same call. Null:
// no longer.
void lock_page(const void* address);
// Reserving fails if more than `bytes` would be reserved then.
void limit_reserved(std::size_t bytes);
// The next range without a hint lies this much further up, if the arena is large enough for that.
void skip_addresses(std::size_t bytes);

// ---- what happened ----

std::uint64_t calls(Call call);   // since the start, failed ones included
std::uint64_t failed(Call call);  // of these
std::size_t reserved_bytes();
bool is_reserved(const void* address, std::size_t bytes);
// Pages of the real page size in the range that have memory behind them.
std::size_t resident_pages(const void* address, std::size_t bytes);

// Runs in every call of this kind, before its effect, in the thread that makes it. Not inside
// itself.
void on_call(Call call, std::function<void(const void* address, std::size_t bytes)> hook);

// ---- clock, threads, process ----

void set_milliseconds(std::uint64_t now);
void advance_milliseconds(std::uint64_t by);

// Does for the calling thread what its end would do: what it allocates from now on, it allocates
// when it is dead.
void end_thread();

// fork() with the handlers of the engine around it.
int fork_with_handlers();

void set_environment(const char* name, const char* value);
// What was written to standard error so far.
std::string written_errors();

}  // namespace mete::fake_port
