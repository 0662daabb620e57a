// Which thread is in which of a heap's places for mutators.
//
// The word that says how a place stands (MutatorState, heap/control.ts) is JavaScript's, in shared memory; taking a
// place changes that word and notes the thread in one native call, because a thread that is terminated between two
// steps of JavaScript would leave a place that nobody could tell from one whose thread lives.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "threads/thread_life.h"

namespace continuum {

class Places {
 public:
  // Takes place `mutator` for the calling thread if its word says `absent`, which becomes `attaching`.
  bool Occupy(uint32_t mutator, std::atomic<int32_t>& word, int32_t absent, int32_t attaching) {
    auto life = ThreadLife::Own();
    std::lock_guard lock(mutex_);
    if (!word.compare_exchange_strong(absent, attaching)) return false;
    LifeIn(mutator) = std::move(life);
    return true;
  }

  // Takes it over if its thread has ended without leaving. True for one thread only, which then answers for the place
  // as if it were that thread; where it dies as well, the next may ask.
  bool Inherit(uint32_t mutator, const std::atomic<int32_t>& word, int32_t absent) {
    auto life = ThreadLife::Own();
    std::lock_guard lock(mutex_);
    // Nobody comes into an empty place but under this lock, so the word and the thread belong together.
    if (word.load() == absent) return false;
    auto& holder = LifeIn(mutator);
    if (holder == nullptr || !holder->HasEnded()) return false;
    holder = std::move(life);
    return true;
  }

 private:
  std::shared_ptr<ThreadLife>& LifeIn(uint32_t mutator) {
    if (mutator >= lives_.size()) lives_.resize(mutator + 1);
    return lives_[mutator];
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<ThreadLife>> lives_;  // by mutator; of an empty place that of its last thread
};

}  // namespace continuum
