#include "graph.h"

#include <algorithm>
#include <cstring>

#include "fail.h"
#include "kernels/page.h"

namespace continuum::sanitize {
namespace {

constexpr uint32_t kSizes[] = {2, 3, 4, 5, 7, 8, 16, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025};
constexpr uint32_t kRootsEach = 256;

uint32_t FreeRegions(const HeapCore& core) {
  return static_cast<uint32_t>(std::count(core.region_state, core.region_state + core.regions, kFree));
}

}  // namespace

bool Graph::OpenRegion(uint32_t leave) {
  HeapCore& core = heap_.core();
  CloseRegion();
  if (FreeRegions(core) <= leave) return false;
  const auto* found = std::find(core.region_state, core.region_state + core.regions, kFree);
  region_ = static_cast<uint32_t>(found - core.region_state);
  top_ = region_ << core.region_shift;
  core.region_state[region_] = kOpen;
  heap_.Provide(top_ >> core.page_shift, core.granules_per_region >> core.page_shift);
  return true;
}

void Graph::CloseRegion() {
  if (region_ == 0) return;
  HeapCore& core = heap_.core();
  if (!IndexObjects(core, core.view, region_ << core.region_shift, top_)) Fail("headers of a region do not add up");
  core.region_top[region_] = top_;
  core.region_state[region_] = kKept;
  region_ = 0;
}

uint32_t Graph::Make(uint32_t granules, uint32_t leave) {
  const HeapCore& core = heap_.core();
  if (granules > core.granules_per_region / 2) return MakeHumongous(granules, leave);
  if (region_ == 0 || top_ + granules > (region_ + 1) << core.region_shift) {
    if (!OpenRegion(leave)) return 0;
  }
  const uint32_t granule = top_;
  top_ += granules;
  Init(granule, granules, false);
  return granule;
}

uint32_t Graph::MakeHumongous(uint32_t granules, uint32_t leave) {
  HeapCore& core = heap_.core();
  const uint32_t count = (granules + core.granules_per_region - 1) >> core.region_shift;
  if (FreeRegions(core) < leave + count) return 0;
  for (uint32_t head = 1; head + count <= core.regions; ++head) {
    const uint32_t* states = &core.region_state[head];
    if (!std::all_of(states, states + count, [](uint32_t state) { return state == kFree; })) continue;
    const uint32_t first = head << core.region_shift;
    for (uint32_t region = head; region < head + count; ++region) {
      core.region_head[region] = head;
      core.region_state[region] = region == head ? kHumongous : kHumongousTail;
      core.region_top[region] = std::min(first + granules, (region + 1) << core.region_shift);
    }
    core.region_size[head] = granules;
    heap_.Provide(first >> core.page_shift, (granules + kPageGranules - 1) / kPageGranules);
    Init(first, granules, true);
    core.region_refs[head] = static_cast<uint32_t>(expected_.back().children.size());
    core.starts[first >> 6] |= 1;
    return first;
  }
  return 0;
}

void Graph::Init(uint32_t granule, uint32_t granules, bool humongous) {
  uint8_t* const view = heap_.view();
  const uint32_t words = 2 * granules - 2;
  const uint32_t number = static_cast<uint32_t>(expected_.size());
  const uint32_t references = random_.Chance(0.2) ? words - 1 : random_.Below(words);
  auto* header = reinterpret_cast<uint32_t*>(view + (uint64_t{granule} << 3));
  header[0] = humongous ? 0 : granules | references << 16;
  header[1] = number;
  Expected& expected = expected_.emplace_back();
  expected.granules = granules;
  expected.humongous = humongous;
  expected.alive = true;
  expected.children.assign(references, 0);
  for (uint32_t word = references; word + 1 < words; ++word) *Slot(view, granule, word) = PayloadOf(number, word);
  *CountWord(view, granule, granules) = 0;
  const uint32_t mutators = heap_.shape.mutators;
  for (uint32_t i = std::min(references, 1 + random_.Below(12)); i > 0; --i) {
    const auto& from = roots_[random_.Below(mutators)];
    const uint32_t child = from[random_.Below(kRootsEach)], slot = random_.Below(references);
    *Slot(view, granule, slot) = child;
    expected.children[slot] = child == 0 ? 0 : NumberOf(view, child);
  }
}

uint32_t Graph::SizeToMake() {
  if (random_.Chance(0.002)) return heap_.core().granules_per_region / 2 + 1 + random_.Below(20'000);
  if (random_.Chance(0.2)) return 2 + random_.Below(200);
  return kSizes[random_.Below(random_.Chance(0.9) ? 10 : std::size(kSizes))];
}

void Graph::Fill(uint32_t granules, uint32_t leave) {
  roots_.resize(heap_.shape.mutators);
  for (auto& own : roots_) own.resize(kRootsEach);
  for (uint32_t made = 0; made < granules;) {
    const uint32_t size = SizeToMake();
    const uint32_t granule = Make(size, leave);
    if (granule == 0) break;
    // Its owner is the mutator that has it as a root first: objects are changed by number modulo mutators.
    if (random_.Chance(0.6)) roots_[random_.Below(heap_.shape.mutators)][random_.Below(kRootsEach)] = granule;
    made += size;
  }
  CloseRegion();
}

void Graph::Check(uint32_t granule) {
  const HeapCore& core = heap_.core();
  uint8_t* const view = heap_.view();
  if (granule >= core.granules) Fail("a reference to %u, outside the heap", granule);
  const uint32_t region = core.RegionOf(granule), state = core.region_state[region];
  if (state != kKept && state != kHumongous) Fail("a reference to %u, in region %u (state %u)", granule, region, state);
  if (!TestBit(core.starts, granule)) Fail("a reference to %u, where no object starts", granule);
  const uint32_t number = NumberOf(view, granule);
  if (number == 0 || number >= expected_.size()) Fail("the object at %u has number %u", granule, number);
  const Expected& expected = expected_[number];
  const auto references = static_cast<uint32_t>(expected.children.size());
  const Header header = ReadHeader(core, view, granule);
  if (header.size != expected.granules || header.references != references)
    Fail("object %u at %u: %u granules, %u references", number, granule, header.size, header.references);
  for (uint32_t slot = 0; slot < references; ++slot) {
    const uint32_t child = *Slot(view, granule, slot);
    if (child >= core.granules) Fail("object %u at %u: slot %u holds %u", number, granule, slot, child);
    const uint32_t found = child == 0 ? 0 : NumberOf(view, child);
    if (found != expected.children[slot])
      Fail("object %u at %u: slot %u leads to object %u, not %u", number, granule, slot, found,
           expected.children[slot]);
  }
  for (uint32_t word = references; word + 1 < 2 * header.size - 2; ++word) {
    if (*Slot(view, granule, word) != PayloadOf(number, word))
      Fail("object %u at %u: payload word %u is %u", number, granule, word, *Slot(view, granule, word));
  }
  if (*CountWord(view, granule, header.size) != expected.stores)
    Fail("object %u at %u: its owner counted to %u, it says %u", number, granule, expected.stores,
         *CountWord(view, granule, header.size));
}

uint32_t Graph::Verify() {
  const HeapCore& core = heap_.core();
  std::vector<bool> seen(core.granules);
  std::vector<bool> found(expected_.size());
  std::vector<uint32_t> stack;
  uint32_t objects = 0;
  auto visit = [&](uint32_t granule) {
    if (granule == 0 || seen[granule]) return;
    Check(granule);
    seen[granule] = true;
    const uint32_t number = NumberOf(heap_.view(), granule);
    if (found[number]) Fail("object %u is there twice", number);
    found[number] = true;
    stack.push_back(granule);
    ++objects;
  };
  for (const auto& own : roots_) {
    for (uint32_t root : own) visit(root);
  }
  while (!stack.empty()) {
    const uint32_t granule = stack.back();
    stack.pop_back();
    const auto references = ReadHeader(core, heap_.view(), granule).references;
    for (uint32_t slot = 0; slot < references; ++slot) visit(*Slot(heap_.view(), granule, slot));
  }
  for (uint32_t number = 1; number < expected_.size(); ++number) {
    if (!found[number]) expected_[number] = {};
  }
  return objects;
}

}  // namespace continuum::sanitize
