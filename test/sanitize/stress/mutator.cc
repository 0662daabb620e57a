#include "mutator.h"

#include <algorithm>

#include "fail.h"

namespace continuum::sanitize {

constexpr size_t kLog = 64;

void Mutator::Run() {
  while (world_.Poll()) {
    Step();
    ++operations_;
  }
}

void Mutator::ShadeLog() {
  Shade(heap_.core(), heap_.kernel().marking, log_.data(), static_cast<uint32_t>(log_.size()));
  log_.clear();
}

void Mutator::Step() {
  std::vector<uint32_t>& roots = graph_.roots()[index_];
  const uint32_t object = Chase(random_.Below(8));
  if (object == 0) return;
  const uint32_t number = NumberOf(object);
  const uint32_t slot = random_.Below(static_cast<uint32_t>(roots.size()));
  if (random_.Chance(0.02)) roots[slot] = random_.Chance(0.3) ? 0 : object;
  if (!IsOwn(number)) return;
  Expected& expected = graph_.expected(number);
  if (random_.Chance(0.3)) CheckOwn(object, expected, number);
  if (random_.Chance(0.5)) {
    ++expected.stores;
    ++*Graph::CountWord(heap_.view(), object, expected.granules);
  }
  if (!expected.children.empty() && random_.Chance(0.3)) {
    const uint32_t value = random_.Chance(0.1) ? 0 : Chase(random_.Below(8));
    const uint32_t at = random_.Below(static_cast<uint32_t>(expected.children.size()));
    Store(object, at, value);
    expected.children[at] = value == 0 ? 0 : NumberOf(value);
  }
}

// Follows references from a root, at random. The last object that is there; 0 if there is none.
uint32_t Mutator::Chase(uint32_t hops) {
  const std::vector<uint32_t>& roots = graph_.roots()[index_];
  uint32_t object = roots[random_.Below(static_cast<uint32_t>(roots.size()))];
  for (; object != 0 && hops > 0; --hops) {
    const uint32_t references = ReferencesOf(object);
    if (references == 0) break;
    const uint32_t next = Load(object, random_.Below(references));
    if (next == 0) break;
    object = next;
  }
  return object;
}

uint32_t Mutator::NumberOf(uint32_t granule) const {
  const uint32_t number = Graph::NumberOf(heap_.view(), granule);
  if (number == 0 || number >= graph_.objects()) Fail("a mutator reads number %u at granule %u", number, granule);
  return number;
}

uint32_t Mutator::ReferencesOf(uint32_t granule) const {
  return ReadHeader(heap_.core(), heap_.view(), granule).references;
}

// Slots are read by other mutators, and by markers, while their owner stores into them.
uint32_t Mutator::Load(uint32_t granule, uint32_t slot) const {
  const uint32_t value = __atomic_load_n(Graph::Slot(heap_.view(), granule, slot), __ATOMIC_RELAXED);
  if (value >= heap_.core().granules) Fail("a mutator reads %u in slot %u of granule %u", value, slot, granule);
  return value;
}

void Mutator::Store(uint32_t granule, uint32_t slot, uint32_t value) {
  if (marking_) {
    const uint32_t old = Load(granule, slot);
    if (old != 0) log_.push_back(old);
    if (log_.size() == kLog) ShadeLog();
  }
  __atomic_store_n(Graph::Slot(heap_.view(), granule, slot), value, __ATOMIC_RELAXED);
}

void Mutator::CheckOwn(uint32_t granule, const Expected& expected, uint32_t number) {
  const auto references = static_cast<uint32_t>(expected.children.size());
  for (uint32_t i = std::min(references, 4u); i > 0; --i) {
    const uint32_t slot = random_.Below(references), child = Load(granule, slot);
    const uint32_t found = child == 0 ? 0 : NumberOf(child);
    if (found != expected.children[slot])
      Fail("mutator %u: slot %u of object %u leads to %u, not %u", index_, slot, number, found,
           expected.children[slot]);
  }
  const uint32_t words = 2 * expected.granules - 3;  // without the last, in which its owner counts
  for (uint32_t i = std::min(words - references, 4u); i > 0; --i) {
    const uint32_t word = references + random_.Below(words - references);
    const uint32_t found = *Graph::Slot(heap_.view(), granule, word);
    if (found != Graph::PayloadOf(number, word)) Fail("mutator %u: payload of object %u is wrong", index_, number);
  }
  const uint32_t count = *Graph::CountWord(heap_.view(), granule, expected.granules);
  if (count != expected.stores) Fail("mutator %u: object %u says %u, not %u", index_, number, count, expected.stores);
}

}  // namespace continuum::sanitize
