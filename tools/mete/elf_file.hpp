// What an ELF file says about itself, as far as it decides whether a library can be preloaded into
// it.
//
// The file is mapped and read through bounds checks: it comes from the user and may be damaged on
// purpose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mete::cli {

// A file's bytes, mapped for reading. Empty files have no bytes.
class FileBytes {
 public:
  // Nothing, with errno set, if the file cannot be opened or mapped.
  static std::optional<FileBytes> map(const std::string& path);

  FileBytes(FileBytes&& other) noexcept;
  FileBytes& operator=(FileBytes&&) = delete;
  ~FileBytes();

  std::string_view text() const noexcept { return bytes_; }

 private:
  explicit FileBytes(std::string_view bytes) noexcept : bytes_(bytes) {}
  std::string_view bytes_;
};

bool is_elf(std::string_view bytes) noexcept;

// Which processors and calling convention a file is for; equal or not.
struct ElfPlatform {
  unsigned char width = 0;  // EI_CLASS
  unsigned char order = 0;  // EI_DATA
  std::uint16_t machine = 0;

  friend bool operator==(const ElfPlatform&, const ElfPlatform&) = default;
};

// Requires: is_elf(bytes). Nothing if the header is cut short.
std::optional<ElfPlatform> elf_platform(std::string_view bytes) noexcept;

struct ElfProgram {
  bool executable = false;      // ET_EXEC or ET_DYN
  std::string interpreter;      // PT_INTERP; empty: static
  bool defines_malloc = false;  // in its dynamic symbols, so in front of every preloaded library
};

// Requires: the file is for the platform of this program.
// Returns nothing if the headers point outside the file.
std::optional<ElfProgram> read_elf_program(std::string_view bytes);

}  // namespace mete::cli
