#include "kernels/mark.h"

namespace continuum {
namespace {

// Opened while this cycle marks: every object in it is live by decree, and needs no scan, because whatever it refers
// to was in the snapshot or is in such a region itself.
inline bool BornLive(const HeapCore& heap, uint32_t reference, uint32_t cycle) {
  return __atomic_load_n(&heap.region_born[heap.RegionOf(reference)], __ATOMIC_RELAXED) == cycle;
}

// Marks the granules [from, from + size). True if this call set the first bit: whoever does scans the object.
// Words are shared with neighbouring objects that other markers may be marking: atomic or, relaxed, because the bits
// guard nothing but themselves and the phase change that publishes them is a synchronised hand-over.
inline bool SetLive(uint64_t* live, uint32_t from, uint32_t size) {
  uint64_t* word = &live[from >> 6];
  uint32_t shift = from & 63;
  uint32_t here = size < 64 - shift ? size : 64 - shift;
  uint64_t bits = (here == 64 ? ~uint64_t{0} : ((uint64_t{1} << here) - 1)) << shift;
  uint64_t before = __atomic_fetch_or(word, bits, __ATOMIC_RELAXED);
  if (before >> shift & 1) return false;
  for (size -= here; size >= 64; size -= 64) __atomic_store_n(++word, ~uint64_t{0}, __ATOMIC_RELAXED);
  if (size != 0) __atomic_fetch_or(++word, (uint64_t{1} << size) - 1, __ATOMIC_RELAXED);
  return true;
}

inline bool IsLive(const HeapCore& heap, uint32_t granule) {
  return __atomic_load_n(&heap.live[granule >> 6], __ATOMIC_RELAXED) >> (granule & 63) & 1;
}

inline Header Claim(const HeapCore& heap, Marking& marking, const uint8_t* source, uint32_t granule, bool* mine) {
  Header header = ReadHeader(heap, source, granule);
  if (!IsSound(heap, granule, header)) {  // no object stands there
    marking.stray.store(granule, std::memory_order_relaxed);
    *mine = false;
    return header;
  }
  bool humongous = heap.region_state[heap.RegionOf(granule)] == kHumongous;
  // A humongous object never moves, so its first bit stands for the whole run.
  *mine = SetLive(heap.live, granule, humongous ? 1 : header.size);
  return header;
}

// The pool is used up: leave the object marked but unscanned, and its region flagged. Marker::rescan finds it.
inline void Overflow(const HeapCore& heap, Marking& marking, const uint8_t* source, uint32_t granule) {
  bool mine;
  Claim(heap, marking, source, granule, &mine);
  if (!mine) return;
  uint32_t* flag = &heap.region_rescan[heap.RegionOf(granule)];
  if (__atomic_exchange_n(flag, 1, __ATOMIC_ACQ_REL) == 0) marking.rescans.fetch_add(1);
}

}  // namespace

uint32_t Shade(const HeapCore& heap, Marking& marking, const uint32_t* references, uint32_t count) {
  const uint8_t* source = heap.source.load(std::memory_order_relaxed);
  uint32_t cycle = heap.mark_cycle.load(std::memory_order_relaxed);
  GreyPool::Chunk* chunk = nullptr;
  uint32_t shaded = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint32_t reference = __atomic_load_n(&references[i], __ATOMIC_ACQUIRE);
    if (reference == 0 || BornLive(heap, reference, cycle) || IsLive(heap, reference)) continue;
    ++shaded;
    if (chunk != nullptr && chunk->count == GreyPool::kCapacity) {
      marking.pool.Publish(chunk);
      chunk = nullptr;
    }
    if (chunk == nullptr) chunk = marking.pool.Acquire();
    if (chunk == nullptr) {
      Overflow(heap, marking, source, reference);
    } else {
      chunk->refs[chunk->count++] = reference;
    }
  }
  if (chunk != nullptr) marking.pool.Publish(chunk);
  return shaded;
}

bool Marker::Run(uint32_t budget) {
  Forget();
  for (uint64_t until = objects_ + budget; objects_ < until;) {
    uint32_t reference;
    while (ahead_count_ < kAhead && Pop(&reference)) {
      // The two cache misses of a visit, started kAhead visits early (Cher, Hosking & Vitek 2004).
      __builtin_prefetch(&heap_.live[reference >> 6], 1);
      __builtin_prefetch(heap_.At(heap_.source.load(std::memory_order_relaxed), reference));
      ahead_[(ahead_head_ + ahead_count_++) % kAhead] = reference;
    }
    if (ahead_count_ > 0) {
      reference = ahead_[ahead_head_ % kAhead];
      ++ahead_head_;
      --ahead_count_;
      Visit(reference);
    } else if (!partials_.empty()) {
      Partial& part = partials_.back();
      uint32_t left = part.references - part.next;
      uint32_t now = left < kArraySlice ? left : kArraySlice;
      uint32_t granule = part.granule, from = part.next;
      if (now == left) {
        partials_.pop_back();
      } else {
        part.next += now;
      }
      objects_ += now / 16 + 1;
      Scan(granule, from, from + now);
    } else if (!Rescan()) {
      return false;
    }
  }
  return true;
}

void Marker::Forget() {
  if (epoch_ == marking_.pool.epoch()) return;
  epoch_ = marking_.pool.epoch();
  top_ = spare_ = nullptr;
  partials_.clear();
  ahead_count_ = 0;
}

void Marker::Visit(uint32_t reference) {
  if (BornLive(heap_, reference, heap_.mark_cycle.load(std::memory_order_relaxed))) return;
  if (IsLive(heap_, reference)) return;
  bool mine;
  Header header = Claim(heap_, marking_, heap_.source.load(std::memory_order_relaxed), reference, &mine);
  if (!mine) return;
  ++objects_;
  if (header.references <= kArraySlice) {
    Scan(reference, 0, header.references);
  } else {
    partials_.push_back({reference, 0, header.references});
  }
}

void Marker::Scan(uint32_t granule, uint32_t from, uint32_t to) {
  const uint8_t* source = heap_.source.load(std::memory_order_relaxed);
  const uint32_t* slots = reinterpret_cast<const uint32_t*>(heap_.At(const_cast<uint8_t*>(source), granule) + 8);
  for (uint32_t i = from; i < to; ++i) {
    // Mutators store while we read: acquire, so that a reference to a new object comes with its region's birth.
    uint32_t child = __atomic_load_n(&slots[i], __ATOMIC_ACQUIRE);
    if (child == 0) continue;
    if (child >= heap_.granules) {  // not a reference: somebody stored something else
      marking_.stray.store(child, std::memory_order_relaxed);
      continue;
    }
    Push(child);
  }
}

void Marker::Push(uint32_t reference) {
  if (top_ != nullptr && top_->count == GreyPool::kCapacity) {
    if (spare_ != nullptr && spare_->count == GreyPool::kCapacity) {
      marking_.pool.Publish(spare_);
      spare_ = nullptr;
    }
    GreyPool::Chunk* full = top_;
    top_ = spare_;
    spare_ = full;
  }
  if (top_ == nullptr) top_ = marking_.pool.Acquire();
  if (top_ == nullptr) {
    uint32_t cycle = heap_.mark_cycle.load(std::memory_order_relaxed);
    if (!BornLive(heap_, reference, cycle)) {
      Overflow(heap_, marking_, heap_.source.load(std::memory_order_relaxed), reference);
    }
    return;
  }
  top_->refs[top_->count++] = reference;
}

bool Marker::Pop(uint32_t* reference) {
  if (top_ == nullptr || top_->count == 0) {
    if (spare_ != nullptr && spare_->count != 0) {
      GreyPool::Chunk* empty = top_;
      top_ = spare_;
      spare_ = empty;
    } else {
      GreyPool::Chunk* taken = marking_.pool.Take();
      if (taken == nullptr) return false;
      if (top_ != nullptr) marking_.pool.Release(top_);
      top_ = taken;
      if (top_->count == 0) return false;
    }
  }
  *reference = top_->refs[--top_->count];
  return true;
}

bool Marker::Rescan() {
  if (marking_.rescans.load(std::memory_order_acquire) == 0) return false;
  const uint8_t* source = heap_.source.load(std::memory_order_relaxed);
  for (uint32_t region = 0; region < heap_.regions; ++region) {
    if (__atomic_load_n(&heap_.region_rescan[region], __ATOMIC_RELAXED) == 0) continue;
    if (__atomic_exchange_n(&heap_.region_rescan[region], 0, __ATOMIC_ACQ_REL) == 0) continue;
    marking_.rescans.fetch_sub(1);
    uint32_t first = region << heap_.region_shift;
    uint32_t end = first + heap_.granules_per_region;
    if (heap_.region_state[region] == kHumongous) {
      partials_.push_back({first, 0, heap_.region_refs[region]});
      return true;
    }
    // Every live object of the region is scanned again; those scanned before push nothing new.
    for (uint32_t at = FindForward(heap_.live, first, end); at < end;) {
      if (!TestBit(heap_.starts, at)) {  // the tail of an object that another marker is marking just now
        at = FindForward(heap_.live, at + 1, end);
        continue;
      }
      Header header = ReadHeader(heap_, source, at);
      if (!IsSound(heap_, at, header)) {  // it was, when it was marked
        marking_.stray.store(at, std::memory_order_relaxed);
        at = FindForward(heap_.live, at + 1, end);
        continue;
      }
      Scan(at, 0, header.references);
      ++objects_;
      at = FindForward(heap_.live, at + header.size, end);
    }
    return true;
  }
  return false;
}

void Marker::HandOver() {
  Forget();
  for (; ahead_count_ > 0; --ahead_count_) Push(ahead_[ahead_head_++ % kAhead]);
  for (const Partial& part : partials_) {  // rare: the whole array is greyed again, slot by slot
    Scan(part.granule, part.next, part.references);
  }
  partials_.clear();
  for (GreyPool::Chunk** mine : {&top_, &spare_}) {
    if (*mine == nullptr) continue;
    if ((*mine)->count != 0) {
      marking_.pool.Publish(*mine);
    } else {
      marking_.pool.Release(*mine);
    }
    *mine = nullptr;
  }
}

}  // namespace continuum
