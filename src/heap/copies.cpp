// How copies find each other: every file that mete is linked into carries a note (port/modules.hpp)
// that leads to these two.

#include "heap/copies.hpp"

#include <string.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/compiler.hpp"
#include "base/text.hpp"
#include "heap/slow_path.hpp"
#include "port/modules.hpp"
#include "port/process.hpp"

// Whether the address lies in a block of this copy.
extern "C" [[gnu::used, gnu::visibility("hidden")]] bool mete_copy_owns(
    const void* pointer) noexcept {
  return mete::heap::owns(pointer);
}

// Copies that were there when they were last announced.
extern "C" {
[[gnu::used, gnu::visibility("hidden")]] constinit std::atomic<std::uint32_t> mete_copy_announced{
    0};
}

// Type 1 of the owner "mete": two distances of 32 bits, each from where it is written.
__asm__(R"(
  .pushsection .note.mete, "a", %note
  .balign 4
  .long 5, 8, 1
  .asciz "mete"
  .balign 4
0: .long mete_copy_owns - 0b
1: .long mete_copy_announced - 1b
  .popsection
)");

namespace mete::heap {
namespace {

using Owns = bool(const void*) noexcept;
using Announced = std::atomic<std::uint32_t>;

template <class T>
T* at_distance(const void* descriptor, unsigned index) noexcept {
  const auto* const place =
      static_cast<const std::byte*>(descriptor) + index * sizeof(std::int32_t);
  std::int32_t distance;
  memcpy(&distance, place, sizeof(distance));
  return reinterpret_cast<T*>(reinterpret_cast<std::intptr_t>(place) + distance);
}

struct Question {
  const void* pointer;
  const char* answer = nullptr;
};

bool ask(void* context, const port::Note& note) noexcept {
  auto& question = *static_cast<Question*>(context);
  Owns* const owns = at_distance<Owns>(note.descriptor, 0);
  if (owns == &mete_copy_owns || !owns(question.pointer)) return false;
  question.answer = note.module[0] != '\0' ? note.module : "the program";
  return true;
}

struct Census {
  std::uint32_t count = 0;
  base::Text names;
};

bool count(void* context, const port::Note& note) noexcept {
  auto& census = *static_cast<Census*>(context);
  census.names.add(census.count++ == 0 ? "" : ", ");
  census.names.add(note.module[0] != '\0' ? note.module : "the program");
  return false;
}

bool set_announced(void* context, const port::Note& note) noexcept {
  at_distance<Announced>(note.descriptor, 1)
      ->store(static_cast<const Census*>(context)->count, std::memory_order_relaxed);
  return false;
}

// One line when there is more than one copy, by the first that sees them all.
__attribute__((constructor(102))) void announce() noexcept {
  Census census;
  port::for_each_note("mete", count, &census);
  if (census.count <= 1 || mete_copy_announced.load(std::memory_order_relaxed) >= census.count)
    return;
  port::for_each_note("mete", set_announced, &census);
  base::Text line;
  line.add("mete: ").add(std::uint64_t{census.count}).add(" copies in this process: ");
  line.add(census.names.terminated(), 800).add("; each has blocks of its own\n");
  port::write_error(line.data(), line.size());
}

}  // namespace

METE_COLD const char* other_copy_of(const void* pointer) noexcept {
  Question question{pointer};
  port::for_each_note("mete", ask, &question);
  return question.answer;
}

}  // namespace mete::heap
