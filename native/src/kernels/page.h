// The two ways to make a stale page right: build a target page from evacuated objects, or update a kept page in place.
//
// Both write the one page only, read memory that nobody writes until the cycle ends, and can be done again with the
// same result, so that a page whose builder was lost is simply somebody else's. All through the workspace.
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"

namespace continuum {

// Builds target page `page` into `out` (a page of memory): the live granules that origin[page] begins, references
// forwarded, zeroes behind the region's top. Writes the page's own words of `starts`. Returns the granules copied;
// UINT32_MAX if the plan's objects end before the page does, which no sound plan does.
uint32_t BuildPage(const HeapCore& heap, uint32_t page, uint8_t* out);

// Forwards every reference of a live object that stands on kept page `page`, in the workspace. `cycle` is the cycle
// that marked: regions born in it are live throughout. Returns how many slots changed.
uint32_t UpdatePage(const HeapCore& heap, uint32_t page, uint32_t cycle);

// True if a live object reaches onto the page at all.
bool PageIsLive(const HeapCore& heap, uint32_t page, uint32_t cycle);

// Forwards `count` root slots in place.
void ForwardSlots(const HeapCore& heap, uint32_t* slots, uint32_t count);

// Sets the start bits of the objects that stand gap-free in [from, to), through `base`. The region's owner only.
// Returns false if the headers do not add up to `to`.
bool IndexObjects(const HeapCore& heap, const uint8_t* base, uint32_t from, uint32_t to);

}  // namespace continuum
