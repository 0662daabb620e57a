// A fault, resolved by the thread that took it, in its signal handler: claims the page, builds or updates it, publishes
// it. The same protocol as gc/protocol.ts and gc/forwarder.ts, in the same words. Async-signal-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/kernel_heap.h"
#include "pages/publisher.h"

namespace continuum {

class Resolver {
 public:
  enum class Outcome {
    kResolved,
    kStray,   // a page on which no object can stand
    kIdle,    // a page of the view that mutators do not use
    kLost,    // a page that nobody can make right any more
    kBroken,  // a page that cannot be built, because what it is made of was written over
    kFailed,  // the kernel refused; see error
  };
  struct Answer {
    Outcome outcome;
    int error = 0;
  };

  // `views`: where the heap is seen by mutators. The heap and the mappings stay alive with it.
  Resolver(std::shared_ptr<KernelHeap> heap, Publisher publisher, std::vector<std::shared_ptr<Mapping>> views);

  // A page larger than this cannot be built on a thread's stack, to be copied from there.
  static constexpr uint32_t kMostStackGranules = 512;

  // Which page of the heap an address is, and in which view; false if it is none.
  bool Locate(const void* address, uint32_t* view, uint32_t* page) const;

  // Which page of the workspace it is, which the kernel was to give without asking anybody; false if it is none.
  bool LocateInWorkspace(const void* address, uint32_t* page) const;

  // `mutator`: whose counts, or the number of mutators for a thread that is none.
  Answer Resolve(uint32_t view, uint32_t page, uint32_t mutator) const;

  const KernelHeap& heap() const { return *heap_; }
  const Publisher& publisher() const { return publisher_; }

 private:
  enum class Step { kDone, kAgain };

  bool LocateFrom(const uint8_t* base, const void* address, uint32_t* page) const;
  bool Strays(uint32_t page, uint32_t generation) const;
  Answer Forward(uint32_t view, uint32_t page, uint32_t generation, uint32_t mutator) const;
  void Await(std::atomic<uint32_t>& word, uint32_t seen, uint32_t* spins, FaultCounts& counts) const;
  int Publish(uint32_t view, uint32_t page, const uint8_t* from) const;

  const std::shared_ptr<KernelHeap> heap_;
  const Publisher publisher_;
  const std::vector<std::shared_ptr<Mapping>> views_;
  const uint64_t page_bytes_;
};

// Wakes every thread that sleeps in Resolve until `word` changes.
void WakeWaiters(const std::atomic<uint32_t>& word);

}  // namespace continuum
