// Marking by incremental update: what was stored into objects that are marked already is found on the pages that the
// kernel calls written, and greyed (Boehm, Demers & Shenker 1991, with the virtual memory's dirty bits).
#pragma once

#include <cstdint>

#include "kernels/heap_core.h"
#include "kernels/mark.h"

namespace continuum {

// Greys whatever the slots on pages [page, page + count) refer to, of objects that are marked or were born in this
// cycle. Others need nothing: once marked they are scanned whole. Every object that is not wholly above its region's
// top must have its start bit. Reads live objects only, for a dead one may stand on a page that nobody can touch.
// Any thread, while no marker runs. Returns how many references were not marked before.
uint32_t Rescan(const HeapCore& heap, Marking& marking, uint32_t page, uint32_t count);

}  // namespace continuum
