// Tracing: one Marker a thread, a shared pool of grey chunks, live bits in the bitmap.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernels/grey_pool.h"
#include "kernels/heap_core.h"

namespace continuum {

// What all markers of a heap share.
struct Marking {
  GreyPool pool;
  std::atomic<uint32_t> rescans{0};  // how many regions are flagged in region_rescan
  std::atomic<uint32_t> stray{0};    // a reference outside the heap that a marker met; markers store, who asks resets
  std::atomic<uint32_t> broken{0};   // a reference to what is no object, likewise
  // The last number of either kind that somebody was told of, until the next marking begins: for who looks for its
  // holder.
  std::atomic<uint32_t> told{0};
};

// Greys references from outside the trace (roots, barrier logs); any thread, any time while marking runs.
// Returns how many were not marked before.
uint32_t Shade(const HeapCore& heap, Marking& marking, const uint32_t* references, uint32_t count);

class Marker {
 public:
  Marker(const HeapCore& heap, Marking& marking) : heap_(heap), marking_(marking) {}
  ~Marker() { HandOver(); }
  Marker(const Marker&) = delete;
  Marker& operator=(const Marker&) = delete;

  // Traces until about `budget` objects are scanned. True: there may be more; false: this thread found no work.
  bool Run(uint32_t budget);

  // Gives local work back to the pool, so that another thread can finish it.
  void HandOver();

  uint64_t objects() const { return objects_; }
  void Reset() { objects_ = 0; }

 private:
  struct Partial {  // an array too long to scan at once
    uint32_t granule, next, references;
  };

  void Push(uint32_t reference);
  bool Pop(uint32_t* reference);
  void Visit(uint32_t reference);
  void Scan(uint32_t granule, uint32_t from, uint32_t references);
  bool Rescan();
  void Forget();  // what it holds of a marking that was given up

  static constexpr uint32_t kAhead = 32;         // prefetched references in flight
  static constexpr uint32_t kArraySlice = 1024;  // slots scanned before other work goes on

  const HeapCore& heap_;
  Marking& marking_;
  GreyPool::Chunk* top_ = nullptr;
  GreyPool::Chunk* spare_ = nullptr;
  std::vector<Partial> partials_;
  uint32_t ahead_[kAhead];
  uint32_t ahead_head_ = 0, ahead_count_ = 0;
  uint64_t objects_ = 0;
  uint32_t epoch_ = 0;  // of the pool, when it last held nothing
};

}  // namespace continuum
