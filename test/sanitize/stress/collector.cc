#include "collector.h"

#include <algorithm>
#include <cstring>
#include <thread>

#include "fail.h"
#include "kernels/page.h"
#include "kernels/plan.h"
#include "kernels/right_pages.h"
#include "pages/page_word.h"
#include "worker.h"

namespace continuum::sanitize {
namespace {

template <typename Work>
void OnThreads(uint32_t threads, Work work) {
  std::vector<std::thread> all;
  for (uint32_t i = 0; i < threads; ++i) all.emplace_back(work, i);
  for (auto& thread : all) thread.join();
}

}  // namespace

void Collector::Cycle(uint32_t threads) {
  ++cycle_;
  Mark(threads);
  Plan();
  if (!evacuated_.empty()) {
    heap_.ArmComing();
    world_.Pause([this] { Flip(); });
    Compact(threads);
  }
  world_.Pause([this] {
    Reclaim();
    totals_.objects += graph_.Verify();
    graph_.Fill(random_.Below(100'000), heap_.shape.regions / 3);
  });
  ++totals_.cycles;
}

void Collector::Mark(uint32_t threads) {
  HeapCore& core = heap_.core();
  Marking& marking = heap_.kernel().marking;
  world_.Pause([&] {
    memset(core.live, 0, core.granules / 8);
    memset(core.region_rescan, 0, core.regions * sizeof(uint32_t));
    marking.rescans = 0;
    marking.pool.Borrow(core.destination, core.destination_words, random_.Chance(0.3) ? 1 + random_.Below(3) : 0);
    core.mark_cycle = cycle_;
    for (const auto& own : graph_.roots()) Shade(core, marking, own.data(), static_cast<uint32_t>(own.size()));
    for (const auto& mutator : mutators_) mutator->SetMarking(true);
  });
  Trace(threads);
  world_.Pause([&] {
    for (const auto& mutator : mutators_) {
      mutator->ShadeLog();
      mutator->SetMarking(false);
    }
    Marker marker(core, marking);
    while (marker.Run(10'000) || marking.pool.HasWork() || marking.rescans.load() != 0) {
    }
    if (marking.stray.load() != 0) Fail("marking came by %u", marking.stray.load());
    if (marking.broken.load() != 0) Fail("marking came by a broken header at %u", marking.broken.load());
  });
}

// gc/workers/mark.ts.
void Collector::Trace(uint32_t threads) {
  Marking& marking = heap_.kernel().marking;
  std::atomic<uint32_t> idle{0};
  auto has_work = [&] { return marking.pool.HasWork() || marking.rescans.load() != 0; };
  OnThreads(threads, [&](uint32_t) {
    Marker marker(heap_.core(), marking);
    for (;;) {
      if (marker.Run(500)) continue;
      idle.fetch_add(1);
      while (!has_work()) {
        if (idle.load() == threads && !has_work()) return;
        std::this_thread::yield();
      }
      idle.fetch_sub(1);
    }
  });
}

// gc/workers/plan.ts, with mutators running.
void Collector::Plan() {
  HeapCore& core = heap_.core();
  memset(core.destination, 0xff, core.destination_words * sizeof(uint32_t));
  evacuated_.clear();
  targets_.clear();
  std::vector<uint32_t> candidates = Survey();
  std::sort(candidates.begin(), candidates.end(),
            [&](uint32_t a, uint32_t b) { return core.region_live[a] < core.region_live[b]; });
  const auto free = static_cast<uint32_t>(std::count(core.region_state, core.region_state + core.regions, kFree));
  uint64_t room = uint64_t{free / 2} << core.region_shift;
  std::vector<uint32_t> chosen;
  for (uint32_t region : candidates) {
    if (core.region_live[region] > room || core.region_live[region] > core.granules_per_region / 10 * 9) break;
    room -= core.region_live[region];
    chosen.push_back(region);
  }
  if (chosen.size() < 2) return;
  std::sort(chosen.begin(), chosen.end());
  for (uint32_t region : chosen) {
    core.region_state[region] = kEvacuated;
    heap_.kernel().pages.region_evacuated[region] = cycle_;
  }
  PlaceAll(chosen);
}

// Frees what is dead, and returns regions that could be evacuated.
std::vector<uint32_t> Collector::Survey() {
  HeapCore& core = heap_.core();
  std::vector<uint32_t> candidates;
  for (uint32_t region = 1; region < core.regions; ++region) {
    const uint32_t state = core.region_state[region];
    if (state != kKept && state != kHumongous) continue;
    const uint32_t live = CountLive(core, region);
    if (live == 0) {
      Free(region);
    } else if (state == kKept && random_.Chance(0.9)) {
      candidates.push_back(region);
    }
  }
  return candidates;
}

void Collector::Free(uint32_t region) {
  HeapCore& core = heap_.core();
  const bool humongous = core.region_state[region] == kHumongous;
  const uint32_t granules = humongous ? core.region_size[region] : 1;
  const uint32_t count = (granules + core.granules_per_region - 1) >> core.region_shift;
  for (uint32_t i = region; i < region + count; ++i) {
    memset(&core.starts[(i << core.region_shift) >> 6], 0, core.granules_per_region / 8);
    core.region_top[i] = i << core.region_shift;
    core.region_state[i] = kFree;
  }
}

void Collector::PlaceAll(const std::vector<uint32_t>& chosen) {
  HeapCore& core = heap_.core();
  uint32_t at = 0, limit = 0, previous = 0;
  for (uint32_t region : chosen) {
    uint32_t next = 0;
    if (core.region_live[region] > limit - at) {
      next = static_cast<uint32_t>(std::find(core.region_state, core.region_state + core.regions, kFree) -
                                   core.region_state);
      if (next == core.regions) Fail("no region is left for a target");
      core.region_state[next] = kTarget;
      targets_.push_back(next);
    }
    for (uint32_t block = 0;;) {
      const Placement placed = Place(core, region, block, at, limit);
      at = placed.target;
      block = placed.block;
      if (limit > 0) core.region_top[core.RegionOf(limit - 1)] = at;
      if (block == core.granules_per_region >> kBlockShift) break;
      if (next == 0) Fail("region %u does not fit into a region", region);
      at = next << core.region_shift;
      limit = at + core.granules_per_region;
      core.region_top[next] = at;
      next = 0;
    }
    if (previous != 0) core.region_next[previous] = region;
    core.region_next[region] = UINT32_MAX;
    previous = region;
    evacuated_.push_back(region);
  }
  totals_.evacuated += evacuated_.size();
  totals_.targets += targets_.size();
}

void Collector::Flip() {
  HeapCore& core = heap_.core();
  FlipWords& flip = *heap_.kernel().pages.flip;
  if (server_ != nullptr) server_->Quiesce();
  const uint32_t generation = heap_.generation() + 1;
  if (heap_.way.shared() && random_.Chance(0.5)) MapAhead(generation);
  for (auto& own : graph_.roots()) ForwardSlots(core, own.data(), static_cast<uint32_t>(own.size()));
  heap_.SwitchViews();
  flip.touched = 0;
  flip.cycle = cycle_;
  flip.generation = generation;
  flip.compacting = 1;
}

// The mutators stand still, so there is nothing for a barrier to notice.
void Collector::MapAhead(uint32_t coming) {
  const HeapCore& core = heap_.core();
  const uint32_t pages = core.granules_per_region >> core.page_shift;
  std::vector<PageRun> runs(pages / 2 + 2);
  for (uint32_t region = 1; region < core.regions; ++region) {
    const uint32_t state = core.region_state[region];
    if (state != kKept && state != kHumongous && state != kHumongousTail) continue;
    FindRightPages(core, {region * pages, pages}, cycle_, random_.Below(3), runs.data());
    for (const PageRun* run = runs.data(); run->count > 0; ++run) {
      heap_.PublishAhead(run->first, run->count);
      totals_.ahead += run->count;
      for (uint32_t page = run->first; page < run->first + run->count; ++page)
        heap_.kernel().pages.words[page].store(page_word::Encode(coming, page_word::kMapped));
    }
  }
}

void Collector::Compact(uint32_t threads) {
  std::atomic<uint32_t> cursor{0};
  std::atomic<uint64_t> published{0};
  const uint32_t batch = heap_.shape.staging_pages / threads;
  const uint32_t pages = random_.Chance(0.3) ? 1 : batch;
  OnThreads(threads, [&](uint32_t i) {
    Worker worker(heap_, i, pages);
    worker.Run(cycle_, cursor);
    published += worker.published();
  });
  totals_.published += published;
  PageTable& table = heap_.kernel().pages;
  table.flip->compacting = 0;
  for (uint32_t i = 0; i <= table.mutators; ++i) {
    while (table.counts[i].inside.load() != 0) std::this_thread::yield();
  }
  if (server_ != nullptr) server_->Quiesce();
}

void Collector::Reclaim() {
  HeapCore& core = heap_.core();
  for (uint32_t region : targets_) core.region_state[region] = kKept;
  if (!evacuated_.empty()) heap_.EndCompaction();
  for (uint32_t region : evacuated_) {
    memset(&core.starts[(region << core.region_shift) >> 6], 0, core.granules_per_region / 8);
    core.region_top[region] = region << core.region_shift;
    core.region_state[region] = kFree;
  }
}

}  // namespace continuum::sanitize
