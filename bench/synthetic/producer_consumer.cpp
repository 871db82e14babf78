// One half of the threads only allocates, the other half only frees; batches of blocks travel
// through a queue of bounded length. Whatever a thread frees it will never use again, so memory has
// to find its way back to the thread that allocates.
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <mutex>

#include "arguments.hpp"
#include "block.hpp"
#include "random.hpp"
#include "threads.hpp"

namespace {

constexpr std::size_t kBatch = 512;

struct Batch {
  bench::Block blocks[kBatch];
};

class Queue {
 public:
  explicit Queue(std::size_t limit) : limit_(limit) {}

  void push(Batch* batch) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return batches_.size() < limit_; });
    batches_.push_back(batch);
    filled_.notify_one();
  }

  Batch* pop() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return !batches_.empty(); });
    Batch* batch = batches_.front();
    batches_.pop_front();
    room_.notify_one();
    return batch;
  }

 private:
  const std::size_t limit_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::deque<Batch*> batches_;  // guarded by mutex_
};

void produce(Queue& queue, std::size_t batches, std::size_t largest, std::uint64_t seed) {
  bench::Random random(seed);
  for (std::size_t i = 0; i < batches; ++i) {
    auto* batch = new Batch;
    for (bench::Block& block : batch->blocks)
      block = bench::allocate(random.log_uniform(8, largest));
    queue.push(batch);
  }
}

void consume(Queue& queue, std::size_t batches) {
  for (std::size_t i = 0; i < batches; ++i) {
    Batch* batch = queue.pop();
    for (bench::Block& block : batch->blocks) bench::release(block);
    delete batch;
  }
}

}  // namespace

int main(int argc, char** argv) {
  bench::Arguments arguments(argc, argv, "threads that only allocate feed threads that only free");
  const std::size_t pairs = arguments.number("pairs", 2, "producers, and as many consumers");
  const std::size_t batches = arguments.number("batches", 10000, "of 512 blocks, by each producer");
  const std::size_t largest = arguments.number("largest", 512, "bytes");
  const std::size_t queued = arguments.number("queued", 64, "batches that may wait");
  arguments.finish();

  Queue queue(queued);
  bench::run_threads(2 * pairs, [&](std::size_t self) {
    if (self % 2 == 0) {
      produce(queue, batches, largest, self);
    } else {
      consume(queue, batches);
    }
  });
  std::printf("producer_consumer: %zu blocks\n", pairs * batches * kBatch);
}
