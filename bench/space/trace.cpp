// Reads a trace: addresses become numbers, which are used again as soon as a block is gone.

#include "trace.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unordered_map>

#include "sequence.hpp"

namespace space_bench {
namespace {

[[noreturn]] void fail(const std::string& path, const char* why) {
  std::fprintf(stderr, "space: %s: %s\n", path.c_str(), why);
  std::exit(2);
}

class Reader {
 public:
  // What was allocated before the recording began is unknown, and so is left out.
  void add(const trace_record& record, Sequence& sequence) {
    const auto kind = record.what & 3;
    const auto bytes = record.what >> 8;
    const auto alignment_log = static_cast<std::uint8_t>(record.what >> 2 & 63);
    if (kind == kTraceAllocate) {
      append(sequence, take(record.result), bytes, Kind::kAllocate, alignment_log);
      return;
    }
    const auto found = numbers_.find(record.block);
    if (found == numbers_.end()) return;
    const std::uint32_t number = found->second;
    numbers_.erase(found);
    if (kind == kTraceReallocate) {
      numbers_[record.result] = number;
      append(sequence, number, bytes, Kind::kReallocate, 0);
    } else {
      free_.push_back(number);
      append(sequence, number, 0, Kind::kDeallocate, 0);
    }
  }

 private:
  std::uint32_t take(std::uint64_t address) {
    std::uint32_t number = count_;
    if (free_.empty()) {
      ++count_;
    } else {
      number = free_.back();
      free_.pop_back();
    }
    numbers_[address] = number;
    return number;
  }

  // Not all peers give a block for nothing: it is one byte here.
  static void append(Sequence& sequence, std::uint32_t number, std::uint64_t bytes, Kind kind,
                     std::uint8_t alignment_log) {
    const auto least = static_cast<std::uint32_t>(bytes == 0 ? 1 : bytes);
    sequence.operations.push_back(
        {number, kind == Kind::kDeallocate ? 0 : least, kind, alignment_log});
  }

  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::uint32_t> free_;
  std::uint32_t count_ = 0;
};

}  // namespace

Sequence read_trace(const std::string& path, std::size_t most) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) fail(path, std::strerror(errno));
  Sequence sequence;
  sequence.name = std::filesystem::path(path).stem();
  Reader reader;
  trace_record record;
  while (sequence.operations.size() < most && std::fread(&record, sizeof(record), 1, file) == 1)
    reader.add(record, sequence);
  std::fclose(file);
  if (sequence.operations.empty()) fail(path, "an empty trace");
  sequence.finish();
  return sequence;
}

}  // namespace space_bench
