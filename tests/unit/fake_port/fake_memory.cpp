// The memory service of the fake port: an arena of addresses from which ranges are handed out and
// taken back.
//
// Ranges without a hint lie upward from the middle of the arena with a gap below each, so that a
// hint right below the newest range usually finds room, as on a system whose addresses are not
// crowded.

#include "port/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "unit/fake_port/fake_port.hpp"

namespace mete::fake_port {
namespace {

// Below each range without a hint, unless hints are of no use.
constexpr unsigned kArenaBits = !METE_SMALL_ARENA ? 40 : sizeof(void*) == 8 ? 30 : 29;
constexpr std::size_t kGap = std::size_t{METE_SMALL_ARENA ? 8 : 256} << 20;
constexpr std::size_t kSmallGap = std::size_t{64} << 10;

struct Fault {
  std::uint64_t at = 0;  // number of the first call that fails, 0: none
  std::uint64_t times = 0;
};

struct State {
  std::recursive_mutex mutex;
  std::size_t page = 4096;
  std::uintptr_t arena = 0;
  std::size_t arena_bytes = std::size_t{1} << kArenaBits;
  std::uintptr_t cursor = 0;                          // ranges without a hint lie above it
  std::map<std::uintptr_t, std::uintptr_t> reserved;  // start -> end, not overlapping, not joined
  std::size_t reserved_bytes = 0;
  std::size_t most_reserved = ~std::size_t{0};
  std::array<std::uint64_t, static_cast<std::size_t>(Call::kCount)> calls{};
  std::array<std::uint64_t, static_cast<std::size_t>(Call::kCount)> failed{};
  std::array<Fault, static_cast<std::size_t>(Call::kCount)> faults{};
  std::array<std::function<void(const void*, std::size_t)>, static_cast<std::size_t>(Call::kCount)>
      hooks;
  std::size_t largest_move = ~std::size_t{0};
  bool vacate = false;
  bool deny_hints = false;
  std::uintptr_t locked = 0;  // in this page
};

State& state() {
  static auto* const the_state = new State;  // outlives everything
  return *the_state;
}

[[noreturn]] void die(const char* what, const void* address, std::size_t bytes) {
  std::fprintf(stderr, "fake port: %s: %p + %zu\n", what, address, bytes);
  std::abort();
}

std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }
void* pointer(std::uintptr_t address) { return reinterpret_cast<void*>(address); }

void check_multiple(const State& s, const void* address, std::size_t bytes) {
  if (bytes == 0 || bytes % s.page != 0 || number(address) % s.page != 0) {
    die("not a multiple of the page size", address, bytes);
  }
}

// Whether [from, to) is free of reserved ranges.
bool vacant(const State& s, std::uintptr_t from, std::uintptr_t to) {
  auto next = s.reserved.lower_bound(from);
  if (next != s.reserved.end() && next->first < to) return false;
  return next == s.reserved.begin() || std::prev(next)->second <= from;
}

bool covered(const State& s, std::uintptr_t from, std::uintptr_t to) {
  while (from < to) {
    auto range = s.reserved.upper_bound(from);
    if (range == s.reserved.begin() || (--range)->second <= from) return false;
    from = range->second;
  }
  return true;
}

void erase(State& s, std::uintptr_t from, std::uintptr_t to) {
  auto range = std::prev(s.reserved.upper_bound(from));
  while (range != s.reserved.end() && range->first < to) {
    const auto [start, end] = *range;
    range = s.reserved.erase(range);
    if (start < from) s.reserved.emplace(start, from);
    if (end > to) s.reserved.emplace(to, end);
  }
  s.reserved_bytes -= to - from;
}

void protect(std::uintptr_t from, std::size_t bytes, int protection) {
  if (mprotect(pointer(from), bytes, protection) != 0) die("mprotect failed", pointer(from), bytes);
}

void forget_contents(std::uintptr_t from, std::size_t bytes) {
  if (madvise(pointer(from), bytes, MADV_DONTNEED) != 0)
    die("madvise failed", pointer(from), bytes);
}

// Counts a call. Returns: whether it is to go on.
bool enter(Call call, const void* address, std::size_t bytes) {
  static thread_local bool inside = false;
  State& s = state();
  const auto index = static_cast<std::size_t>(call);
  std::function<void(const void*, std::size_t)> hook;
  bool fails = false;
  {
    const std::lock_guard guard(s.mutex);
    const std::uint64_t now = ++s.calls[index];
    const Fault& fault = s.faults[index];
    fails = fault.at != 0 && now >= fault.at && now - fault.at < fault.times;
    if (fails) ++s.failed[index];
    if (!inside) hook = s.hooks[index];
  }
  if (hook) {
    inside = true;
    hook(address, bytes);
    inside = false;
  }
  return !fails;
}

void* reserve(std::size_t bytes, const void* hint, int protection) {
  State& s = state();
  const std::lock_guard guard(s.mutex);
  check_multiple(s, nullptr, bytes);
  if (bytes > s.most_reserved || s.reserved_bytes > s.most_reserved - bytes) return nullptr;
  if (s.arena == 0) {
    void* arena =
        mmap(nullptr, s.arena_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arena == MAP_FAILED) die("no arena", nullptr, s.arena_bytes);
    s.arena = number(arena);
    s.cursor = s.arena + s.arena_bytes / 4;
  }
  std::uintptr_t from = number(hint);
  const bool at_hint = hint != nullptr && !s.deny_hints && from % s.page == 0 && from >= s.arena &&
                       bytes <= s.arena_bytes && from + bytes <= s.arena + s.arena_bytes &&
                       vacant(s, from, from + bytes);
  if (!at_hint) {
    const std::uintptr_t unit = std::size_t{64} << 10;
    from = (s.cursor + (s.deny_hints ? kSmallGap : kGap)) / unit * unit;
    if (bytes > s.arena_bytes || from + bytes > s.arena + s.arena_bytes) return nullptr;
    s.cursor = from + bytes;
  }
  protect(from, bytes, protection);
  s.reserved.emplace(from, from + bytes);
  s.reserved_bytes += bytes;
  return pointer(from);
}

}  // namespace

void set_page_size(std::size_t bytes) { state().page = bytes; }
void set_arena(std::size_t bytes) { state().arena_bytes = bytes; }

void fail(Call call, std::uint64_t nth, std::uint64_t times) {
  State& s = state();
  const std::lock_guard guard(s.mutex);
  const auto index = static_cast<std::size_t>(call);
  s.faults[index] = {s.calls[index] + nth, times};
}

void stop_failing() {
  State& s = state();
  const std::lock_guard guard(s.mutex);
  s.faults = {};
}

void refuse_moves_above(std::size_t bytes) { state().largest_move = bytes; }
void vacate_on_move(bool vacate) { state().vacate = vacate; }
void deny_hints(bool deny) { state().deny_hints = deny; }
void lock_page(const void* address) { state().locked = number(address); }
void limit_reserved(std::size_t bytes) { state().most_reserved = bytes; }

void skip_addresses(std::size_t bytes) {
  State& s = state();
  if (s.arena_bytes / 2 > bytes) s.cursor += bytes;
}

std::uint64_t calls(Call call) {
  const std::lock_guard guard(state().mutex);
  return state().calls[static_cast<std::size_t>(call)];
}

std::uint64_t failed(Call call) {
  const std::lock_guard guard(state().mutex);
  return state().failed[static_cast<std::size_t>(call)];
}

std::size_t reserved_bytes() {
  const std::lock_guard guard(state().mutex);
  return state().reserved_bytes;
}

bool is_reserved(const void* address, std::size_t bytes) {
  const std::lock_guard guard(state().mutex);
  return covered(state(), number(address), number(address) + bytes);
}

std::size_t resident_pages(const void* address, std::size_t bytes) {
  const auto real = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t from = number(address) / real * real;
  std::vector<unsigned char> here((number(address) + bytes - from + real - 1) / real);
  if (mincore(pointer(from), here.size() * real, here.data()) != 0)
    die("mincore failed", address, bytes);
  std::size_t sum = 0;
  for (const unsigned char page : here) sum += page & 1u;
  return sum;
}

void on_call(Call call, std::function<void(const void* address, std::size_t bytes)> hook) {
  const std::lock_guard guard(state().mutex);
  state().hooks[static_cast<std::size_t>(call)] = std::move(hook);
}

}  // namespace mete::fake_port

namespace mete::port {

using namespace fake_port;

std::size_t page_size() noexcept { return state().page; }

void* reserve(std::size_t bytes, void* hint) noexcept {
  return enter(Call::kReserve, hint, bytes)
             ? fake_port::reserve(bytes, hint, PROT_READ | PROT_WRITE)
             : nullptr;
}

void* reserve_read_only(std::size_t bytes) noexcept {
  return enter(Call::kReserveReadOnly, nullptr, bytes)
             ? fake_port::reserve(bytes, nullptr, PROT_READ)
             : nullptr;
}

bool release(void* address, std::size_t bytes) noexcept {
  if (!enter(Call::kRelease, address, bytes)) return false;
  State& s = state();
  const std::lock_guard guard(s.mutex);
  check_multiple(s, address, bytes);
  const std::uintptr_t from = number(address);
  if (!covered(s, from, from + bytes)) die("release of what is not reserved", address, bytes);
  erase(s, from, from + bytes);
  protect(from, bytes, PROT_NONE);
  forget_contents(from, bytes);
  return true;
}

std::size_t decommit(const Range* ranges, std::size_t count) noexcept {
  if (count == 0) die("decommit of no range", nullptr, 0);
  if (!enter(Call::kDecommit, ranges[0].address, ranges[0].bytes)) return 0;
  State& s = state();
  const std::lock_guard guard(s.mutex);
  for (std::size_t i = 0; i < count; ++i) {
    const auto [address, bytes] = ranges[i];
    check_multiple(s, address, bytes);
    const std::uintptr_t from = number(address);
    if (!covered(s, from, from + bytes)) die("decommit of what is not reserved", address, bytes);
    if (s.locked >= from && s.locked < from + bytes) return i;
    forget_contents(from, bytes);
  }
  return count;
}

Move move_pages(void* from, void* to, std::size_t bytes) noexcept {
  if (!enter(Call::kMove, from, bytes)) return Move::kRefused;
  State& s = state();
  const std::lock_guard guard(s.mutex);
  check_multiple(s, from, bytes);
  check_multiple(s, to, bytes);
  const std::uintptr_t source = number(from);
  const std::uintptr_t target = number(to);
  if (!covered(s, source, source + bytes)) die("move of what is not reserved", from, bytes);
  if (!covered(s, target, target + bytes)) die("move to what is not reserved", to, bytes);
  if (source < target + bytes && target < source + bytes) die("move onto itself", to, bytes);
  if (bytes > s.largest_move) return Move::kRefused;
  std::memcpy(to, from, bytes);
  forget_contents(source, bytes);
  if (!s.vacate) return Move::kDone;
  erase(s, source, source + bytes);
  protect(source, bytes, PROT_NONE);
  return Move::kVacated;
}

void prefer_huge_pages(void* address, std::size_t bytes) noexcept {
  if (!enter(Call::kHugePages, address, bytes)) return;
  const std::lock_guard guard(state().mutex);
  check_multiple(state(), address, bytes);
  if (!covered(state(), number(address), number(address) + bytes))
    die("huge pages behind nothing", address, bytes);
}

}  // namespace mete::port
