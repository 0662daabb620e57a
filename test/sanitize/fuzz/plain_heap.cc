#include "plain_heap.h"

#include <algorithm>
#include <cstring>

namespace continuum::fuzz {

Shape ChooseShape(Input& input) {
  static constexpr uint32_t kPages[] = {64, 128, 512};
  const uint32_t page = kPages[input.Below(3)];
  return {5 + input.Below(12), page << input.Below(3), page};
}

PlainHeap::PlainHeap(Shape shape_) : shape(shape_) {
  core.granules_per_page = shape.granules_per_page;
  core.page_shift = static_cast<unsigned>(__builtin_ctz(shape.granules_per_page));
  core.granules_per_region = shape.granules_per_region;
  core.region_shift = static_cast<unsigned>(__builtin_ctz(shape.granules_per_region));
  core.regions = shape.regions;
  core.granules = uint64_t{shape.regions} << core.region_shift;
  core.pages = static_cast<uint32_t>(core.granules >> core.page_shift);
  core.workspace = reinterpret_cast<uint8_t*>(Column<uint64_t>(core.granules));
  core.view = core.workspace;
  core.source = core.workspace;
  core.live = Column<uint64_t>(core.granules / 64);
  core.starts = Column<uint64_t>(core.granules / 64);
  core.destination_words = static_cast<uint32_t>(core.granules >> kBlockShift);
  core.destination = Column<uint32_t>(core.destination_words, kInPlace);
  core.origin = Column<uint32_t>(core.pages);
  for (uint32_t** of : {&core.region_state, &core.region_top, &core.region_live, &core.region_born, &core.region_head,
                        &core.region_size, &core.region_refs, &core.region_rescan}) {
    *of = Column<uint32_t>(core.regions);
  }
  core.region_next = Column<uint32_t>(core.regions, UINT32_MAX);
  core.mark_cycle = kCycle;
  for (uint32_t region = 0; region < core.regions; ++region) {
    core.region_top[region] = First(region);
    core.region_head[region] = region;
  }
  core.region_state[0] = kNull;
}

template <typename T>
T* PlainHeap::Column(uint64_t count, T value) {
  const uint64_t words = (count * sizeof(T) + 7) / 8;
  memory_.push_back(std::make_unique<uint64_t[]>(words));
  T* column = reinterpret_cast<T*>(memory_.back().get());
  std::fill(column, column + count, value);
  return column;
}

void PlainHeap::BeginMarking(uint32_t most_chunks) {
  memset(core.live, 0, core.granules / 8);
  memset(core.region_rescan, 0, core.regions * sizeof(uint32_t));
  marking.rescans = 0;
  marking.pool.Borrow(core.destination, core.destination_words, most_chunks);
}

}  // namespace continuum::fuzz
