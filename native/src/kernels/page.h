// The two ways to make a stale page right: build a target page from evacuated objects, or update a kept page in place.
//
// Both write the one page only, read memory that nobody writes until the cycle ends, and can be done again with the
// same result, so that a page whose builder was lost is simply somebody else's. All through the workspace.
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"

namespace continuum {

// Where a page could not be built any further, and why.
struct BuildStop {
  const char* why = "";
  uint32_t from = 0;              // granule of an evacuated region that was to come next
  uint32_t done = 0, wanted = 0;  // granules of the page
};

// Builds target page `page` into `out` (a page of memory): the live granules that origin[page] begins, references
// forwarded, zeroes behind the region's top. Writes the page's own words of `starts`. Returns the granules copied;
// UINT32_MAX, and `stop` where it is given, if what was evacuated is not as the plan left it.
uint32_t BuildPage(const HeapCore& heap, uint32_t page, uint8_t* out, BuildStop* stop = nullptr);

// Forwards every reference of a live object that stands on kept page `page`, in the workspace. `cycle` is the cycle
// that marked: regions born in it are live throughout. Returns how many slots changed.
uint32_t UpdatePage(const HeapCore& heap, uint32_t page, uint32_t cycle);

// True if a live object reaches onto the page at all.
bool PageIsLive(const HeapCore& heap, uint32_t page, uint32_t cycle);

// Forwards `count` root slots in place.
void ForwardSlots(const HeapCore& heap, uint32_t* slots, uint32_t count);

// Sets the start bits of the objects that stand gap-free from `from` on, through `base`. The region's owner only.
// Returns where they end: `to`, or the first granule where no header is that can be one, as in memory that is zero.
uint32_t IndexWhatStands(const HeapCore& heap, const uint8_t* base, uint32_t from, uint32_t to);

// The same where they are known to end at `to`. Returns false if the headers do not add up.
bool IndexObjects(const HeapCore& heap, const uint8_t* base, uint32_t from, uint32_t to);

}  // namespace continuum
