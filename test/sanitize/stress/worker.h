// A compaction worker: gc/workers/compact.ts and gc/forwarder.ts in C++, in the same words.
#pragma once

#include <atomic>
#include <cstdint>

#include "heap.h"

namespace continuum::sanitize {

class Worker {
 public:
  // `index`: unlike any other worker's. It owns `batch` staging slots.
  Worker(StressHeap& heap, uint32_t index, uint32_t batch)
      : heap_(heap), index_(index), batch_(batch), first_slot_(1 + index * batch) {}

  // Makes stale pages right and publishes them, until no region is left to take.
  void Run(uint32_t cycle, std::atomic<uint32_t>& cursor);

  uint64_t published() const { return published_; }

 private:
  void Visit(uint32_t page, uint32_t cycle, bool target);
  void Flush();
  int64_t Attempt(uint32_t page, uint32_t count, uint32_t slot) const;

  StressHeap& heap_;
  const uint32_t index_, batch_, first_slot_;
  uint32_t first_ = 0, count_ = 0, slot_ = 0;  // READY pages that wait to be published by one call
  uint64_t published_ = 0;
};

}  // namespace continuum::sanitize
