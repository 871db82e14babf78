// Guests: larger blocks in the free stretches of a slab that is mostly free.
//
//   |###|   |   |   |   |###|   |###|     blocks of the slab's class, A
//   |###|   | [ guest of B  ]   |###|     one of a larger class, B, on three of them
//               ^ joined: the two behind the first
//
// A guest starts at the first address in a block that is aligned as its class is (size_class.hpp).
//
// A program that has freed most of its blocks and goes on with larger ones would hold both: the
// blocks that are left keep nearly every slab. A guest is a stretch of free blocks that is handed
// out as one. The slab word still says A, so the one who frees it puts it into a bin of A, and may
// be handed it as a block of A next, which it is; only what asks how large a block is, and what
// puts it back into its slab, looks at the joined bits.

#pragma once

#include <cstddef>
#include <cstdint>

#include "heap/block.hpp"
#include "heap/slab.hpp"

namespace mete::heap {

// Whether blocks of a class fit well between those of another.
bool may_host(SizeClass host, SizeClass guest) noexcept;

// Makes the slab one that can have guests. Returns: false when there is no memory for its bits.
bool prepare_host(Slab& slab) noexcept;

// Makes up to `most` guests of free blocks, lowest addresses first, on pages without memory only if
// `clean_too`. Requires: may_host() and prepare_host() have said yes.
BlockList take_guests(Slab& slab, std::byte* memory, SizeClass guest, std::uint32_t most,
                      unsigned page_shift, bool clean_too) noexcept;

// Whether a guest may start at `offset`, which is not where a block does.
bool may_start_guest(const Slab& slab, std::uint32_t offset) noexcept;

// Ends a guest, if one starts at the block. Dies if the block lies inside of one. Returns: blocks
// that were joined to it.
std::uint32_t part_guest(Slab& slab, std::uint32_t index, const Block* block) noexcept;

// Blocks that are joined to others in the slab.
std::uint32_t joined_blocks(const Slab& slab) noexcept;

// Bytes of a block in use at `offset`. Any thread that may use the block, without the lock.
std::size_t bytes_of_block(const Slab& slab, SizeClass size_class, std::uint32_t offset) noexcept;

}  // namespace mete::heap
