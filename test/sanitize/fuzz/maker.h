// Random heaps as mutators leave them: objects in kept regions, gap-free but for what a flip skips, humongous ones in
// runs, references to objects everywhere, and roots.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "plain_heap.h"

namespace continuum::fuzz {

struct Made {
  std::vector<uint32_t> objects;                      // where each starts
  std::vector<uint32_t> roots;                        // what the regions born in the cycle refer to among them
  std::vector<std::pair<uint32_t, uint32_t>> pieces;  // [from, to): where objects stand gap-free
};

// `born`: whether some regions are as if opened after marking began.
Made Fill(PlainHeap& heap, Input& input, bool born = true);

Header HeaderOf(const PlainHeap& heap, uint32_t granule);

// Granules of what is reachable from `roots` and was not born in the cycle, as marking must find it, by a plain walk.
std::vector<bool> Reach(const PlainHeap& heap, const std::vector<uint32_t>& roots);

}  // namespace continuum::fuzz
