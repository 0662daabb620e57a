// A whole cycle in C++: what gc/ does, without what it decides by measurement. Several markers, several workers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "graph.h"
#include "heap.h"
#include "mutator.h"
#include "server.h"
#include "world.h"

namespace continuum::sanitize {

struct Totals {
  uint64_t cycles = 0, evacuated = 0, targets = 0, ahead = 0, published = 0, objects = 0;
};

class Collector {
 public:
  Collector(StressHeap& heap, Graph& graph, World& world, std::vector<std::unique_ptr<Mutator>>& mutators,
            Server* server, uint64_t seed)
      : heap_(heap), graph_(graph), world_(world), mutators_(mutators), server_(server), random_(seed) {}

  // One cycle, with the mutators running. Ends with a heap that has been checked and filled up again.
  void Cycle(uint32_t threads);

  const Totals& totals() const { return totals_; }

 private:
  void Mark(uint32_t threads);
  void Trace(uint32_t threads);
  void Plan();
  std::vector<uint32_t> Survey();
  void PlaceAll(const std::vector<uint32_t>& chosen);
  void Free(uint32_t region);
  void Flip();
  void MapAhead(uint32_t coming);
  void Compact(uint32_t threads);
  void Reclaim();

  StressHeap& heap_;
  Graph& graph_;
  World& world_;
  std::vector<std::unique_ptr<Mutator>>& mutators_;
  Server* const server_;
  Random random_;
  uint32_t cycle_ = 0;
  std::vector<uint32_t> evacuated_, targets_;
  Totals totals_;
};

}  // namespace continuum::sanitize
