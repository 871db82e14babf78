// Space for Rust: the object lies at the start of the first piece of its memory, since Rust moves
// what C++ may not. Everything else is the space's.
//
//   | unused | Space | region: chunks ...            |
//   `-> memory, as it was given

#include "mete/space.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "base/bits.hpp"
#include "base/check.hpp"

namespace {

using mete::Space;

// Mistakes that the space notices end the process, with a line that says which.
void report(const char* message, const void*) { mete::base::panic(message); }

struct Piece {
  void* address;
  std::size_t size;
  bool in_use;
};

struct Pieces {
  std::span<Piece> into;
  std::size_t count = 0;

  static void add(void* self, void* address, std::size_t size, bool in_use) {
    Pieces& pieces = *static_cast<Pieces*>(self);
    if (pieces.count < pieces.into.size()) pieces.into[pieces.count] = {address, size, in_use};
    ++pieces.count;
  }
};

}  // namespace

// As in rust/mete/src/space.rs, field by field.
static_assert(sizeof(Space::Statistics) == 6 * sizeof(std::size_t));

extern "C" {

// A space on a piece of memory; null if that is too small for it and a block.
Space* mete_rust_space_new(std::byte* memory, std::size_t bytes) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  const std::size_t taken =
      mete::base::round_up(address, std::uintptr_t{alignof(Space)}) - address + sizeof(Space);
  if (bytes <= taken) return nullptr;
  auto* const space = new (memory + taken - sizeof(Space)) Space;
  space->set_error_handler(report);
  return space->add_region(memory + taken, bytes - taken) ? space : nullptr;
}

bool mete_rust_space_add_region(Space* space, void* memory, std::size_t bytes) noexcept {
  return space->add_region(memory, bytes);
}

void* mete_rust_space_alloc(Space* space, std::size_t size, std::size_t align) noexcept {
  return space->allocate(size, align);
}
void mete_rust_space_dealloc(Space* space, void* block) noexcept { space->deallocate(block); }
void* mete_rust_space_realloc(Space* space, void* block, std::size_t new_size,
                              std::size_t align) noexcept {
  return space->reallocate(block, new_size, align);
}
std::size_t mete_rust_space_usable_size(const void* block) noexcept {
  return Space::usable_size(block);
}

void mete_rust_space_reset(Space* space) noexcept { space->reset(); }
void mete_rust_space_set_limit(Space* space, std::size_t footprint) noexcept {
  space->set_limit(footprint);
}
bool mete_rust_space_owns(const Space* space, const void* address) noexcept {
  return space->owns(address);
}
void mete_rust_space_statistics(const Space* space, Space::Statistics* out) noexcept {
  *out = space->statistics();
}

// What is wrong with the space; null if all is well.
const char* mete_rust_space_check(const Space* space) noexcept { return space->check(); }

// The first pieces of all regions, as many as there is room for. Returns: how many there are.
std::size_t mete_rust_space_walk(const Space* space, Piece* pieces, std::size_t count) noexcept {
  Pieces found{{pieces, count}};
  space->walk(Pieces::add, &found);
  return found.count;
}

}  // extern "C"
