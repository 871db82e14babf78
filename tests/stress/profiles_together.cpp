// Profiles in which a block is freed by another thread than the one that allocated it.
#include <limits.h>
#include <pthread.h>

#include <algorithm>
#include <thread>

#include "live_set.hpp"
#include "profiles.hpp"

namespace stress {

namespace {

constexpr std::size_t kKiB = 1024;

// Mostly small, some medium, a few large.
std::size_t everyday_size(Random& random) noexcept {
  const std::size_t kind = random.below(256);
  if (kind == 0) return random.log_uniform(32 * kKiB, 1024 * kKiB);
  if (kind < 16) return random.log_uniform(1 * kKiB, 32 * kKiB);
  return random.between(1, 1024);
}

// Even threads produce for the next odd one. The last of an odd number of threads is its own
// consumer.
struct Role {
  Channel& channel;
  bool produces;
  bool consumes;
};

Role role_of(Worker& worker) noexcept {
  const unsigned index = worker.index();
  const bool alone = index + 1 == worker.run().options().threads && index % 2 == 0;
  return {worker.run().channel(index / 2), index % 2 == 0, index % 2 == 1 || alone};
}

// Frees what comes out of the channel until it is closed; true if there was anything.
bool consume(Worker& worker, Channel& channel) noexcept {
  bool any = false;
  while (const Block block = channel.try_receive()) {
    worker.give_back(block);
    any = true;
  }
  return any;
}

void consume_until_closed(Worker& worker, Channel& channel, unsigned pause_milliseconds) noexcept {
  for (;;) {
    const bool closed =
        channel.closed();  // before the look: what was sent before it closed is found
    if (consume(worker, channel)) continue;
    if (closed) return;
    if (pause_milliseconds != 0) {
      sleep_milliseconds(pause_milliseconds);
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace

void remote_frees(Worker& worker) noexcept {
  LiveSet own(256);
  Random& random = worker.random();
  while (worker.keep_going()) {
    const Block block = worker.take(everyday_size(random));
    if (!random.one_in(4)) {
      worker.exchange(block);
      continue;
    }
    if (own.full()) worker.give_back(own.remove(Order::kRandom, random));
    own.add(block);
  }
  own.give_all_back(worker, Order::kRandom);
}

void pipeline(Worker& worker) noexcept {
  const Role role = role_of(worker);
  if (!role.produces) return consume_until_closed(worker, role.channel, 0);
  while (worker.keep_going()) {
    const Block block = worker.take(everyday_size(worker.random()));
    while (!role.channel.try_send(block)) {
      if (role.consumes) {
        consume(worker, role.channel);
      } else {
        std::this_thread::yield();
      }
    }
  }
  role.channel.close();
  if (role.consumes) consume_until_closed(worker, role.channel, 0);
}

void idle_owner(Worker& worker) noexcept {
  const Role role = role_of(worker);
  Random& random = worker.random();
  if (!role.produces) return consume_until_closed(worker, role.channel, 1);
  while (worker.keep_going(1)) {
    // All of one size now and then: one class of the owner's gets all the remote frees.
    const std::size_t one_size = random.one_in(2) ? random.log_uniform(8, 8 * kKiB) : 0;
    for (std::size_t i = random.between(1, Channel::kCapacity - 1); i > 0; --i) {
      const Block block = worker.take(one_size != 0 ? one_size : everyday_size(random));
      if (!role.channel.try_send(block)) worker.give_back(block);
    }
    sleep_milliseconds(static_cast<unsigned>(random.between(1, 20)));
    if (role.consumes) consume(worker, role.channel);
  }
  role.channel.close();
  if (role.consumes) consume_until_closed(worker, role.channel, 0);
}

namespace {

// Gives back blocks while the C++ objects of a thread are being destroyed.
class LastWords {
 public:
  LastWords() = default;
  ~LastWords() {
    if (run_ == nullptr) return;
    Worker worker(*run_, index_);
    for (const Block& block : blocks_) worker.give_back(block);
    worker.give_back(worker.take(everyday_size(worker.random())));
  }
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

  void keep(Run& run, unsigned index) noexcept {
    run_ = &run;
    index_ = index;
    Worker worker(run, index);
    for (Block& block : blocks_) block = worker.take(everyday_size(worker.random()));
  }

 private:
  Run* run_ = nullptr;
  unsigned index_ = 0;
  Block blocks_[8];
};

// The same while its pthread keys are being destroyed, in every round that POSIX allows: so also
// after the allocator has let go of the thread.
struct KeyedWords {
  Run* run;
  Block block;
  unsigned rounds;
  unsigned index;
};

// The thread sanitizer lets go of the thread in the last round.
#ifdef __SANITIZE_THREAD__
constexpr unsigned kRounds = PTHREAD_DESTRUCTOR_ITERATIONS - 1;
#else
constexpr unsigned kRounds = PTHREAD_DESTRUCTOR_ITERATIONS;
#endif

pthread_key_t words_key;

void say_again(void* argument) {
  auto* words = static_cast<KeyedWords*>(argument);
  Worker worker(*words->run, words->index + words->rounds);
  worker.give_back(words->block);
  if (++words->rounds < kRounds) {
    words->block = worker.take(everyday_size(worker.random()));
    for (int i = 0; i < 100; ++i) worker.exchange(worker.take(everyday_size(worker.random())));
    pthread_setspecific(words_key, words);
  }
}

void short_life(Run& run, unsigned index, KeyedWords& words) noexcept {
  Worker worker(run, index);
  Random& random = worker.random();
  LiveSet live(2000);
  const std::size_t rounds = random.between(1, 3000);
  for (std::size_t i = 0; i < rounds; ++i) {
    if (live.full() || (!live.empty() && random.one_in(3))) {
      worker.give_back(live.remove(Order::kRandom, random));
    } else {
      live.add(worker.take(everyday_size(random)));
    }
  }
  // Some die with the thread's heap, others outlive it and are freed by whoever finds them.
  while (!live.empty()) {
    const Block block = live.remove(Order::kRandom, random);
    if (random.one_in(2)) {
      worker.exchange(block);
    } else {
      worker.give_back(block);
    }
  }
  words = {&run, worker.take(everyday_size(random)), 0, index + 1};
  pthread_setspecific(words_key, &words);
}

}  // namespace

void thread_churn(Worker& worker) noexcept {
  static const int created = pthread_key_create(&words_key, say_again);
  if (created != 0) fail("pthread_key_create: %d", created);
  constexpr unsigned kStreams =
      100;  // random streams of a child: its own, and those of its last words
  constexpr std::size_t kSiblings = 3;
  unsigned generation = 0;
  while (worker.keep_going(1)) {
    std::thread children[kSiblings];
    KeyedWords words[kSiblings];  // must outlive the children
    for (std::size_t i = 0; i < kSiblings; ++i) {
      const unsigned index =
          kStreams * (++generation * worker.run().options().threads + worker.index());
      children[i] = std::thread([&run = worker.run(), index, &mine = words[i]] {
        thread_local LastWords last_words;
        last_words.keep(run, index + kStreams / 2);
        short_life(run, index, mine);
      });
      worker.exchange(worker.take(everyday_size(worker.random())));
    }
    for (std::thread& child : children) child.join();
  }
}

}  // namespace stress
