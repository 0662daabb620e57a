// A heap's recorder, as signal handlers write to it: the same layout as heap/trace.ts, which says what it is; loading
// the addon compares the two. Async-signal-safe: no lock, no allocation; a page touched for the first time is the
// kernel's.
#pragma once

#include <time.h>

#include <atomic>
#include <cstdint>

namespace continuum {

inline uint64_t MonotonicNs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

enum TraceKind : uint16_t { kTraceFault = 18, kTraceForward = 32, kTracePublish = 33 };
enum TraceForwarded : uint32_t { kTraceBuilt = 0, kTraceUpdated = 1, kTraceAsItWas = 2 };

struct TraceHeader {
  std::atomic<uint32_t> level;  // 0 off, 1 timeline, 2 pages. The collector stores, release; writers load, acquire
  std::atomic<uint32_t> taken;  // chunks. Writers add, relaxed: a chunk's contents are handed over by its count
  uint32_t chunks, page_chunks, lanes;           // by its maker; constant
  std::atomic<uint32_t> dropped, dropped_pages;  // records that did not fit. Writers add, relaxed: a figure
  uint32_t workers, servers, unused;             // by JavaScript, for itself
  double origin;                                 // MonotonicNs() at the start. The collector, before level
  uint32_t reserved[4];
};
static_assert(sizeof(TraceHeader) == 64);

struct TraceRecord {
  double begin;    // ns since the origin
  float duration;  // ns
  uint32_t a, b;
  uint16_t kind, lane;
};
static_assert(sizeof(TraceRecord) == 24);

struct TraceChunk {
  static constexpr uint32_t kRecords = 680;
  uint32_t lane;
  std::atomic<uint32_t> count;  // records that are whole. Its writer, release after the record
  uint32_t unused[14];
  TraceRecord records[kRecords];
};
static_assert(sizeof(TraceChunk) == 16384);

// A lane is written by its own thread only: by its JavaScript, and by its signal handlers, which never interrupt that
// in the middle of a record, because there no view is touched.
class TraceLanes {
 public:
  static constexpr uint32_t kNone = 0xffffffffu;  // no lane: nothing is recorded

  static constexpr uint64_t ChunksAt(uint64_t lanes) { return (sizeof(TraceHeader) + 4 * lanes + 4095) / 4096 * 4096; }

  // False where the mapping is no recorder's. What is checked here is not read from the mapping again.
  bool Open(uint8_t* address, uint64_t bytes, uint32_t mutators) {
    auto* const header = reinterpret_cast<TraceHeader*>(address);
    if (bytes < 4096 || header->lanes <= mutators || header->page_chunks > header->chunks) return false;
    if (ChunksAt(header->lanes) + uint64_t{header->chunks} * sizeof(TraceChunk) > bytes) return false;
    header_ = header;
    count_ = header->lanes;
    most_ = header->chunks;
    most_for_pages_ = header->page_chunks;
    lanes_ = reinterpret_cast<uint32_t*>(address + sizeof(TraceHeader));
    chunks_ = reinterpret_cast<TraceChunk*>(address + ChunksAt(header->lanes));
    return true;
  }

  bool records() const { return header_ != nullptr && header_->level.load(std::memory_order_acquire) != 0; }
  bool records_pages() const { return header_ != nullptr && header_->level.load(std::memory_order_acquire) == 2; }

  bool has(uint32_t lane) const { return lane < count_; }

  // `lane`: one that there is; of a mutator its number. Times by MonotonicNs().
  void Record(uint32_t lane, TraceKind kind, uint64_t begin, uint64_t end, uint32_t a, uint32_t b) const {
    uint32_t index = lanes_[lane] - 1;
    if (index >= most_ || chunks_[index].count.load(std::memory_order_relaxed) >= TraceChunk::kRecords) {
      if (!Take(kind, &index)) return;
      chunks_[index].lane = lane;
      lanes_[lane] = index + 1;
    }
    TraceChunk& chunk = chunks_[index];
    const uint32_t count = chunk.count.load(std::memory_order_relaxed);
    chunk.records[count] = {static_cast<double>(begin) - header_->origin,
                            static_cast<float>(end - begin),
                            a,
                            b,
                            kind,
                            static_cast<uint16_t>(lane)};
    chunk.count.store(count + 1, std::memory_order_release);
  }

 private:
  bool Take(TraceKind kind, uint32_t* index) const {
    const bool page = kind >= kTraceForward;
    if (header_->taken.load(std::memory_order_relaxed) < (page ? most_for_pages_ : most_)) {
      *index = header_->taken.fetch_add(1, std::memory_order_relaxed);
      if (*index < most_) return true;
    }
    (page ? header_->dropped_pages : header_->dropped).fetch_add(1, std::memory_order_relaxed);
    return false;
  }

  TraceHeader* header_ = nullptr;
  uint32_t* lanes_ = nullptr;
  TraceChunk* chunks_ = nullptr;
  uint32_t count_ = 0, most_ = 0, most_for_pages_ = 0;
};

// What becomes of one page, on the record of a lane: nothing where pages are not recorded.
class PageSpan {
 public:
  PageSpan(const TraceLanes& trace, uint32_t lane, uint32_t page)
      : trace_(trace),
        lane_(lane),
        page_(page),
        records_(lane != TraceLanes::kNone && trace.records_pages()),
        since_(records_ ? MonotonicNs() : 0) {}

  void Forwarded(TraceForwarded how) { Record(kTraceForward, how); }
  void Published() { Record(kTracePublish, 1); }

 private:
  void Record(TraceKind kind, uint32_t b) {
    if (!records_) return;
    const uint64_t now = MonotonicNs();
    trace_.Record(lane_, kind, since_, now, page_, b);
    since_ = now;
  }

  const TraceLanes& trace_;
  const uint32_t lane_, page_;
  const bool records_;
  uint64_t since_;
};

}  // namespace continuum
