#include "pages/resolver.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "inject/hook.h"
#include "kernels/page.h"
#include "pages/page_word.h"
#include "pages/trace.h"

namespace continuum {
namespace {

using page_word::Encode;
using page_word::SlotOf;
using page_word::StateOf;

// Looks at a CLAIMED page before a thread sleeps: some 5 µs, three times what building a page takes. No longer, because
// whoever is at it may not be running: spinning until it is would keep its processor from it (ART had that).
constexpr uint32_t kSpins = 128;

inline void Relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

Resolver::Resolver(std::shared_ptr<KernelHeap> heap, Publisher publisher, std::vector<std::shared_ptr<Mapping>> views)
    : heap_(std::move(heap)),
      publisher_(std::move(publisher)),
      views_(std::move(views)),
      page_bytes_(uint64_t{heap_->core.granules_per_page} << 3) {}

bool Resolver::Locate(const void* address, uint32_t* view, uint32_t* page) const {
  for (uint32_t i = 0; i < views_.size(); i++) {
    if (!LocateFrom(views_[i]->address(), address, page)) continue;
    *view = i;
    return true;
  }
  return false;
}

bool Resolver::LocateInWorkspace(const void* address, uint32_t* page) const {
  return LocateFrom(heap_->core.workspace, address, page);
}

bool Resolver::LocateFrom(const uint8_t* base, const void* address, uint32_t* page) const {
  const auto* at = static_cast<const uint8_t*>(address);
  if (at < base || at >= base + (heap_->core.granules << 3)) return false;
  *page = static_cast<uint32_t>(static_cast<uint64_t>(at - base) >> (heap_->core.page_shift + 3));
  return true;
}

Resolver::Answer Resolver::Resolve(uint32_t view, uint32_t page, uint32_t mutator) const {
  const PageTable& table = heap_->pages;
  FaultCounts& counts = table.counts[mutator < table.mutators ? mutator : table.mutators];
  std::atomic<uint32_t>& at = table.words[page];
  for (uint32_t spins = 0;;) {
    if (table.flip->lost.load() != 0) return {Outcome::kLost};
    if (view != table.flip->bank.load()) return {Outcome::kIdle};
    const uint32_t generation = table.flip->generation.load();
    uint32_t word = at.load();
    const uint32_t ahead = table.flip->ahead.load();
    const bool coming = ahead != 0 && word >> page_word::kGenerationShift == ahead && ahead != generation;
    switch (coming ? page_word::kMapped : StateOf(word, generation)) {
      case page_word::kRaw:
        if (Strays(page, generation)) return {Outcome::kStray};
        if (!at.compare_exchange_strong(word, Encode(generation, page_word::kClaimed, page_word::kSignalOwner))) break;
        return Forward(view, page, generation, mutator);
      case page_word::kClaimed:
        Await(at, word, &spins, counts);
        break;
      case page_word::kReady: {
        const uint32_t slot = SlotOf(word);
        const uint8_t* from = heap_->staging != nullptr && slot != 0 ? heap_->staging + (slot - 1) * page_bytes_
                              : slot != 0 ? heap_->core.workspace + table.slot_pages[slot] * page_bytes_
                                          : heap_->core.workspace + page * page_bytes_;
        PageSpan span(heap_->trace, mutator < table.mutators ? mutator : TraceLanes::kNone, page);
        const int failed = Publish(view, page, from);
        // Somebody has moved it out from under us, so it is there: a move empties the one place and fills the other
        // under the locks of both. He is about to say so; to ask until he does would keep his processor from him.
        if (failed == -ENOENT && publisher_.kind() == Publication::kMove) return {Outcome::kResolved};
        if (failed != 0) return {Outcome::kFailed, failed};
        span.Published();
        at.store(Encode(generation, page_word::kMapped));
        counts.published.fetch_add(1, std::memory_order_relaxed);
        return {Outcome::kResolved};
      }
      case page_word::kMapped:
        // Published while we came here; or the kernel has dropped the page table entry since (memory pressure).
        if (publisher_.repeatable()) Publish(view, page, nullptr);
        return {Outcome::kResolved};
    }
  }
}

// A RAW page may be touched only while a compaction runs, and only where objects can be.
bool Resolver::Strays(uint32_t page, uint32_t generation) const {
  const HeapCore& core = heap_->core;
  const uint32_t state = __atomic_load_n(&core.region_state[core.RegionOf(page << core.page_shift)], __ATOMIC_RELAXED);
  const bool expected = state != kFree && state != kEvacuated && state != kNull;
  if (heap_->pages.flip->compacting.load() != 0 && expected) return false;
  // A worker may have published it, and the compaction ended, between the two looks.
  return StateOf(heap_->pages.words[page].load(), generation) == page_word::kRaw;
}

// The page is ours. It goes from CLAIMED to MAPPED, because nobody else can publish it sooner than we do.
Resolver::Answer Resolver::Forward(uint32_t view, uint32_t page, uint32_t generation, uint32_t mutator) const {
  const HeapCore& core = heap_->core;
  const PageTable& table = heap_->pages;
  FaultCounts& counts = table.counts[mutator < table.mutators ? mutator : table.mutators];
  PageSpan span(heap_->trace, mutator < table.mutators ? mutator : TraceLanes::kNone, page);
  std::atomic<uint32_t>& at = table.words[page];
  const bool target = core.region_state[core.RegionOf(page << core.page_shift)] == kTarget;
  uint8_t* const own = core.workspace + page * page_bytes_;
  int failed = 0;
  if (target && heap_->staging != nullptr) {
    // Copied from this thread's own stack: there is no pool of buffers that could run out.
    alignas(64) uint8_t out[kMostStackGranules << 3];
    if (BuildPage(core, page, out) == UINT32_MAX) return {Outcome::kBroken};
    span.Forwarded(kTraceBuilt);
    failed = Publish(view, page, out);
  } else if (target) {
    if (BuildPage(core, page, own) == UINT32_MAX) return {Outcome::kBroken};
    span.Forwarded(kTraceBuilt);
    failed = Publish(view, page, own);
  } else {
    const bool changed = UpdatePage(core, page, table.flip->cycle.load(std::memory_order_relaxed)) > 0;
    span.Forwarded(changed ? kTraceUpdated : kTraceAsItWas);
    failed = Publish(view, page, own);
    (changed ? counts.updated : counts.kept).fetch_add(1, std::memory_order_relaxed);
  }
  if (target) counts.built.fetch_add(1, std::memory_order_relaxed);
  if (failed != 0) return {Outcome::kFailed, failed};
  span.Published();
  counts.published.fetch_add(1, std::memory_order_relaxed);
  table.flip->touched.store(core.RegionOf(page << core.page_shift), std::memory_order_relaxed);
  const uint32_t before = at.exchange(Encode(generation, page_word::kMapped));
  if ((before & page_word::kWanted) != 0) WakeWaiters(at);
  return {Outcome::kResolved};
}

// Somebody else is at the page: spins a little, then says that it is WANTED and sleeps until the word changes.
void Resolver::Await(std::atomic<uint32_t>& word, uint32_t seen, uint32_t* spins, FaultCounts& counts) const {
  if (++*spins < kSpins) return Relax();
  if ((seen & page_word::kWanted) == 0) {
    if (!word.compare_exchange_strong(seen, seen | page_word::kWanted)) return;
    seen |= page_word::kWanted;
  }
  counts.waited.fetch_add(1, std::memory_order_relaxed);
  // Bounded: a page may change hands when its worker was lost, and the heap may be given up.
  const timespec longest{0, 50'000'000};
  inject::Through(inject::Call::kFutex,
                  [&] { return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, &longest, nullptr, 0); });
}

int Resolver::Publish(uint32_t view, uint32_t page, const uint8_t* from) const {
  return publisher_.Publish(views_[view]->address(), page * page_bytes_, page_bytes_, from);
}

void WakeWaiters(const std::atomic<uint32_t>& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace continuum
