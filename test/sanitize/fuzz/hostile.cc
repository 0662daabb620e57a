#include <algorithm>
#include <vector>

#include "kernels/page.h"
#include "kernels/plan.h"
#include "kernels/rescan.h"
#include "kernels/right_pages.h"
#include "maker.h"
#include "targets.h"

namespace continuum::fuzz {
namespace {

// A program that writes past the end of an object makes headers and references of anything. What the collector alone
// writes is as it must be: states, tops, heads, and the order of the plan.
void Spoil(PlainHeap& heap, Input& input, const Made& made) {
  HeapCore& core = heap.core;
  for (uint32_t i = input.Below(32); i > 0; --i) {
    const uint32_t word = 2 * core.granules_per_region +
                          input.Below(static_cast<uint32_t>(2 * core.granules) - 2 * core.granules_per_region);
    heap.Words()[word] = static_cast<uint32_t>(input.Draw() >> (input.Byte() & 31));
  }
  for (uint32_t i = made.objects.empty() ? 0 : input.Below(8); i > 0; --i)  // headers
    heap.Words()[2 * size_t{made.objects[input.Draw() % made.objects.size()]}] = static_cast<uint32_t>(input.Draw());
}

void SpoilBits(PlainHeap& heap, Input& input) {
  for (uint32_t i = input.Below(16); i > 0; --i) {
    uint64_t* const bits = input.Chance(128) ? heap.core.live : heap.core.starts;
    bits[input.Below(static_cast<uint32_t>(heap.core.granules / 64))] = input.Draw();
  }
}

void Mark(PlainHeap& heap, Input& input, const Made& made) {
  heap.BeginMarking(input.Below(4));
  Shade(heap.core, heap.marking, made.roots.data(), static_cast<uint32_t>(made.roots.size()));
  Marker marker(heap.core, heap.marking);
  while (marker.Run(1000) || heap.marking.pool.HasWork() || heap.marking.rescans != 0) {
  }
}

// Any plan: targets full of pages whose origins are anywhere.
void Plan(PlainHeap& heap, Input& input) {
  HeapCore& core = heap.core;
  uint32_t previous = 0;
  for (uint32_t region = 1; region < core.regions; ++region) {
    const bool evacuates = core.region_state[region] == kKept && input.Chance(160);
    if (core.region_state[region] == kFree && input.Chance(128)) {
      core.region_state[region] = kTarget;
      core.region_top[region] = heap.First(region) + input.Below(core.granules_per_region + 1);
    }
    if (!evacuates) continue;
    core.region_state[region] = kEvacuated;
    if (previous != 0) core.region_next[previous] = region;
    previous = region;
    const uint32_t target = input.Below(static_cast<uint32_t>(core.granules) - core.granules_per_region);
    Place(core, region, 0, target, target + core.granules_per_region);
  }
  for (uint32_t page = 0; page < core.pages; ++page)
    core.origin[page] = input.Below(static_cast<uint32_t>(core.granules));
}

}  // namespace

void RunHostile(Input& input, Dump&) {
  PlainHeap heap(ChooseShape(input));
  HeapCore& core = heap.core;
  const Made made = Fill(heap, input);
  const bool early = input.Chance(128);
  for (const auto& [from, to] : made.pieces) IndexObjects(core, core.workspace, from, to);
  if (early) Spoil(heap, input, made);
  Mark(heap, input, made);
  if (!early) Spoil(heap, input, made);
  SpoilBits(heap, input);
  for (const auto& [from, to] : made.pieces) {
    const std::vector<uint64_t> starts(core.starts, core.starts + core.granules / 64);
    IndexObjects(core, core.workspace, from, to);
    for (uint32_t granule = 0; granule < core.granules; ++granule) {
      if (granule < from || granule >= to)
        Require(TestBit(core.starts, granule) == TestBit(starts.data(), granule), "a start bit outside");
    }
  }
  std::fill_n(core.destination, core.destination_words, kInPlace);
  for (uint32_t region = 1; region < core.regions; ++region) CountLive(core, region);
  Plan(heap, input);
  std::vector<PageRun> runs(heap.PagesPerRegion() / 2 + 2);
  for (uint32_t region = 1; region < core.regions; ++region)
    FindRightPages(core, {region * heap.PagesPerRegion(), heap.PagesPerRegion()}, kCycle, input.Below(4), runs.data());
  std::vector<uint64_t> out(core.granules_per_page);
  for (uint32_t page = heap.PagesPerRegion(); page < core.pages; ++page) {
    PageIsLive(core, page, kCycle);
    if (core.region_state[core.RegionOf(page << core.page_shift)] == kTarget) {
      const uint32_t built = BuildPage(core, page, reinterpret_cast<uint8_t*>(out.data()));
      Require(built == UINT32_MAX || built <= core.granules_per_page, "more granules than a page has");
    } else {
      UpdatePage(core, page, kCycle);
    }
  }
  const uint32_t page = input.Below(core.pages);
  heap.marking.pool.Borrow(core.destination, core.destination_words, 0);
  Rescan(core, heap.marking, page, 1 + input.Below(core.pages - page));
}

}  // namespace continuum::fuzz
