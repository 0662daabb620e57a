// Planning: live counts, and the prefix sums that say where each block of an evacuated region goes.
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"

namespace continuum {

// Live granules of one region, by its bitmap; stored in region_live. Humongous runs count at their head.
uint32_t CountLive(const HeapCore& heap, uint32_t region);

struct Placement {
  uint32_t target;  // granule where the next live granule goes
  uint32_t block;   // first block of the region that is not placed yet; == blocks per region when done
};

// Places the blocks of `region`, from `block` on, at `target` and up, not past `limit`. Stops at the last block
// boundary that no live object crosses when the next would not fit: the caller goes on in another target region.
// Fills destination[] of the blocks placed, and origin[] of every target page that begins among them.
Placement Place(const HeapCore& heap, uint32_t region, uint32_t block, uint32_t target, uint32_t limit);

}  // namespace continuum
