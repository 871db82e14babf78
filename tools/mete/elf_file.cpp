// Reads ELF headers by copying them out of the mapped bytes: no alignment is assumed, no offset is
// trusted.
#include "elf_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "descriptor.hpp"

namespace mete::cli {
namespace {

template <class T>
std::optional<T> copy_at(std::string_view bytes, std::size_t offset) noexcept {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof(T));
  return value;
}

// The text from `offset` to the next zero byte, or to the end.
std::string_view text_at(std::string_view bytes, std::size_t offset) noexcept {
  if (offset >= bytes.size()) return {};
  bytes.remove_prefix(offset);
  return bytes.substr(0, bytes.find('\0'));
}

std::string_view part(std::string_view bytes, std::size_t offset, std::size_t size) noexcept {
  return offset <= bytes.size() ? bytes.substr(offset, size) : std::string_view{};
}

// Whether a dynamic symbol table holds a definition of `name`. Section headers lead to the table; a
// file stripped of them is taken to define nothing.
bool defines(std::string_view bytes, const ElfW(Ehdr) & header, std::string_view name) noexcept {
  const auto section = [&](std::size_t index) {
    return copy_at<ElfW(Shdr)>(bytes, header.e_shoff + index * sizeof(ElfW(Shdr)));
  };
  if (header.e_shoff == 0 || header.e_shentsize != sizeof(ElfW(Shdr))) return false;
  for (std::size_t i = 0; i < header.e_shnum; ++i) {
    const auto table = section(i);
    if (!table || table->sh_type != SHT_DYNSYM) continue;
    const auto strings = section(table->sh_link);
    if (!strings) return false;
    const std::string_view names = part(bytes, strings->sh_offset, strings->sh_size);
    const std::string_view symbols = part(bytes, table->sh_offset, table->sh_size);
    for (std::size_t at = 0; const auto symbol = copy_at<ElfW(Sym)>(symbols, at);
         at += sizeof(ElfW(Sym))) {
      if (symbol->st_shndx != SHN_UNDEF && text_at(names, symbol->st_name) == name) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<FileBytes> FileBytes::map(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info;
  if (!file || ::fstat(file.get(), &info) != 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return FileBytes({});
  void* const start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (start == MAP_FAILED) return std::nullopt;
  return FileBytes({static_cast<const char*>(start), size});
}

FileBytes::FileBytes(FileBytes&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

FileBytes::~FileBytes() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

bool is_elf(std::string_view bytes) noexcept { return bytes.starts_with(ELFMAG); }

std::optional<ElfPlatform> elf_platform(std::string_view bytes) noexcept {
  // e_machine has the same place in both classes.
  const auto machine = copy_at<std::uint16_t>(bytes, offsetof(ElfW(Ehdr), e_machine));
  if (!machine) return std::nullopt;
  return ElfPlatform{static_cast<unsigned char>(bytes[EI_CLASS]),
                     static_cast<unsigned char>(bytes[EI_DATA]), *machine};
}

std::optional<ElfProgram> read_elf_program(std::string_view bytes) {
  const auto header = copy_at<ElfW(Ehdr)>(bytes, 0);
  if (!header) return std::nullopt;
  ElfProgram program;
  program.executable = header->e_type == ET_EXEC || header->e_type == ET_DYN;
  if (header->e_phentsize != sizeof(ElfW(Phdr)) && header->e_phnum != 0) return std::nullopt;
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    const auto segment = copy_at<ElfW(Phdr)>(bytes, header->e_phoff + i * sizeof(ElfW(Phdr)));
    if (!segment) return std::nullopt;
    if (segment->p_type != PT_INTERP) continue;
    program.interpreter = text_at(part(bytes, segment->p_offset, segment->p_filesz), 0);
    if (program.interpreter.empty()) return std::nullopt;
  }
  program.defines_malloc = defines(bytes, *header, "malloc");
  return program;
}

}  // namespace mete::cli
