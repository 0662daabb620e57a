#include "worker.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "fail.h"
#include "kernels/page.h"
#include "pages/page_word.h"
#include "pages/resolver.h"

namespace continuum::sanitize {

using page_word::Encode;
using page_word::StateOf;

void Worker::Run(uint32_t cycle, std::atomic<uint32_t>& cursor) {
  const HeapCore& core = heap_.core();
  for (;;) {
    const uint32_t region = cursor.fetch_add(1);
    if (region >= core.regions) return;
    const uint32_t state = core.region_state[region];
    if (state != kTarget && state != kKept && state != kHumongous && state != kHumongousTail) continue;
    const uint32_t end = (core.region_top[region] + kPageGranules - 1) >> core.page_shift;
    for (uint32_t page = region << (core.region_shift - core.page_shift); page < end; ++page) {
      if (state == kTarget || PageIsLive(core, page, cycle)) {
        Visit(page, cycle, state == kTarget);
      } else {
        Flush();
      }
    }
    Flush();
  }
}

void Worker::Visit(uint32_t page, uint32_t cycle, bool target) {
  KernelHeap& kernel = heap_.kernel();
  const HeapCore& core = kernel.core;
  const uint32_t generation = heap_.generation();
  std::atomic<uint32_t>& at = kernel.pages.words[page];
  uint32_t word = at.load();
  if (StateOf(word, generation) != page_word::kRaw ||
      !at.compare_exchange_strong(word, Encode(generation, page_word::kClaimed, index_))) {
    return Flush();
  }
  uint32_t slot = 0;
  if (!target) {
    UpdatePage(core, page, cycle);
  } else {
    if (kernel.staging != nullptr) slot = first_slot_ + (slot_ == 0 ? 0 : count_);
    uint8_t* const out = slot == 0 ? core.workspace + page * kPageBytes : kernel.staging + (slot - 1) * kPageBytes;
    if (BuildPage(core, page, out) == UINT32_MAX) Fail("page %u cannot be built", page);
  }
  if (count_ > 0 && (slot == 0) != (slot_ == 0)) {
    if (slot != 0 && slot != first_slot_) Fail("a slot is used that is not the first");
    Flush();
  }
  if (count_ == 0) {
    first_ = page;
    slot_ = slot;
  }
  ++count_;
  const uint32_t before = at.exchange(Encode(generation, page_word::kReady, slot));
  const bool wanted = (before & page_word::kWanted) != 0;
  if (wanted || count_ == batch_) Flush();
  if (wanted) WakeWaiters(at);
}

void Worker::Flush() {
  const uint32_t mapped = Encode(heap_.generation(), page_word::kMapped);
  for (uint32_t done = 0; done < count_;) {
    const int64_t result = Attempt(first_ + done, count_ - done, slot_ == 0 ? 0 : slot_ + done);
    if (result > 0) {
      done += static_cast<uint32_t>(result / static_cast<int64_t>(kPageBytes));
    } else if (result == -EEXIST) {
      // Somebody else published it, and his waiter may have queued up after his wake.
      const Span page{heap_.view() + (first_ + done) * kPageBytes, kPageBytes};
      if (heap_.userfaultfd()) heap_.userfaultfd()->Wake(page);
      ++done;
    } else if (result != -EAGAIN) {
      Fail("publishing page %u: %s", first_ + done, strerror(static_cast<int>(-result)));
    }
  }
  for (uint32_t page = first_; page < first_ + count_; ++page) heap_.kernel().pages.words[page].store(mapped);
  published_ += count_;
  count_ = slot_ = 0;
}

int64_t Worker::Attempt(uint32_t page, uint32_t count, uint32_t slot) const {
  KernelHeap& kernel = heap_.kernel();
  const uint64_t offset = page * kPageBytes, bytes = count * kPageBytes;
  uint8_t* const from = slot == 0 ? kernel.core.workspace + offset : kernel.staging + (slot - 1) * kPageBytes;
  const Span to{heap_.view() + offset, bytes};
  switch (heap_.way.publication) {
    case Publication::kContinue:
      return heap_.userfaultfd()->Continue(to, 0);
    case Publication::kCopy:
      return heap_.userfaultfd()->Copy(to, from, 0);
    case Publication::kMove: {
      const int64_t moved = heap_.userfaultfd()->Move(to, from, 0);
      return moved == -ENOENT ? -EEXIST : moved;  // somebody has moved it where we were to
    }
    case Publication::kProtect:
      return mprotect(heap_.view() + offset, bytes, PROT_READ | PROT_WRITE) != 0 ? -errno : static_cast<int64_t>(bytes);
  }
  return -EINVAL;
}

}  // namespace continuum::sanitize
