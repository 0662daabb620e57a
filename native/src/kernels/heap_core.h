// The heap as the kernels see it: bases, shapes and metadata columns, shared by every thread of the process.
//
// Nothing here knows JavaScript. All columns live in one native mapping laid out by heap/layout.ts; the numbers
// arrive once, at creation, and never change. What does change carries its rule beside it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace continuum {

inline constexpr uint32_t kInPlace = 0xffffffffu;  // destination[] of a block that does not move
inline constexpr unsigned kBlockShift = 6;         // 64 granules a block: one bitmap word, one destination
inline constexpr uint32_t kMaxFieldValue = 0xffff;

// The same values as RegionState in heap/region.ts; the loader compares the two lists.
enum RegionState : uint32_t {
  kFree = 0,
  kOpen = 1,
  kKept = 2,
  kEvacuated = 3,
  kTarget = 4,
  kHumongous = 5,
  kHumongousTail = 6,
  kNull = 7,  // region 0: no memory, no objects
};

struct HeapCore {
  uint8_t* workspace = nullptr;  // W: never armed
  uint8_t* view = nullptr;       // V of private memory; equal to workspace for a twin mapping
  // V where publishing a page takes it away from W (UFFDIO_MOVE); null otherwise. See ReadKeptHeader.
  const uint8_t* moved_to = nullptr;

  // Where objects are to be read: W for a twin mapping; for private memory V until the flip and W while a
  // compaction runs. Written by the collector with every mutator stopped or no kernel running; relaxed is enough
  // because the task that starts a kernel is handed over through a message or a futex.
  std::atomic<uint8_t*> source{nullptr};

  uint32_t granules_per_page = 0, page_shift = 0;
  uint32_t granules_per_region = 0, region_shift = 0;
  uint32_t pages = 0, regions = 0;
  uint64_t granules = 0;

  uint64_t* live = nullptr;         // bit a granule; set by markers (atomic or), cleared before marking
  uint64_t* starts = nullptr;       // bit a granule; written by a region's owner, or a target page's builder
  uint32_t* destination = nullptr;  // granule a block; written by plan, read after the flip. Lent to marking
  uint32_t destination_words = 0;
  uint32_t* origin = nullptr;  // granule a page of a target region; written by plan

  uint32_t* region_state = nullptr;   // RegionState; see heap/region.ts for who moves it
  uint32_t* region_top = nullptr;     // granule past the last object; by the owner, or by plan
  uint32_t* region_live = nullptr;    // live granules; by plan
  uint32_t* region_born = nullptr;    // cycle in which it was opened; by the owner before its first object
  uint32_t* region_head = nullptr;    // head region of a humongous run
  uint32_t* region_size = nullptr;    // granules of the humongous object, at its head
  uint32_t* region_refs = nullptr;    // references of the humongous object, at its head
  uint32_t* region_next = nullptr;    // evacuated region whose objects follow in the same target
  uint32_t* region_rescan = nullptr;  // 1: holds objects marked but not scanned (grey pool ran out)

  // The cycle that marks now. Written by the collector before the first handshake of a cycle.
  std::atomic<uint32_t> mark_cycle{0};

  uint32_t RegionOf(uint32_t granule) const { return granule >> region_shift; }
  uint8_t* At(uint8_t* base, uint64_t granule) const { return base + (granule << 3); }
};

// Whether references may point into regions of this state while marking runs.
inline bool HoldsObjects(uint32_t state) {
  return ((1u << kOpen | 1u << kKept | 1u << kHumongous) >> (state & 31) & 1) != 0;
}

struct Header {
  uint32_t size;        // granules, header included
  uint32_t references;  // slots of 4 bytes right behind the header
};

// Humongous objects keep size and references in the region table, so that a slot is 8 bytes behind every header.
inline Header ReadHeader(const HeapCore& heap, const uint8_t* source, uint32_t granule) {
  uint32_t word = *reinterpret_cast<const uint32_t*>(source + (uint64_t{granule} << 3));
  if (word != 0) return {word & kMaxFieldValue, word >> 16};
  uint32_t region = heap.RegionOf(granule);
  if (heap.region_state[region] != kHumongous) return {0, 0};  // written over: what the table says is long gone
  return {heap.region_size[region], heap.region_refs[region]};
}

// Whether a header can be one: mutators may write what they like over theirs, and store numbers that are no references.
// One that is sound keeps whoever goes by it inside its region, and its references inside the object.
inline bool FitsRegion(const HeapCore& heap, uint32_t granule, Header header) {
  return header.references + 2 <= 2 * header.size &&  // no size of 0, too
         heap.RegionOf(granule + header.size - 1) == heap.RegionOf(granule);
}

// The same, or humongous.
inline bool IsSound(const HeapCore& heap, uint32_t granule, Header header) {
  if (FitsRegion(heap, granule, header)) [[likely]]
    return true;
  const uint32_t region = heap.RegionOf(granule);
  // A humongous object is sound by the region table, which no mutator's words are in.
  return granule == region << heap.region_shift && heap.region_state[region] == kHumongous &&
         header.references + uint64_t{2} <= 2 * uint64_t{header.size} && header.size <= heap.granules - granule;
}

// The header of an object on a page that may have been moved out of W meanwhile. A page is in one of the two at any
// time, and no header is 0: what reads as 0 in W is a hole, and so it is in V, where reading it raises no fault.
inline Header ReadKeptHeader(const HeapCore& heap, uint32_t granule) {
  const uint64_t offset = uint64_t{granule} << 3;
  uint32_t word = __atomic_load_n(reinterpret_cast<const uint32_t*>(heap.workspace + offset), __ATOMIC_RELAXED);
  if (word == 0 && heap.moved_to != nullptr) {
    word = __atomic_load_n(reinterpret_cast<const uint32_t*>(heap.moved_to + offset), __ATOMIC_RELAXED);
  }
  return {word & kMaxFieldValue, word >> 16};
}

// A word of a bitmap. Relaxed, which costs nothing: a marker that scans a region again reads live bits that others are
// setting. Of a bit that is missed the region's flag tells (Marker::Rescan).
inline uint64_t BitsAt(const uint64_t* bits, uint32_t word) { return __atomic_load_n(&bits[word], __ATOMIC_RELAXED); }

inline bool TestBit(const uint64_t* bits, uint32_t granule) { return BitsAt(bits, granule >> 6) >> (granule & 63) & 1; }

// Nearest set bit at or below `granule`, not below `floor`; UINT32_MAX where there is none.
inline uint32_t FindBackward(const uint64_t* bits, uint32_t granule, uint32_t floor) {
  uint32_t word = granule >> 6;
  uint64_t value = BitsAt(bits, word) & (~uint64_t{0} >> (63 - (granule & 63)));
  while (value == 0) {
    if (word == floor >> 6) return UINT32_MAX;
    value = BitsAt(bits, --word);
  }
  uint32_t found = (word << 6) + 63 - static_cast<uint32_t>(__builtin_clzll(value));
  return found < floor ? UINT32_MAX : found;
}

// Nearest set bit at or above `granule`, below `end`; `end` where there is none.
inline uint32_t FindForward(const uint64_t* bits, uint32_t granule, uint32_t end) {
  if (granule >= end) return end;
  uint32_t word = granule >> 6, last = (end - 1) >> 6;
  uint64_t value = BitsAt(bits, word) & (~uint64_t{0} << (granule & 63));
  while (value == 0) {
    if (word == last) return end;
    value = BitsAt(bits, ++word);
  }
  uint32_t found = (word << 6) + static_cast<uint32_t>(__builtin_ctzll(value));
  return found < end ? found : end;
}

// New place of a live object, by bitmap and destination alone (The Compressor, Kermany & Petrank 2006). Forwarding a
// forwarded reference changes nothing: targets are never themselves evacuated.
inline uint32_t Forward(const HeapCore& heap, uint32_t reference) {
  if (heap.region_state[heap.RegionOf(reference)] != kEvacuated) return reference;
  uint32_t block = reference >> kBlockShift;
  uint64_t below = heap.live[block] & ((uint64_t{1} << (reference & 63)) - 1);
  return heap.destination[block] + static_cast<uint32_t>(__builtin_popcountll(below));
}

}  // namespace continuum
