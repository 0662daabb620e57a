#include "kernels/rescan.h"

#include <algorithm>
#include <vector>

#include "kernels/page.h"
#include "maker.h"
#include "targets.h"

namespace continuum::fuzz {
namespace {

struct Scanned {
  uint32_t first, end;  // granules
};

// What a look at every slot there must grey.
std::vector<bool> Expect(const PlainHeap& heap, const Made& made, Scanned at) {
  const HeapCore& core = heap.core;
  std::vector<bool> grey(core.granules);
  for (uint32_t object : made.objects) {
    const Header header = HeaderOf(heap, object);
    if (core.region_born[core.RegionOf(object)] != kCycle && !TestBit(core.live, object)) continue;
    for (uint32_t slot = 0; slot < header.references; ++slot) {
      const uint32_t granule = object + 1 + slot / 2, child = *heap.Slot(object, slot);
      if (granule < at.first || granule >= at.end || child == 0 || child >= core.granules) continue;
      grey[child] = core.region_born[core.RegionOf(child)] != kCycle && !TestBit(core.live, child);
    }
  }
  return grey;
}

}  // namespace

void RunRescan(Input& input, Dump&) {
  PlainHeap heap(ChooseShape(input));
  HeapCore& core = heap.core;
  const Made made = Fill(heap, input);
  for (const auto& [from, to] : made.pieces) Require(IndexObjects(core, core.workspace, from, to), "headers");
  heap.BeginMarking(0);
  for (uint32_t object : made.objects) {  // marked, and then stored into
    if (core.region_born[core.RegionOf(object)] == kCycle || !input.Chance(128)) continue;
    const bool humongous = core.region_state[core.RegionOf(object)] == kHumongous;
    for (uint32_t i = 0; i < (humongous ? 1 : HeaderOf(heap, object).size); ++i)
      core.live[(object + i) >> 6] |= uint64_t{1} << ((object + i) & 63);
  }
  uint32_t strays = 0;
  if (!made.objects.empty() && input.Chance(64)) {
    const uint32_t object = made.objects[input.Draw() % made.objects.size()];
    if (HeaderOf(heap, object).references > 0) *heap.Slot(object, 0) = strays = UINT32_MAX - input.Byte();
  }
  const uint32_t page = input.Below(core.pages), count = 1 + input.Below(core.pages - page);
  const std::vector<bool> wanted = Expect(heap, made, {page << core.page_shift, (page + count) << core.page_shift});
  const uint32_t shaded = Rescan(core, heap.marking, page, count);
  std::vector<bool> grey(core.granules);
  uint32_t greys = 0;
  while (GreyPool::Chunk* chunk = heap.marking.pool.Take()) {
    for (uint32_t i = 0; i < chunk->count; ++i) grey[chunk->refs[i]] = true;
    greys += chunk->count;
    heap.marking.pool.Release(chunk);
  }
  // Where the pool has no room, what was found is marked and its region flagged.
  const bool overflowed = heap.marking.rescans != 0;
  Require(shaded >= greys, "more was greyed than said");
  for (uint32_t granule = 0; granule < core.granules; ++granule) {
    if (grey[granule]) Require(wanted[granule], "greyed what nothing written refers to");
    if (wanted[granule] && !grey[granule])
      Require(overflowed && TestBit(core.live, granule), "what a written slot refers to was not greyed");
  }
  const uint32_t stray = heap.marking.stray;
  Require(stray == 0 || stray == strays, "a stray reference that nobody stored");
}

}  // namespace continuum::fuzz
