// Sizes as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mete::cli {

// "512K", "512M", "2G", "1T" (also 512MiB, 512MB; all powers of two) in MiB, rounded up; "0" is 0.
// Nothing for anything else, a plain number included: it would not say its unit.
std::optional<std::int64_t> parse_mebibytes(std::string_view text);

// "17 B", "1.5 KiB", "123.4 MiB".
std::string format_bytes(std::uint64_t bytes);

}  // namespace mete::cli
