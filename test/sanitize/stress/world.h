// Stopping the mutators: each looks whether it is to stop between two operations, and parks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace continuum::sanitize {

class World {
 public:
  explicit World(uint32_t mutators) : mutators_(mutators) {}

  // The mutators' side. False: the run is over.
  bool Poll() {
    if (!asked_.load(std::memory_order_relaxed)) return true;
    std::unique_lock lock(mutex_);
    if (++parked_ == mutators_) all_parked_.notify_one();
    const uint64_t pause = pauses_;
    go_on_.wait(lock, [&] { return over_ || pauses_ != pause; });
    return !over_;
  }

  // Runs `act` with every mutator parked.
  template <typename Act>
  void Pause(Act act) {
    std::unique_lock lock(mutex_);
    asked_.store(true);
    all_parked_.wait(lock, [this] { return parked_ == mutators_; });
    act();
    asked_.store(false);
    parked_ = 0;
    ++pauses_;
    go_on_.notify_all();
  }

  void End() {
    std::lock_guard lock(mutex_);
    over_ = true;
    asked_.store(true);
    go_on_.notify_all();
  }

 private:
  const uint32_t mutators_;
  std::mutex mutex_;
  std::condition_variable all_parked_, go_on_;
  std::atomic<bool> asked_{false};
  uint32_t parked_ = 0;
  uint64_t pauses_ = 0;
  bool over_ = false;
};

}  // namespace continuum::sanitize
