// Threads whose end allocates and frees: C++ thread_local objects and pthread keys, the latter in
// all the rounds that POSIX gives. The allocator's own end of thread comes somewhere among them;
// whatever comes later has to be served, too, and may not cost memory for each thread that ever
// was.

#include <limits.h>
#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "abi/checks.h"
#include "support/resident.h"

namespace {

constexpr int kKeys = 8;
constexpr int kRounds = PTHREAD_DESTRUCTOR_ITERATIONS;
constexpr std::size_t kMib = std::size_t{1} << 20;

std::atomic<int> destructor_calls{0};
std::atomic<int> objects_destroyed{0};
std::atomic<unsigned char*> left_behind{nullptr};
pthread_key_t keys[kKeys];

// Small and large blocks, resized and freed, contents checked.
void churn(std::size_t seed) {
  for (std::size_t i = 0; i < 20; ++i) {
    const std::size_t bytes = i == 7 ? 150000 : (seed + i) * 97 % 4000 + 1;
    auto* block = static_cast<unsigned char*>(std::malloc(bytes));
    CHECK(block != nullptr);
    std::memset(block, 0x3E, bytes);
    block = static_cast<unsigned char*>(std::realloc(block, bytes * 2));
    CHECK(block != nullptr && block[0] == 0x3E && block[bytes - 1] == 0x3E);
    std::free(block);
    delete new std::string(bytes, 'c');
  }
}

struct Value {
  int key;
  int rounds_left;
  unsigned char* payload;
};

void at_thread_end(void* argument) {
  auto* value = static_cast<Value*>(argument);
  ++destructor_calls;
  CHECK(value->payload[0] == 0x77 && value->payload[2999] == 0x77);
  churn(static_cast<std::size_t>(value->key));
  if (--value->rounds_left > 0) {
    // Sets itself again, with new memory: the next round calls it with that.
    auto* next =
        new Value{value->key, value->rounds_left, static_cast<unsigned char*>(std::malloc(3000))};
    std::memset(next->payload, 0x77, 3000);
    CHECK(pthread_setspecific(keys[value->key], next) == 0);
  } else {
    // The last thing this thread allocates is freed by another thread.
    auto* block = static_cast<unsigned char*>(std::malloc(500));
    CHECK(block != nullptr);
    std::memset(block, 0x55, 500);
    unsigned char* old = left_behind.exchange(block);
    CHECK(old == nullptr || old[499] == 0x55);
    std::free(old);
  }
  std::free(value->payload);
  delete value;
}

struct Object {
  explicit Object(std::size_t seed) {
    for (std::size_t i = 0; i < 50; ++i) texts[seed + i] = std::string(i * 20, 'o');
  }
  ~Object() {
    ++objects_destroyed;
    for (const auto& [key, text] : texts) CHECK(text.size() % 20 == 0);
    texts.clear();
    churn(3);
    late = std::make_unique<std::vector<int>>(10000, 1);
  }
  std::map<std::size_t, std::string> texts;
  std::unique_ptr<std::vector<int>> late;
};

thread_local Object first{1};
thread_local Object second{1000};

void run(std::size_t thread) {
  // Half of the threads register their keys before they allocate anything, half after.
  if (thread % 2 == 0) churn(thread);
  for (int i = 0; i < kKeys; ++i) {
    auto* value = new Value{i, kRounds, static_cast<unsigned char*>(std::malloc(3000))};
    std::memset(value->payload, 0x77, 3000);
    CHECK(pthread_setspecific(keys[i], value) == 0);
  }
  if (thread % 4 < 2) {
    first.texts[5] = "";
    second.texts[6] = "";
  }
  if (thread % 3 == 0) pthread_exit(nullptr);
}

void* entry(void* argument) {
  run(reinterpret_cast<std::uintptr_t>(argument));
  return nullptr;
}

void batch(std::size_t count) {
  for (std::size_t begin = 0; begin < count; begin += 8) {
    pthread_t threads[8];
    for (std::size_t i = 0; i < 8; ++i) {
      CHECK(pthread_create(&threads[i], nullptr, entry, reinterpret_cast<void*>(begin + i)) == 0);
    }
    for (pthread_t thread : threads) CHECK(pthread_join(thread, nullptr) == 0);
  }
}

}  // namespace

int main() {
  alarm(60);
  for (pthread_key_t& key : keys) CHECK(pthread_key_create(&key, at_thread_end) == 0);
  batch(80);
  CHECK(destructor_calls == 80 * kKeys * kRounds);
  CHECK(objects_destroyed == 80);  // half of the threads, two each
  const std::size_t before = resident_bytes();
  batch(800);
  CHECK(destructor_calls == 880 * kKeys * kRounds);
  CHECK(resident_bytes() < before + 8 * kMib);
  std::free(left_behind.exchange(nullptr));
  return 0;
}
