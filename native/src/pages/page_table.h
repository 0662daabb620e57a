// The columns through which threads agree about pages: the page words, the words of the flip, and what each mutator's
// signal handler has done. Laid out by heap/layout.ts in the metadata mapping.
#pragma once

#include <atomic>
#include <cstdint>

namespace continuum {

// Written by the collector with every mutator stopped, except where said; read by signal handlers.
struct FlipWords {
  std::atomic<uint32_t> generation;  // of the last flip: what page words are compared with
  std::atomic<uint32_t> cycle;       // of the last flip: regions born in it are live throughout
  // 1 from the flip until the last stale page is published. Cleared with mutators running: the collector clears it and
  // then waits for every `inside`; a handler enters and then looks. Sequentially consistent, so one sees the other.
  std::atomic<uint32_t> compacting;
  std::atomic<uint32_t> lost;  // 1: pages are left that nobody can make right. Whoever needs one must die
  // Region of the last page that was forwarded for a fault, 0 when workers have seen it: a hint for the order of their
  // walk. Whoever serves a fault writes, workers take; relaxed.
  std::atomic<uint32_t> touched;
  // The coming generation, while pages are mapped ahead of its flip; else 0. Its words speak of the coming view; in the
  // present one those pages are MAPPED, as every kept page is (heap/ahead.ts).
  std::atomic<uint32_t> ahead;
  // Which view mutators use. Stored before `generation`, sequentially consistent: who sees the new generation binds the
  // new view. Of the other view no page is ever published for a fault.
  std::atomic<uint32_t> bank;
  uint32_t unused[9];
};
static_assert(sizeof(FlipWords) == 64);

// One a mutator, and one for threads that are none. A handler adds, relaxed: a figure, and nothing hangs on it, except
// for `inside`. The collector takes the counts away when no compaction runs (exchange with 0).
struct FaultCounts {
  static constexpr uint32_t kSubBits = 3;  // 8 buckets a power of two: within 12.5%
  static constexpr uint32_t kLeastBits = 6;
  static constexpr uint32_t kBuckets = (37 - kLeastBits) << kSubBits;  // up to 2^37 ns, two minutes

  std::atomic<uint32_t> inside;  // handlers that are at work now: see FlipWords::compacting
  std::atomic<uint32_t> taken;   // faults
  std::atomic<uint32_t> built;   // pages built, updated, right as they were: see gc/forwarder.ts
  std::atomic<uint32_t> updated;
  std::atomic<uint32_t> kept;
  std::atomic<uint32_t> published;
  std::atomic<uint32_t> waited;  // faults for which it slept while somebody else worked on the page
  uint32_t unused;
  std::atomic<uint32_t> service[kBuckets];  // ns from the handler's start to its end

  static uint32_t BucketOf(uint64_t ns) {
    if (ns < uint64_t{1} << kLeastBits) return 0;
    const uint32_t exponent = 63 - static_cast<uint32_t>(__builtin_clzll(ns));
    const auto sub = static_cast<uint32_t>(ns >> (exponent - kSubBits)) & ((1u << kSubBits) - 1);
    const uint32_t bucket = ((exponent - kLeastBits) << kSubBits | sub);
    return bucket < kBuckets ? bucket : kBuckets - 1;
  }
};
static_assert(sizeof(FaultCounts) == 1024);

struct PageTable {
  std::atomic<uint32_t>* words = nullptr;  // one a page: page_word.h
  FlipWords* flip = nullptr;
  FaultCounts* counts = nullptr;   // mutators + 1
  uint32_t* slot_pages = nullptr;  // by slot: page of the workspace in which a READY page stands, where not its own
  uint32_t* region_evacuated = nullptr;  // by region: the cycle that last evacuated it, 0 for none
  uint32_t mutators = 0;
};

}  // namespace continuum
