#include <algorithm>
#include <vector>

#include "kernels/plan.h"
#include "targets.h"

namespace continuum::fuzz {
namespace {

uint64_t ChooseBits(Input& input) {
  switch (input.Below(6)) {
    case 0:
      return 0;
    case 1:
      return ~uint64_t{0};
    case 2:
      return uint64_t{1} << (input.Byte() & 63);
    case 3:
      return ~uint64_t{0} << (input.Byte() & 63);
    case 4:
      return ~uint64_t{0} >> (input.Byte() & 63);
    default:
      return input.Draw();
  }
}

}  // namespace

// Place is told nothing of objects but their bits, and every choice of those is answered alike by the model.
void RunPlace(Input& input, Dump& dump) {
  PlainHeap heap(ChooseShape(input));
  HeapCore& core = heap.core;
  for (uint64_t word = 0; word < core.granules / 64; ++word) {
    core.live[word] = ChooseBits(input);
    core.starts[word] = ChooseBits(input);
  }
  for (uint32_t region = 1; region < core.regions; ++region) {
    core.region_state[region] = input.Chance(32) ? kHumongous : kKept;
    core.region_size[region] = input.Word();
  }
  dump.AddShape(heap);
  dump.AddRegions(heap);
  dump.AddBits("live", heap, core.live);
  dump.AddBits("starts", heap, core.starts);
  std::vector<uint32_t> placed;
  const uint32_t blocks = core.granules_per_region >> kBlockShift, granules = static_cast<uint32_t>(core.granules);
  for (uint32_t i = 0; i < 40; ++i) {
    const uint32_t region = 1 + input.Below(core.regions - 1), block = input.Below(blocks);
    const uint32_t target = input.Below(granules - core.granules_per_region);
    const uint32_t limit = target + input.Below(core.granules_per_region + 1);
    const Placement answer = Place(core, region, block, target, limit);
    Require(answer.block <= blocks && answer.block >= block, "a block that was not asked for");
    Require(answer.target >= target && answer.target <= limit, "a place beyond the limit");
    placed.insert(placed.end(), {region, block, target, limit, answer.target, answer.block});
  }
  for (uint32_t region = 1; region < core.regions; ++region) CountLive(core, region);
  dump.Add("placed", placed);
  dump.Add("regionLive", core.region_live, core.regions);
  dump.Add("destination", core.destination, core.destination_words);
  dump.Add("origin", core.origin, core.pages);
}

}  // namespace continuum::fuzz
