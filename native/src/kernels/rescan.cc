#include "kernels/rescan.h"

#include <algorithm>

namespace continuum {
namespace {

// Relaxed: mutators open regions and other threads shade meanwhile; a bit or a birth seen late only greys once more.
inline bool IsMarked(const HeapCore& heap, uint32_t granule) {
  return __atomic_load_n(&heap.live[granule >> 6], __ATOMIC_RELAXED) >> (granule & 63) & 1;
}

inline uint32_t BornIn(const HeapCore& heap, uint32_t region) {
  return __atomic_load_n(&heap.region_born[region], __ATOMIC_RELAXED);
}

// References found, on their way to the grey pool: each waits a little while its bitmap word is fetched, and what is
// unmarked then is greyed a whole chunk at a time.
class Children {
 public:
  Children(const HeapCore& heap, Marking& marking, uint32_t cycle) : heap_(heap), marking_(marking), cycle_(cycle) {}

  // Slots [from, to) of the object at `granule`, in granules counted from it: a slot is half one, slot 0 is granule 1.
  void Add(const uint8_t* source, uint32_t granule, uint32_t references, uint32_t from, uint32_t to) {
    const uint32_t first = from == 0 ? 0 : 2 * (from - 1);
    const uint32_t end = to == 0 ? 0 : std::min(references, 2 * (to - 1));
    auto* slots = reinterpret_cast<const uint32_t*>(source + (uint64_t{granule} << 3) + 8);
    for (uint32_t i = first; i < end; ++i) {
      // Mutators store while we read: acquire, so that a reference to a new object comes with its region's birth.
      const uint32_t child = __atomic_load_n(&slots[i], __ATOMIC_ACQUIRE);
      if (child == 0) continue;
      if (child >= heap_.granules) {
        marking_.stray.store(child, std::memory_order_relaxed);
        continue;
      }
      __builtin_prefetch(&heap_.live[child >> 6]);
      waiting_[waits_++] = child;
      if (waits_ == kAhead) Sift();
    }
  }

  uint32_t Flush() {
    Sift();
    shaded_ += Shade(heap_, marking_, grey_, greys_);
    greys_ = 0;
    return shaded_;
  }

 private:
  void Sift() {
    for (uint32_t i = 0; i < waits_; ++i) {
      const uint32_t child = waiting_[i];
      if (IsMarked(heap_, child) || BornIn(heap_, heap_.RegionOf(child)) == cycle_) continue;
      if (greys_ == GreyPool::kCapacity) {
        shaded_ += Shade(heap_, marking_, grey_, greys_);
        greys_ = 0;
      }
      grey_[greys_++] = child;
    }
    waits_ = 0;
  }

  static constexpr uint32_t kAhead = 32;
  const HeapCore& heap_;
  Marking& marking_;
  const uint32_t cycle_;
  uint32_t waiting_[kAhead];
  uint32_t grey_[GreyPool::kCapacity];
  uint32_t waits_ = 0, greys_ = 0, shaded_ = 0;
};

// Granules [first, end) of one region.
void RescanRegion(const HeapCore& heap, Children& children, uint32_t cycle, uint32_t first, uint32_t end) {
  const uint8_t* source = heap.source.load(std::memory_order_relaxed);
  const uint32_t region = heap.RegionOf(first);
  const uint32_t state = __atomic_load_n(&heap.region_state[region], __ATOMIC_ACQUIRE);
  if (state == kHumongous || state == kHumongousTail) {
    const uint32_t head = heap.region_head[region];
    const uint32_t start = head << heap.region_shift;
    const uint32_t stop = std::min(end, start + heap.region_size[head]);
    if (stop <= first || (BornIn(heap, head) != cycle && !IsMarked(heap, start))) return;
    children.Add(source, start, heap.region_refs[head], first - start, stop - start);
    return;
  }
  const uint32_t floor = region << heap.region_shift;
  // The top first: whoever sees objects in a region that was just opened sees its birth.
  const uint32_t top = std::min(end, __atomic_load_n(&heap.region_top[region], __ATOMIC_ACQUIRE));
  const bool all = BornIn(heap, region) == cycle;
  if (top <= first) return;
  uint32_t at = first;
  if (first != floor && !TestBit(heap.starts, first)) {  // does an object reach in from the page before?
    const uint32_t start = FindBackward(heap.starts, first - 1, floor);
    if (start != UINT32_MAX && (all || IsMarked(heap, start))) {
      const Header header = ReadHeader(heap, source, start);
      const uint32_t stop = std::min(top, start + header.size);
      if (stop > first) children.Add(source, start, header.references, first - start, stop - start);
    }
  }
  for (at = FindForward(heap.starts, at, top); at < top; at = FindForward(heap.starts, at + 1, top)) {
    if (!all && !IsMarked(heap, at)) continue;
    const Header header = ReadHeader(heap, source, at);
    children.Add(source, at, header.references, 0, std::min(top - at, header.size));
  }
}

}  // namespace

uint32_t Rescan(const HeapCore& heap, Marking& marking, uint32_t page, uint32_t count) {
  const uint32_t cycle = heap.mark_cycle.load(std::memory_order_relaxed);
  const uint64_t end = (uint64_t{page} + count) << heap.page_shift;
  Children children(heap, marking, cycle);
  for (uint64_t at = uint64_t{page} << heap.page_shift; at < end;) {
    const uint64_t next = std::min(end, (at | (heap.granules_per_region - 1)) + 1);
    RescanRegion(heap, children, cycle, static_cast<uint32_t>(at), static_cast<uint32_t>(next));
    at = next;
  }
  return children.Flush();
}

}  // namespace continuum
