// SIGBUS and SIGSEGV for the process: faults on the views of a heap are resolved, everything else goes on to whoever
// handled the signal before us (V8's trap handler, a crash reporter), or ends the process as it would have.
#pragma once

#include <cstdint>
#include <memory>

#include "pages/resolver.h"

namespace continuum {

// One heap's faults in the signal handlers, from Watch to Unwatch.
class SignalHeap {
 public:
  // `resolves` false: no fault is expected there, and one ends the process with a message (poisoned pages).
  SignalHeap(uint64_t id, std::unique_ptr<Resolver> resolver, bool resolves)
      : id_(id), resolver_(std::move(resolver)), resolves_(resolves) {}

  uint64_t id() const { return id_; }
  const Resolver& resolver() const { return *resolver_; }
  bool resolves() const { return resolves_; }

 private:
  const uint64_t id_;
  const std::unique_ptr<Resolver> resolver_;
  const bool resolves_;
};

// Handlers know the heap from here on. Installs them the first time; they stay. 0 or -errno.
int WatchSignals(std::shared_ptr<SignalHeap> heap);

// No handler uses the heap after this. False: there is no such heap.
bool UnwatchSignals(uint64_t id);

// This thread is mutator `mutator` of the heap: unblocks the signals for it, sees to it that its alternate stack is
// large enough if it has one, and has its faults counted there. 0 or -errno.
int AdoptThread(uint64_t id, uint32_t mutator);

}  // namespace continuum
