// Notes of modules on Linux: the dynamic loader tells where their segments are.

#include "port/modules.hpp"

#include <elf.h>
#include <link.h>
#include <string.h>

#include <cstddef>
#include <cstdint>

namespace mete::port {
namespace {

struct Search {
  const char* owner;
  bool (*visit)(void* context, const Note& note);
  void* context;
};

constexpr std::size_t padded(std::size_t bytes) noexcept { return (bytes + 3) & ~std::size_t{3}; }

// A segment of notes: header, name, contents, each padded to 4 bytes; and so on.
bool visit_segment(const Search& search, const char* module, const std::byte* at,
                   std::size_t bytes) noexcept {
  ElfW(Nhdr) header;
  while (bytes >= sizeof(header)) {
    memcpy(&header, at, sizeof(header));
    const std::size_t name = padded(header.n_namesz);
    const std::size_t size = sizeof(header) + name + padded(header.n_descsz);
    if (size > bytes) return false;
    const std::byte* const text = at + sizeof(header);
    const std::size_t length = strlen(search.owner) + 1;
    if (header.n_namesz == length && memcmp(text, search.owner, length) == 0 &&
        search.visit(search.context, {module, text + name})) {
      return true;
    }
    at += size;
    bytes -= size;
  }
  return false;
}

int visit_module(dl_phdr_info* info, std::size_t, void* argument) noexcept {
  const Search& search = *static_cast<const Search*>(argument);
  for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = info->dlpi_phdr[i];
    // Segments aligned to 8 have another padding, and hold nothing that anybody looks for.
    if (segment.p_type != PT_NOTE || segment.p_align > 4) continue;
    const auto* const memory =
        reinterpret_cast<const std::byte*>(info->dlpi_addr + segment.p_vaddr);
    if (visit_segment(search, info->dlpi_name, memory, segment.p_memsz)) return 1;
  }
  return 0;
}

}  // namespace

void for_each_note(const char* owner, bool (*visit)(void* context, const Note& note),
                   void* context) noexcept {
  Search search{owner, visit, context};
  dl_iterate_phdr(visit_module, &search);
}

}  // namespace mete::port
