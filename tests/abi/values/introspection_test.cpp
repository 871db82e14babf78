// mallinfo, mallinfo2, malloc_info, malloc_stats, malloc_trim and mallopt do what they say.

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "abi/checks.h"
#include "support/resident.h"

namespace {

constexpr std::size_t kMib = std::size_t{1} << 20;

std::size_t in_use() {
  const struct mallinfo2 now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

void expect_consistent() {
  const struct mallinfo2 now = mallinfo2();
  EXPECT_GE(now.arena + now.hblkhd, now.uordblks) << "more in use than there is";
  EXPECT_GE(now.arena, now.fordblks) << "more free than there is";
  EXPECT_GE(now.arena + now.hblkhd, now.uordblks + now.fordblks);
  EXPECT_LE(now.keepcost, now.arena + now.hblkhd);
}

class Blocks {
 public:
  Blocks(std::size_t count, std::size_t bytes) : blocks_(count) {
    for (void*& block : blocks_) {
      block = std::malloc(bytes);
      std::memset(block, 1, bytes);
    }
  }
  ~Blocks() { drop(); }
  void drop() {
    for (void* block : blocks_) std::free(block);
    blocks_.clear();
  }

 private:
  std::vector<void*> blocks_;
};

TEST(Mallinfo2, GrowsByWhatIsAllocatedAndFallsByWhatIsFreed) {
  struct Case {
    std::size_t count, bytes;
  };
  for (const Case& load : {Case{200000, 64}, Case{20000, 1000}, Case{1000, 30000},
                           Case{100, 200000}, Case{10, 8 * kMib}}) {
    const std::size_t total = load.count * load.bytes;
    expect_consistent();
    const std::size_t before = in_use();
    Blocks blocks(load.count, load.bytes);
    expect_consistent();
    const std::size_t during = in_use();
    EXPECT_GE(during, before + total) << load.bytes;
    EXPECT_LE(during, before + total + total / 2 + kMib) << load.bytes;
    blocks.drop();
    expect_consistent();
    // A part may stay counted while threads hold it in their caches.
    EXPECT_LE(in_use(), during - total + total / 5 + 64 * 1024) << load.bytes;
  }
}

TEST(Mallinfo2, CountsWhatOtherThreadsHold) {
  const std::size_t before = in_use();
  std::vector<void*> blocks(20000);
  std::thread([&] {
    for (void*& block : blocks) block = std::malloc(500);
  }).join();
  EXPECT_GE(in_use(), before + 20000 * 500);
  for (void* block : blocks) std::free(block);
  expect_consistent();
}

TEST(Mallinfo, AgreesWithMallinfo2) {
  Blocks blocks(10000, 100);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const struct mallinfo narrow = mallinfo();
#pragma GCC diagnostic pop
  const struct mallinfo2 wide = mallinfo2();
  EXPECT_EQ(static_cast<std::size_t>(narrow.uordblks), wide.uordblks);
  EXPECT_EQ(static_cast<std::size_t>(narrow.arena), wide.arena);
  EXPECT_EQ(static_cast<std::size_t>(narrow.hblkhd), wide.hblkhd);
}

// Enough of XML for the question: one root, tags close in order, attributes are quoted.
class XmlReader {
 public:
  explicit XmlReader(const std::string& text) : text_(text) {}

  bool is_well_formed() {
    bool root_seen = false;
    std::vector<std::string> open;
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        if (open.empty() && std::isspace(static_cast<unsigned char>(text_[at_])) == 0) return false;
        if (text_[at_] == '&' || text_[at_] == '>') return false;
        ++at_;
        continue;
      }
      const std::size_t end = text_.find('>', at_);
      if (end == std::string::npos) return false;
      std::string tag = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      if (tag.empty() || tag.find('<') != std::string::npos) return false;
      if (tag[0] == '?') continue;
      if (tag[0] == '/') {
        if (open.empty() || open.back() != tag.substr(1)) return false;
        open.pop_back();
        continue;
      }
      const bool closed = tag.back() == '/';
      if (closed) tag.pop_back();
      const std::string name = tag.substr(0, tag.find(' '));
      if (open.empty() && root_seen) return false;
      root_seen = true;
      if (root_.empty()) root_ = name;
      if (!attributes_are_quoted(tag.substr(name.size()))) return false;
      if (!closed) open.push_back(name);
    }
    return root_seen && open.empty();
  }
  const std::string& root() const { return root_; }

 private:
  static bool attributes_are_quoted(const std::string& text) {
    std::size_t at = 0;
    while ((at = text.find_first_not_of(' ', at)) != std::string::npos) {
      const std::size_t equals = text.find('=', at);
      if (equals == std::string::npos || equals == at || equals + 1 >= text.size()) return false;
      const char quote = text[equals + 1];
      if (quote != '"' && quote != '\'') return false;
      const std::size_t close = text.find(quote, equals + 2);
      if (close == std::string::npos) return false;
      at = close + 1;
    }
    return true;
  }

  const std::string& text_;
  std::string root_;
  std::size_t at_ = 0;
};

TEST(MallocInfo, WritesWellFormedXml) {
  for (int round = 0; round < 3; ++round) {
    Blocks blocks(static_cast<std::size_t>(round) * 1000, 3000);
    char* text = nullptr;
    std::size_t bytes = 0;
    FILE* stream = open_memstream(&text, &bytes);
    ASSERT_NE(stream, nullptr);
    EXPECT_EQ(malloc_info(0, stream), 0);
    std::fclose(stream);
    const std::string xml(text, bytes);
    XmlReader reader(xml);
    EXPECT_TRUE(reader.is_well_formed()) << xml;
    EXPECT_EQ(reader.root(), "malloc");
    std::free(text);
  }
}

TEST(MallocInfo, RefusesOptionsAndWritesNothing) {
  char* text = nullptr;
  std::size_t bytes = 0;
  FILE* stream = open_memstream(&text, &bytes);
  EXPECT_NE(malloc_info(1, stream), 0);
  std::fclose(stream);
  EXPECT_EQ(bytes, 0U);
  std::free(text);
}

TEST(MallocStats, WritesToStderrOnly) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  malloc_stats();
  std::fflush(stderr);
  const std::string error = testing::internal::GetCapturedStderr();
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_GE(error.size(), 20U);
  EXPECT_EQ(error.back(), '\n');
}

TEST(MallocTrim, GivesMemoryBack) {
  struct Case {
    std::size_t count, bytes;
  };
  for (const Case& load :
       {Case{64 * kMib / 128, 128}, Case{64 * kMib / 20000, 20000}, Case{8, 8 * kMib}}) {
    malloc_trim(0);
    const std::size_t before = resident_bytes();
    // A block that stays, allocated last, as a program has it: what is free lies below it.
    void* last = nullptr;
    {
      Blocks blocks(load.count, load.bytes);
      EXPECT_GE(resident_bytes(), before + 60 * kMib);
      last = std::malloc(load.bytes);
    }
    const int result = malloc_trim(0);
    EXPECT_TRUE(result == 0 || result == 1);
    EXPECT_LE(resident_bytes(), before + 4 * kMib) << load.bytes << " bytes a block";
    std::free(last);
  }
}

TEST(MallocTrim, TellsWhetherAnythingWasGivenBack) {
  { Blocks blocks(4000, 4000); }
  EXPECT_LE(malloc_trim(0), 1);
  EXPECT_GE(malloc_trim(~std::size_t{0} >> 1), 0);
  malloc_trim(0);
  if (on_mete()) {
    EXPECT_EQ(malloc_trim(0), 0) << "nothing is left to give back";
  }
}

// malloc(3) and mallopt(3): 1 for a parameter that is known and a value that can be.
TEST(Mallopt, KnowsTheParametersOfGlibc) {
  EXPECT_EQ(mallopt(M_MMAP_THRESHOLD, 256 * 1024), 1);
  EXPECT_EQ(mallopt(M_TRIM_THRESHOLD, 256 * 1024), 1);
  EXPECT_EQ(mallopt(M_TOP_PAD, 64 * 1024), 1);
  EXPECT_EQ(mallopt(M_MMAP_MAX, 65536), 1);
  EXPECT_EQ(mallopt(M_MXFAST, 64), 1);
  EXPECT_EQ(mallopt(M_CHECK_ACTION, 3), 1);
  EXPECT_EQ(mallopt(M_PERTURB, 0), 1);
  EXPECT_EQ(mallopt(M_ARENA_TEST, 2), 1);
  EXPECT_EQ(mallopt(M_ARENA_MAX, 2), 1);
  if (on_mete()) {  // glibc answers 1 to anything
    EXPECT_EQ(mallopt(12345, 1), 0);
    EXPECT_EQ(mallopt(-100, 1), 0);
  }
  void* block = std::malloc(1000);
  EXPECT_NE(block, nullptr);
  std::free(block);
}

}  // namespace
