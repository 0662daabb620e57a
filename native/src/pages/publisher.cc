#include "pages/publisher.h"

#include <sys/mman.h>
#include <time.h>

#include <cerrno>

#include "inject/hook.h"

namespace continuum {

// Answers that are worth another attempt: so many at once, and then one a millisecond for this many. No longer, because
// nothing may hang (the same in heap/space/map-run.ts and resolution/protect.ts).
constexpr unsigned kAtOnce = 100;
constexpr unsigned kMostWaits = 5'000;
constexpr unsigned kMostWaitsForMapping = 10'000;

int Publisher::Publish(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const {
  for (unsigned refusals = 1;; refusals++) {
    const int64_t done = Attempt(view, offset, bytes, from);
    if (done >= 0 || done == -EEXIST) return 0;
    // A fork shares every page with the child, and only a page that is ours alone can be moved: write to it.
    const bool shared = done == -EBUSY && kind_ == Publication::kMove;
    // The process has no mapping left: workers make published ranges grow together meanwhile (resolution/protect.ts).
    const bool split = done == -ENOMEM && kind_ == Publication::kProtect;
    const bool passing = done == -EAGAIN || shared;  // EAGAIN: the address space was changing
    if (!passing && !split) return static_cast<int>(done);
    if (refusals > kAtOnce + (split ? kMostWaitsForMapping : kMostWaits)) return static_cast<int>(done);
    if (shared) __atomic_fetch_or(const_cast<uint8_t*>(from), uint8_t{0}, __ATOMIC_RELAXED);
    if (split || refusals > kAtOnce) {
      const timespec soon{0, 1'000'000};
      nanosleep(&soon, nullptr);
    }
  }
}

int64_t Publisher::Attempt(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const {
  const Span to{view + offset, bytes};
  if (kind_ == Publication::kProtect) {
    const int result = inject::Through(inject::Call::kMprotect,
                                       [&] { return mprotect(view + offset, bytes, PROT_READ | PROT_WRITE); });
    return result != 0 ? -errno : static_cast<int64_t>(bytes);
  }
  Userfaultfd& userfaultfd = *watch_[watch_.size() == 1 ? 0 : offset / stripe_bytes_];
  switch (kind_) {
    case Publication::kContinue:
      return userfaultfd.Continue(to, 0);
    case Publication::kCopy:
      return userfaultfd.Copy(to, from, 0);
    default:
      return userfaultfd.Move(to, from, 0);
  }
}

}  // namespace continuum
