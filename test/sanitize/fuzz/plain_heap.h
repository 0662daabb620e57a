// A heap whose memory and columns are allocations of their own, exactly as long as they must be: a sanitizer sees every
// access beyond one.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "input.h"
#include "kernels/heap_core.h"
#include "kernels/mark.h"

namespace continuum::fuzz {

struct Shape {
  uint32_t regions, granules_per_region, granules_per_page;
};

// A shape by choice: small, with pages and regions of several sizes.
Shape ChooseShape(Input& input);

inline constexpr uint32_t kCycle = 7;

class PlainHeap {
 public:
  explicit PlainHeap(Shape shape);

  const Shape shape;
  HeapCore core;
  Marking marking;

  uint32_t First(uint32_t region) const { return region << core.region_shift; }
  uint32_t* Words() const { return reinterpret_cast<uint32_t*>(core.workspace); }
  uint32_t* Slot(uint32_t granule, uint32_t slot) const { return Words() + 2 * size_t{granule} + 2 + slot; }
  uint32_t PagesPerRegion() const { return shape.granules_per_region / shape.granules_per_page; }

  // As the binding does it before a marking.
  void BeginMarking(uint32_t most_chunks);

 private:
  template <typename T>
  T* Column(uint64_t count, T value = 0);

  std::vector<std::unique_ptr<uint64_t[]>> memory_;
};

}  // namespace continuum::fuzz
