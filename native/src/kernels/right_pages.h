// Kept pages that are right already: no live object on them refers to one that is about to be evacuated.
//
// Between plan and flip, with mutators running: a slot may change while it is read. Whether a page may be believed is
// the caller's business (heap/ahead.ts).
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"

namespace continuum {

// A run of consecutive pages.
struct PageRun {
  uint32_t first;
  uint32_t count;
};

// Looks at pages [first, first + count) of one kept region, and writes the runs of those that a live object reaches and
// that hold no stale reference to `out`, a run of none last; it has room for count / 2 + 2. Gives up after `patience`
// stale pages in a row (0: never). Returns how many live pages it looked at.
uint32_t FindRightPages(const HeapCore& heap, PageRun pages, uint32_t cycle, uint32_t patience, PageRun* out);

}  // namespace continuum
