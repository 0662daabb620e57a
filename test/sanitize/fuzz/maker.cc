#include "maker.h"

#include <algorithm>

namespace continuum::fuzz {
namespace {

void MakeHumongous(PlainHeap& heap, Input& input, Made& made, uint32_t head, uint32_t regions) {
  HeapCore& core = heap.core;
  const uint32_t first = heap.First(head), room = regions << core.region_shift;
  const uint32_t size = room - input.Below(core.granules_per_region - 1);
  const uint32_t words = 2 * size - 2;
  core.region_size[head] = size;
  core.region_refs[head] = input.Chance(128) ? words : static_cast<uint32_t>(input.Draw() % (words + 1));
  const bool born = core.region_born[head] == kCycle;
  for (uint32_t region = head; region < head + regions; ++region) {
    core.region_state[region] = region == head ? kHumongous : kHumongousTail;
    core.region_head[region] = head;
    core.region_born[region] = born ? kCycle : 0;
    core.region_top[region] = std::min(first + size, heap.First(region + 1));
  }
  heap.Words()[2 * first] = 0;
  heap.Words()[2 * first + 1] = static_cast<uint32_t>(input.Draw());
  core.starts[first >> 6] |= 1;
  made.objects.push_back(first);
}

uint32_t ChooseSize(Input& input, uint32_t most) {
  static constexpr uint32_t kSizes[] = {1,  1,  2,  2,  3,  4,   5,   7,   8,   15,  31,
                                        32, 33, 63, 64, 65, 127, 128, 129, 511, 512, 513};
  const uint32_t size = input.Chance(200) ? kSizes[input.Below(std::size(kSizes))] : 1 + input.Below(most);
  return std::min(size, most);
}

void FillRegion(PlainHeap& heap, Input& input, Made& made, uint32_t region) {
  HeapCore& core = heap.core;
  const uint32_t first = heap.First(region), end = heap.First(region + 1);
  const uint32_t stop = first + (input.Chance(96) ? core.granules_per_region : input.Below(core.granules_per_region));
  uint32_t at = first, piece = first;
  while (at < stop) {
    const uint32_t size = ChooseSize(input, core.granules_per_region / 2);
    if (at + size > end) break;
    const uint32_t words = 2 * size - 2;
    const uint32_t references = input.Chance(64) ? words : static_cast<uint32_t>(input.Draw() % (words + 1));
    heap.Words()[2 * at] = size | references << 16;
    heap.Words()[2 * at + 1] = static_cast<uint32_t>(input.Draw());
    made.objects.push_back(at);
    at += size;
    if (input.Chance(8)) {  // a flip came by: what comes next begins on a page of its own
      made.pieces.emplace_back(piece, at);
      core.region_top[region] = at;
      at = piece = (at + core.granules_per_page - 1) / core.granules_per_page * core.granules_per_page;
    }
  }
  if (at > piece) {
    made.pieces.emplace_back(piece, at);
    core.region_top[region] = at;
  }
  core.region_state[region] = kKept;
}

}  // namespace

Header HeaderOf(const PlainHeap& heap, uint32_t granule) {
  const uint32_t region = heap.core.RegionOf(granule);
  if (heap.core.region_state[region] == kHumongous)
    return {heap.core.region_size[region], heap.core.region_refs[region]};
  const uint32_t word = heap.Words()[2 * size_t{granule}];
  return {word & 0xffff, word >> 16};
}

Made Fill(PlainHeap& heap, Input& input, bool born) {
  Made made;
  HeapCore& core = heap.core;
  for (uint32_t region = 1; region < core.regions; ++region) {
    const uint32_t kind = input.Byte();
    if (kind < 80) continue;  // free
    if (born && kind >= 230) core.region_born[region] = kCycle;
    const uint32_t run = 1 + (kind & 1);
    if (kind < 100 && region + run <= core.regions) {
      MakeHumongous(heap, input, made, region, run);
      region += run - 1;
    } else {
      FillRegion(heap, input, made, region);
    }
  }
  if (made.objects.empty()) return made;
  const auto any = [&] { return made.objects[input.Draw() % made.objects.size()]; };
  for (uint32_t object : made.objects) {
    const Header header = HeaderOf(heap, object);
    const bool is_born = core.region_born[core.RegionOf(object)] == kCycle;
    for (uint32_t slot = 0; slot < 2 * header.size - 2; ++slot) {
      const uint64_t draw = input.Draw();
      uint32_t& word = *heap.Slot(object, slot);
      word = slot >= header.references ? static_cast<uint32_t>(draw) : draw % 4 == 0 ? any() : 0;
      if (is_born && slot < header.references && word != 0) made.roots.push_back(word);
    }
  }
  for (uint32_t i = input.Below(64); i > 0; --i) made.roots.push_back(any());
  return made;
}

std::vector<bool> Reach(const PlainHeap& heap, const std::vector<uint32_t>& roots) {
  std::vector<bool> live(heap.core.granules);
  std::vector<uint32_t> stack;
  auto visit = [&](uint32_t object) {
    if (object == 0 || live[object] || heap.core.region_born[heap.core.RegionOf(object)] == kCycle) return;
    const bool humongous = heap.core.region_state[heap.core.RegionOf(object)] == kHumongous;
    const uint32_t size = humongous ? 1 : HeaderOf(heap, object).size;
    std::fill_n(live.begin() + object, size, true);
    stack.push_back(object);
  };
  for (uint32_t root : roots) visit(root);
  while (!stack.empty()) {
    const uint32_t object = stack.back();
    stack.pop_back();
    for (uint32_t slot = 0; slot < HeaderOf(heap, object).references; ++slot) visit(*heap.Slot(object, slot));
  }
  return live;
}

}  // namespace continuum::fuzz
