// A thread that uses the heap: follows references, changes objects that are its own, and checks what it comes by.
#pragma once

#include <cstdint>
#include <vector>

#include "graph.h"
#include "heap.h"
#include "random.h"
#include "world.h"

namespace continuum::sanitize {

class Mutator {
 public:
  Mutator(StressHeap& heap, Graph& graph, World& world, uint32_t index, uint64_t seed)
      : heap_(heap), graph_(graph), world_(world), index_(index), random_(seed) {}

  // Until the world ends.
  void Run();

  // The world stopped: whether stores are to log what they overwrite, and what they have logged.
  void SetMarking(bool marking) { marking_ = marking; }
  void ShadeLog();

  uint64_t operations() const { return operations_; }

 private:
  void Step();
  uint32_t Chase(uint32_t hops);
  bool IsOwn(uint32_t number) const { return number % heap_.shape.mutators == index_; }
  uint32_t Load(uint32_t granule, uint32_t slot) const;
  void Store(uint32_t granule, uint32_t slot, uint32_t value);
  void CheckOwn(uint32_t granule, const Expected& expected, uint32_t number);
  uint32_t NumberOf(uint32_t granule) const;
  uint32_t ReferencesOf(uint32_t granule) const;

  StressHeap& heap_;
  Graph& graph_;
  World& world_;
  const uint32_t index_;
  Random random_;
  bool marking_ = false;
  std::vector<uint32_t> log_;
  uint64_t operations_ = 0;
};

}  // namespace continuum::sanitize
