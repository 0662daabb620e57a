#include "kernels/page.h"

#include <cstring>

#include "kernels/page_slots.h"

namespace continuum {
namespace {

// Slots waiting to be forwarded: collected first, so that the two cache misses of each (destination, bitmap) overlap.
class SlotBatch {
 public:
  explicit SlotBatch(const HeapCore& heap) : heap_(heap) {}

  void Add(uint32_t* slot) {
    uint32_t value = *slot;
    if (value == 0 || value >= heap_.granules || heap_.region_state[heap_.RegionOf(value)] != kEvacuated) return;
    __builtin_prefetch(&heap_.destination[value >> kBlockShift]);
    __builtin_prefetch(&heap_.live[value >> 6]);
    slots_[count_++] = slot;
    if (count_ == kSlots) Flush();
  }

  uint32_t Flush() {
    for (uint32_t i = 0; i < count_; ++i) *slots_[i] = Forward(heap_, *slots_[i]);
    changed_ += count_;
    count_ = 0;
    return changed_;
  }

 private:
  static constexpr uint32_t kSlots = 256;
  const HeapCore& heap_;
  uint32_t* slots_[kSlots];
  uint32_t count_ = 0, changed_ = 0;
};

inline void AddSlots(SlotBatch& batch, SlotRun run) {
  for (uint32_t i = 0; i < run.count; ++i) batch.Add(run.first + i);
}

// One thread writes a word at a time: the region's owner, or the page's builder. Relaxed: who reads it meanwhile asks
// for objects below a top that was stored, release, after their bits.
inline void SetStart(const HeapCore& heap, uint32_t granule) {
  uint64_t* word = &heap.starts[granule >> 6];
  __atomic_store_n(word, BitsAt(heap.starts, granule >> 6) | uint64_t{1} << (granule & 63), __ATOMIC_RELAXED);
}

// Where the live object that covers live granule `granule` starts.
inline uint32_t StartOf(const HeapCore& heap, uint32_t granule) {
  return FindBackward(heap.starts, granule, heap.RegionOf(granule) << heap.region_shift);
}

// First live granule at or above `granule`, following the plan's order of regions; UINT32_MAX at its end.
inline uint32_t NextLive(const HeapCore& heap, uint32_t granule, uint32_t region) {
  for (;;) {
    uint32_t end = (region + 1) << heap.region_shift;
    uint32_t found = FindForward(heap.live, granule, end);
    if (found != end) return found;
    region = heap.region_next[region];
    if (region >= heap.regions) return UINT32_MAX;  // none: UINT32_MAX
    granule = region << heap.region_shift;
  }
}

}  // namespace

uint32_t BuildPage(const HeapCore& heap, uint32_t page, uint8_t* out, BuildStop* stop) {
  const uint32_t first = page << heap.page_shift;
  const uint32_t top = heap.region_top[heap.RegionOf(first)];
  const uint32_t wanted =
      top <= first ? 0 : (top - first < heap.granules_per_page ? top - first : heap.granules_per_page);
  memset(&heap.starts[first >> 6], 0, heap.granules_per_page >> 3);
  SlotBatch batch(heap);
  uint32_t done = 0;
  uint32_t from = wanted == 0 ? 0 : heap.origin[page];
  const auto stopped = [&](const char* why) {
    if (stop != nullptr) *stop = {why, from, done, wanted};
    return UINT32_MAX;
  };
  if (from >= heap.granules) return stopped("it begins outside the heap");
  while (done < wanted) {
    uint32_t start = StartOf(heap, from);
    if (start == UINT32_MAX) return stopped("no object starts there or before");
    Header header = ReadHeader(heap, heap.workspace, start);
    // Somebody has written to what is evacuated.
    if (!IsSound(heap, start, header)) return stopped("the header before it can be none");
    if (start + header.size <= from) return stopped("the object before it ends there");
    uint32_t here = start + header.size - from;
    if (here > wanted - done) here = wanted - done;
    uint8_t* to = out + (uint64_t{done} << 3);
    memcpy(to, heap.At(heap.workspace, from), uint64_t{here} << 3);
    if (start == from) SetStart(heap, first + done);
    AddSlots(batch, SlotRun(header.references, from - start, from - start + here, to));
    done += here;
    from += here;
    if (done < wanted) from = NextLive(heap, from, heap.RegionOf(from - 1));
    if (from == UINT32_MAX) return stopped("the plan's objects end");
  }
  batch.Flush();
  if (done < heap.granules_per_page)
    memset(out + (uint64_t{done} << 3), 0, uint64_t{heap.granules_per_page - done} << 3);
  return done;
}

uint32_t UpdatePage(const HeapCore& heap, uint32_t page, uint32_t cycle) {
  SlotBatch batch(heap);
  VisitSlots(heap, page, cycle, [&batch](SlotRun run) {
    AddSlots(batch, run);
    return true;
  });
  return batch.Flush();
}

bool PageIsLive(const HeapCore& heap, uint32_t page, uint32_t cycle) {
  const uint32_t first = page << heap.page_shift, end = first + heap.granules_per_page;
  const uint32_t region = heap.RegionOf(first);
  const uint32_t state = heap.region_state[region];
  if (state == kHumongous || state == kHumongousTail) {
    uint32_t head = heap.region_head[region];
    uint32_t start = head << heap.region_shift;
    return start + heap.region_size[head] > first && (heap.region_born[head] == cycle || TestBit(heap.live, start));
  }
  if (heap.region_born[region] == cycle) return __atomic_load_n(&heap.region_top[region], __ATOMIC_ACQUIRE) > first;
  return FindForward(heap.live, first, end) != end;
}

void ForwardSlots(const HeapCore& heap, uint32_t* slots, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t value = __atomic_load_n(&slots[i], __ATOMIC_RELAXED);
    if (value != 0 && value < heap.granules) slots[i] = Forward(heap, value);
  }
}

uint32_t IndexWhatStands(const HeapCore& heap, const uint8_t* base, uint32_t from, uint32_t to) {
  uint32_t at = from;
  while (at < to) {
    Header header = ReadHeader(heap, base, at);
    if (!IsSound(heap, at, header) || header.size > to - at) break;
    SetStart(heap, at);
    at += header.size;
  }
  return at;
}

bool IndexObjects(const HeapCore& heap, const uint8_t* base, uint32_t from, uint32_t to) {
  return IndexWhatStands(heap, base, from, to) == to;
}

}  // namespace continuum
