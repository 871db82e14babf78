// mete where there is no operating system: the port is two functions that hand out memory of the
// board and take it back. Here the board has 64 KiB of RAM and 256 KiB of slower memory behind it.
//
// Prints:
// 100 sensors in the RAM: yes
// a picture of 100000 bytes: in the slow memory
// slow memory in use at the end: 0 KiB

#include <cstddef>
#include <cstdio>

#include "mete/space.hpp"

namespace {

alignas(16) std::byte ram[64 << 10];
alignas(16) std::byte slow_memory[256 << 10];

// The whole port: a stack of pieces, which is enough for memory that goes back in reverse order.
struct Board {
  std::size_t used = 0;

  static void* take(void* self, std::size_t& bytes) {
    auto& board = *static_cast<Board*>(self);
    if (bytes > sizeof(slow_memory) - board.used) return nullptr;
    std::byte* const piece = slow_memory + board.used;
    board.used += bytes;
    return piece;
  }
  static bool give(void* self, void* base, std::size_t bytes) {
    auto& board = *static_cast<Board*>(self);
    if (static_cast<std::byte*>(base) + bytes != slow_memory + board.used) return false;
    board.used -= bytes;
    return true;
  }
};

struct Sensor {
  int pin;
  int last_value;
};

bool in_ram(const void* ptr) { return ptr >= ram && ptr < ram + sizeof(ram); }

}  // namespace

int main() {
  Board board;
  mete::Space space(ram, {.take = Board::take, .give = Board::give, .context = &board});

  bool all_in_ram = true;
  for (int i = 0; i < 100; ++i) all_in_ram &= in_ram(space.alloc(mete::Layout::of<Sensor>()));
  std::printf("100 sensors in the RAM: %s\n", all_in_ram ? "yes" : "no");

  const auto picture = mete::Layout::array<std::byte>(100'000).value();
  void* const pixels = space.alloc(picture);
  std::printf("a picture of 100000 bytes: %s\n", pixels == nullptr ? "no room"
                                                 : in_ram(pixels)  ? "in the RAM"
                                                                   : "in the slow memory");
  space.dealloc(pixels, picture);
  space.trim();
  std::printf("slow memory in use at the end: %zu KiB\n", board.used >> 10);
}
