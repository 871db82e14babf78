// The operating system's memory service: address ranges and the physical memory behind them.
//
// Words: a range is *reserved* (addresses are ours; pages read zero and take no memory until
// touched) and *released*; pages inside are *decommitted* (their memory goes back, they read zero
// again). Sizes and addresses are multiples of the page size unless said otherwise. Any thread may
// call any of these; none of them allocates or keeps state.

#pragma once

#include <cstddef>

namespace mete::port {

// Size of a page in bytes, read once from the system: 4096, 16384 or 65536.
std::size_t page_size() noexcept;

// Reserves `bytes` of zeroed, readable and writable address space, at `hint` if that is free and
// not null. Returns: the range, or null when the system refuses (no address space, RLIMIT_AS, no
// commit left).
void* reserve(std::size_t bytes, void* hint) noexcept;

// As reserve, for tables that are only read: never counted as committed memory.
void* reserve_read_only(std::size_t bytes) noexcept;

// Gives addresses back. [address, address + bytes) may be a part of a reserved range or span
// adjacent ones. Returns: false when the system refuses (a limit on mappings); the memory then
// stays ours.
bool release(void* address, std::size_t bytes) noexcept;

struct Range {
  void* address;
  std::size_t bytes;
};

// Gives the physical memory of ranges back, in their order and with as few calls of the system as
// it allows. Returns: how many there were before the first that is refused; their pages read zero
// from now on, those of the others kept their contents.
std::size_t decommit(const Range* ranges, std::size_t count) noexcept;

inline bool decommit(void* address, std::size_t bytes) noexcept {
  const Range range{address, bytes};
  return decommit(&range, 1) == 1;
}

enum class Move {
  kDone,     // the pages at `from` are still reserved and read zero
  kVacated,  // done, but the addresses at `from` are no longer ours
  kRefused,  // nothing has changed
};

// Moves the contents of [from, from + bytes) to `to` (reserved; its old contents are lost) without
// copying.
Move move_pages(void* from, void* to, std::size_t bytes) noexcept;

// Asks for huge pages behind the range. A hint: it may do nothing.
void prefer_huge_pages(void* address, std::size_t bytes) noexcept;

}  // namespace mete::port
