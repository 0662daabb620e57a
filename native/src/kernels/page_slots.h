// The reference slots of the live objects on one kept page: what has to be looked at, or forwarded, to make it right.
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"

namespace continuum {

// The slots of an object that lie in its granules [from, to), counted from its start; `memory` is where granule `from`
// stands. A slot is half a granule, and slot 0 is granule 1.
struct SlotRun {
  SlotRun(uint32_t references, uint32_t from, uint32_t to, uint8_t* memory) {
    uint32_t begin = from == 0 ? 0 : 2 * (from - 1);
    uint32_t end = to == 0 ? 0 : 2 * (to - 1);
    if (end > references) end = references;
    if (begin >= end) return;
    first = reinterpret_cast<uint32_t*>(memory - (uint64_t{from} << 3) + 8) + begin;
    count = end - begin;
  }
  uint32_t* first = nullptr;
  uint32_t count = 0;
};

// Calls `visit(SlotRun)` for each live object with slots on kept page `page`, in address order, until it answers false.
// `cycle` is the cycle that marked: regions born in it are live throughout. Returns false if a visit did.
template <typename Visit>
bool VisitSlots(const HeapCore& heap, uint32_t page, uint32_t cycle, Visit visit) {
  const uint32_t first = page << heap.page_shift, end = first + heap.granules_per_page;
  const uint32_t region = heap.RegionOf(first);
  const uint32_t state = heap.region_state[region];
  if (state == kHumongous || state == kHumongousTail) {
    uint32_t head = heap.region_head[region];
    uint32_t start = head << heap.region_shift;
    uint32_t stop = start + heap.region_size[head];
    if (stop <= first) return true;
    return visit(SlotRun(heap.region_refs[head], first - start, (stop < end ? stop : end) - start,
                         heap.At(heap.workspace, first)));
  }
  const bool all = heap.region_born[region] == cycle;
  const uint32_t floor = region << heap.region_shift;
  // Looked at once: a mutator that has the region open may raise it past the page's end between two looks.
  const uint32_t told = __atomic_load_n(&heap.region_top[region], __ATOMIC_ACQUIRE);
  const uint32_t top = told < end ? told : end;
  uint32_t at = first;
  if (top > first && !TestBit(heap.starts, first)) {  // does an object reach in from the page before?
    uint32_t start = first == floor ? UINT32_MAX : FindBackward(heap.starts, first - 1, floor);
    if (start != UINT32_MAX && (all || TestBit(heap.live, start))) {
      Header header = ReadKeptHeader(heap, start);
      uint32_t stop = start + header.size;
      if (stop > first) {
        if (stop > top) stop = top;
        if (!visit(SlotRun(header.references, first - start, stop - start, heap.At(heap.workspace, first))))
          return false;
        at = stop;
      }
    }
  }
  for (at = FindForward(heap.starts, at, top); at < top;) {
    if (all || TestBit(heap.live, at)) {
      Header header = ReadHeader(heap, heap.workspace, at);
      uint32_t stop = at + header.size < top ? at + header.size : top;
      if (!visit(SlotRun(header.references, 0, stop - at, heap.At(heap.workspace, at)))) return false;
    }
    at = FindForward(heap.starts, at + 1, top);
  }
  return true;
}

}  // namespace continuum
