// The objects in the heap, and beside them what they must be: for each object's number, its size, its references and
// what its payload says. Whoever owns an object may change it; nobody else does.
#pragma once

#include <cstdint>
#include <vector>

#include "heap.h"
#include "random.h"

namespace continuum::sanitize {

struct Expected {
  uint32_t granules = 0;
  uint32_t stores = 0;             // how often its owner has counted in its payload
  std::vector<uint32_t> children;  // numbers of objects; 0 for null
  bool humongous = false;
  bool alive = false;
};

class Graph {
 public:
  Graph(StressHeap& heap, uint64_t seed) : heap_(heap), random_(seed), expected_(1) {}

  // Mutators stopped: makes objects in free regions until `leave` of those are left, or `granules` are made. They hang
  // on roots and on one another.
  void Fill(uint32_t granules, uint32_t leave);

  // Mutators stopped, no compaction under way: everything reachable is what it must be, and everything that is
  // expected to be reachable is. Forgets what is not. Returns how many objects there are.
  uint32_t Verify();

  // References of `count` objects each, by mutator: roots[mutator][i].
  std::vector<std::vector<uint32_t>>& roots() { return roots_; }
  Expected& expected(uint32_t number) { return expected_[number]; }
  uint32_t objects() const { return static_cast<uint32_t>(expected_.size()); }

  // Object's number, in its second header word.
  static uint32_t NumberOf(const uint8_t* view, uint32_t granule) {
    return *reinterpret_cast<const uint32_t*>(view + (uint64_t{granule} << 3) + 4);
  }
  static uint32_t* Slot(uint8_t* view, uint32_t granule, uint32_t slot) {
    return reinterpret_cast<uint32_t*>(view + (uint64_t{granule} << 3) + 8) + slot;
  }
  // The last word of an object's payload is where its owner counts; every object has one. The others never change.
  static uint32_t* CountWord(uint8_t* view, uint32_t granule, uint32_t granules) {
    return reinterpret_cast<uint32_t*>(view + ((uint64_t{granule} + granules) << 3)) - 1;
  }
  static uint32_t PayloadOf(uint32_t number, uint32_t word) { return number * 0x9e3779b1 + word * 0x85ebca6b; }

 private:
  bool OpenRegion(uint32_t leave);
  void CloseRegion();
  uint32_t Make(uint32_t granules, uint32_t leave);
  uint32_t MakeHumongous(uint32_t granules, uint32_t leave);
  void Init(uint32_t granule, uint32_t granules, bool humongous);
  void Check(uint32_t granule);
  uint32_t SizeToMake();

  StressHeap& heap_;
  Random random_;
  std::vector<Expected> expected_;
  std::vector<std::vector<uint32_t>> roots_;
  uint32_t region_ = 0, top_ = 0;
};

}  // namespace continuum::sanitize
