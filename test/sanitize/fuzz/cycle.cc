#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/page.h"
#include "kernels/plan.h"
#include "kernels/right_pages.h"
#include "maker.h"
#include "targets.h"

namespace continuum::fuzz {
namespace {

class Cycle {
 public:
  Cycle(Input& input, Dump& dump) : input_(input), dump_(dump), heap_(ChooseShape(input)), core_(heap_.core) {}

  void Run() {
    made_ = Fill(heap_, input_);
    dump_.AddShape(heap_);
    dump_.AddWords("words", heap_);
    dump_.AddRegions(heap_);
    dump_.Add("roots", made_.roots);
    Index();
    Mark();
    Scramble();
    Plan();
    Build();
    Update();
    Check();
  }

 private:
  void Index() {
    std::vector<uint32_t> pieces;
    dump_.AddBits("humongous", heap_, core_.starts);
    for (const auto& [from, to] : made_.pieces) {
      Require(IndexObjects(core_, core_.workspace, from, to), "headers do not add up");
      pieces.insert(pieces.end(), {from, to});
    }
    uint64_t starts = 0;
    for (uint64_t i = 0; i < core_.granules / 64; ++i)
      starts += static_cast<uint64_t>(__builtin_popcountll(core_.starts[i]));
    Require(starts == made_.objects.size(), "start bits are not objects");
    dump_.Add("pieces", pieces);
    dump_.AddBits("starts", heap_, core_.starts);
  }

  // Two markers in turns, with as little room in the pool as it may have.
  void Mark() {
    const uint32_t chunks = input_.Below(4), budget = 1 + input_.Below(300);
    heap_.BeginMarking(chunks);
    Marking& marking = heap_.marking;
    Shade(core_, marking, made_.roots.data(), static_cast<uint32_t>(made_.roots.size()));
    Marker one(core_, marking), other(core_, marking);
    for (uint32_t idle = 0; idle < 2;) {
      idle =
          one.Run(budget) || other.Run(budget / 2 + 1) || marking.pool.HasWork() || marking.rescans != 0 ? 0 : idle + 1;
      if (input_.Chance(32)) one.HandOver();
    }
    Require(marking.stray == 0 && marking.broken == 0, "marking says that a reference strays");
    const std::vector<bool> live = Reach(heap_, made_.roots);
    for (uint32_t granule = 0; granule < core_.granules; ++granule)
      Require(TestBit(core_.live, granule) == live[granule], "a live bit is wrong");
    dump_.AddBits("live", heap_, core_.live);
  }

  // Dead objects hold references to what has long been something else.
  void Scramble() {
    for (uint32_t object : made_.objects) {
      if (IsLive(object)) continue;
      const Header header = HeaderOf(heap_, object);
      for (uint32_t slot = 0; slot < header.references; ++slot)
        *heap_.Slot(object, slot) = static_cast<uint32_t>(input_.Draw() >> (input_.Draw() & 31));
    }
    dump_.AddWords("scrambled", heap_);
  }

  bool IsLive(uint32_t object) const {
    return TestBit(core_.live, object) || core_.region_born[core_.RegionOf(object)] == kCycle;
  }

  // gc/workers/plan.ts, with any choice of regions in any order.
  void Plan() {
    std::fill_n(core_.destination, core_.destination_words, kInPlace);
    std::vector<uint32_t> chosen, free;
    for (uint32_t region = 1; region < core_.regions; ++region) {
      const uint32_t state = core_.region_state[region];
      if (state == kFree) free.push_back(region);
      if (state == kHumongousTail || state == kFree) continue;
      const uint32_t live = CountLive(core_, region);
      if (state == kKept && core_.region_born[region] != kCycle && live > 0 && input_.Chance(200))
        chosen.push_back(region);
    }
    if (input_.Chance(128)) {
      for (auto* all : {&chosen, &free}) {
        for (size_t i = all->size(); i > 1; --i)
          std::swap((*all)[i - 1], (*all)[input_.Below(static_cast<uint32_t>(i))]);
      }
    }
    for (uint32_t region : chosen) core_.region_state[region] = kEvacuated;
    PlaceAll(chosen, free);
    dump_.Add("regionLive", core_.region_live, core_.regions);
    dump_.Add("evacuated", evacuated_);
    dump_.Add("targets", targets_);
    dump_.Add("destination", core_.destination, core_.destination_words);
    dump_.Add("origin", core_.origin, core_.pages);
    dump_.Add("regionNext", core_.region_next, core_.regions);
    dump_.Add("plannedState", core_.region_state, core_.regions);
    dump_.Add("plannedTop", core_.region_top, core_.regions);
  }

  void PlaceAll(const std::vector<uint32_t>& chosen, const std::vector<uint32_t>& free) {
    uint32_t at = 0, limit = 0;
    for (uint32_t region : chosen) {
      uint32_t next = 0;
      if (core_.region_live[region] > limit - at) {
        if (targets_.size() == free.size()) {
          core_.region_state[region] = kKept;
          continue;
        }
        next = free[targets_.size()];
        core_.region_state[next] = kTarget;
        targets_.push_back(next);
      }
      for (uint32_t block = 0;;) {
        const Placement placed = Place(core_, region, block, at, limit);
        at = placed.target;
        block = placed.block;
        if (limit > 0) core_.region_top[core_.RegionOf(limit - 1)] = at;
        if (block == core_.granules_per_region >> kBlockShift) break;
        Require(next != 0, "a region does not fit where its live granules do");
        at = heap_.First(next);
        limit = at + core_.granules_per_region;
        core_.region_top[next] = at;
        next = 0;
      }
      if (!evacuated_.empty()) core_.region_next[evacuated_.back()] = region;
      core_.region_next[region] = UINT32_MAX;
      evacuated_.push_back(region);
    }
  }

  void Build() {
    before_.assign(heap_.Words(), heap_.Words() + 2 * core_.granules);
    std::vector<uint8_t> out(core_.granules_per_page * 8);
    for (uint32_t region : targets_) {
      const uint32_t page = heap_.First(region) >> core_.page_shift;
      for (uint32_t i = 0; i < heap_.PagesPerRegion(); ++i) {
        const uint64_t offset = (uint64_t{page} + i) << (core_.page_shift + 3);
        std::fill_n(&core_.starts[offset >> 9], core_.granules_per_page >> 6, input_.Draw());  // an earlier owner's
        const uint32_t first = (page + i) << core_.page_shift, top = core_.region_top[region];
        const uint32_t wanted = top <= first ? 0 : std::min(top - first, core_.granules_per_page);
        Require(BuildPage(core_, page + i, out.data()) == wanted, "a page was not built to its end");
        std::fill_n(core_.workspace + offset, out.size(), uint8_t{0xa5});
        Require(BuildPage(core_, page + i, core_.workspace + offset) == wanted, "a page was not built again");
        Require(memcmp(out.data(), core_.workspace + offset, out.size()) == 0, "a page built twice differs");
      }
    }
    dump_.AddWords("built", heap_);
    dump_.AddBits("builtStarts", heap_, core_.starts);
  }

  void Update() {
    std::vector<uint32_t> right(core_.pages), live(core_.pages), changed(core_.pages);
    std::vector<PageRun> runs(heap_.PagesPerRegion() / 2 + 2);
    for (uint32_t region = 1; region < core_.regions; ++region) {
      const uint32_t state = core_.region_state[region];
      if (state != kKept && state != kHumongous && state != kHumongousTail) continue;
      const uint32_t first = region * heap_.PagesPerRegion();
      const uint32_t looked = FindRightPages(core_, {first, heap_.PagesPerRegion()}, kCycle, 0, runs.data());
      for (const PageRun* run = runs.data(); run->count > 0; ++run) std::fill_n(&right[run->first], run->count, 1);
      uint32_t found = 0;
      for (uint32_t page = first; page < first + heap_.PagesPerRegion(); ++page) {
        live[page] = PageIsLive(core_, page, kCycle);
        found += live[page];
        changed[page] = UpdatePage(core_, page, kCycle);
        Require(UpdatePage(core_, page, kCycle) == 0, "a page was updated twice");
      }
      Require(looked == found, "pages looked at are not those that are live");
    }
    ForwardSlots(core_, made_.roots.data(), static_cast<uint32_t>(made_.roots.size()));
    dump_.Add("right", right);
    dump_.Add("pageLive", live);
    dump_.Add("changed", changed);
    dump_.AddWords("updated", heap_);
    dump_.Add("forwarded", made_.roots);
  }

  // Every live object stands where it is forwarded to, alone, with the same words and its references forwarded.
  void Check() const {
    std::vector<bool> taken(core_.granules);
    for (uint32_t object : made_.objects) {
      if (!IsLive(object)) continue;
      const uint32_t to = Forward(core_, object), words = 2 * HeaderBefore(object).size;
      Require(TestBit(core_.starts, to), "no start bit where an object went");
      Require(to + words / 2 <= core_.granules, "an object went out of the heap");
      for (uint32_t word = 0; word < words; ++word) {
        const uint32_t was = before_[2 * size_t{object} + word], is = heap_.Words()[2 * size_t{to} + word];
        const bool slot = word >= 2 && word < 2 + HeaderBefore(object).references;
        Require(is == (slot && was != 0 ? Forward(core_, was) : was), "a word did not come along");
        if (word % 2 == 0) {
          Require(!taken[to + word / 2], "two objects went to the same place");
          taken[to + word / 2] = true;
        }
      }
    }
  }

  Header HeaderBefore(uint32_t object) const {
    const uint32_t word = before_[2 * size_t{object}], region = core_.RegionOf(object);
    if (word != 0) return {word & 0xffff, word >> 16};
    return {core_.region_size[region], core_.region_refs[region]};
  }

  Input& input_;
  Dump& dump_;
  PlainHeap heap_;
  HeapCore& core_;
  Made made_;
  std::vector<uint32_t> evacuated_, targets_, before_;
};

}  // namespace

void RunCycle(Input& input, Dump& dump) { Cycle(input, dump).Run(); }

}  // namespace continuum::fuzz
