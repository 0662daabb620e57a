#include "kernels/plan.h"

namespace continuum {
namespace {

// Position of the set bit of rank `rank` (0 = lowest).
inline uint32_t Select(uint64_t bits, uint32_t rank) {
  for (; rank > 0; --rank) bits &= bits - 1;
  return static_cast<uint32_t>(__builtin_ctzll(bits));
}

}  // namespace

uint32_t CountLive(const HeapCore& heap, uint32_t region) {
  uint32_t first = region << heap.region_shift;
  uint32_t live = 0;
  if (heap.region_state[region] == kHumongous) {
    live = TestBit(heap.live, first) ? heap.region_size[region] : 0;
  } else {
    const uint64_t* words = &heap.live[first >> 6];
    for (uint32_t i = 0; i < heap.granules_per_region >> 6; ++i) live += __builtin_popcountll(words[i]);
  }
  heap.region_live[region] = live;
  return live;
}

Placement Place(const HeapCore& heap, uint32_t region, uint32_t block, uint32_t target, uint32_t limit) {
  const uint32_t blocks = heap.granules_per_region >> kBlockShift;
  const uint32_t base = (region << heap.region_shift) >> kBlockShift;
  Placement clean = {target, block};
  for (uint32_t b = block; b < blocks; ++b) {
    uint64_t live = heap.live[base + b];
    bool crossed = (live & 1) != 0 && (heap.starts[base + b] & 1) == 0;
    if (!crossed) clean = {target, b};
    uint32_t count = static_cast<uint32_t>(__builtin_popcountll(live));
    if (target + count > limit) return clean;
    heap.destination[base + b] = target;
    uint32_t page = (target + heap.granules_per_page - 1) >> heap.page_shift;
    uint32_t page_first = page << heap.page_shift;
    if (page_first < target + count)
      heap.origin[page] = ((base + b) << kBlockShift) + Select(live, page_first - target);
    target += count;
  }
  return {target, blocks};
}

}  // namespace continuum
