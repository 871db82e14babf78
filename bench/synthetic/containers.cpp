// An ordinary C++ program as an allocator sees it: an index of words with strings, vectors, an
// ordered and a hashed map and shared pointers, filled, queried, partly erased, and destroyed,
// several times.
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"

namespace {

struct Document {
  std::string title;
  std::vector<std::string> words;
};

std::string make_word(bench::Random& random) {
  std::string word;
  const std::size_t length = random.log_uniform(3, 48);
  for (std::size_t i = 0; i < length; ++i) word += static_cast<char>('a' + random.below(26));
  return word;
}

std::size_t build_and_query(bench::Random& random, std::size_t documents) {
  std::vector<std::string> vocabulary(2000);
  for (std::string& word : vocabulary) word = make_word(random);

  std::map<std::string, std::vector<std::shared_ptr<Document>>> index;
  std::unordered_map<std::string, std::size_t> frequency;
  for (std::size_t i = 0; i < documents; ++i) {
    auto document = std::make_shared<Document>();
    document->title = "document number " + std::to_string(i);
    const std::size_t words = random.between(5, 60);
    for (std::size_t j = 0; j < words; ++j) {
      const std::string& word = vocabulary[random.below(vocabulary.size())];
      document->words.push_back(word);
      index[word].push_back(document);
      ++frequency[word + std::to_string(j % 4)];
    }
  }

  std::size_t checksum = 0;
  for (auto entry = index.begin(); entry != index.end();) {
    for (const auto& document : entry->second) checksum += document->words.size();
    entry = random.one_in(3) ? index.erase(entry) : std::next(entry);
  }
  for (const auto& [word, count] : frequency) checksum += count * word.size();
  return checksum;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "strings, vectors, maps and shared pointers");
  const std::size_t rounds = arguments.number("rounds", 5, "built and destroyed");
  const std::size_t documents = arguments.number("documents", 8000, "in each round");
  arguments.finish();

  std::size_t checksum = 0;
  for (std::size_t round = 0; round < rounds; ++round) {
    bench::Random random(round % 2);
    const std::size_t result = build_and_query(random, documents);
    if (round == 0) checksum = result;
    if (round % 2 == 0 && result != checksum) bench::fail("another checksum", nullptr, result);
  }
  std::printf("containers: checksum %zu\n", checksum);
}
