#include "kernels/right_pages.h"

#include "kernels/page.h"
#include "kernels/page_slots.h"

namespace continuum {
namespace {

// Relaxed: a mutator may be storing into the slot, and then it answers for the page itself.
inline uint32_t Read(const uint32_t* slot) { return __atomic_load_n(slot, __ATOMIC_RELAXED); }

bool IsStale(const HeapCore& heap, uint32_t page, uint32_t cycle) {
  return !VisitSlots(heap, page, cycle, [&heap](SlotRun run) {
    for (uint32_t i = 0; i < run.count; ++i) {
      uint32_t value = Read(run.first + i);
      if (value < heap.granules && heap.region_state[heap.RegionOf(value)] == kEvacuated) return false;
    }
    return true;
  });
}

}  // namespace

uint32_t FindRightPages(const HeapCore& heap, PageRun pages, uint32_t cycle, uint32_t patience, PageRun* out) {
  uint32_t runs = 0, stale = 0, live = 0;
  bool extends = false;  // the page before is the last of the last run
  for (uint32_t page = pages.first; page < pages.first + pages.count; ++page) {
    if (!PageIsLive(heap, page, cycle)) {
      extends = false;
      continue;
    }
    ++live;
    if (IsStale(heap, page, cycle)) {
      extends = false;
      if (++stale == patience) break;
    } else {
      stale = 0;
      if (!extends) out[runs++] = {page, 0};
      out[runs - 1].count++;
      extends = true;
    }
  }
  out[runs] = {0, 0};
  return live;
}

}  // namespace continuum
