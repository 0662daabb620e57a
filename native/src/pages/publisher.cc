#include "pages/publisher.h"

#include <sys/mman.h>
#include <time.h>

#include <cerrno>

namespace continuum {

// Milliseconds that a thread waits for a mapping, where mprotect has used them all up.
constexpr unsigned kMostWaits = 10'000;

int Publisher::Publish(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const {
  for (unsigned waits = 0;;) {
    const int64_t done = Attempt(view, offset, bytes, from);
    if (done >= 0 || done == -EEXIST) return 0;
    if (done == -EBUSY && kind_ == Publication::kMove) {
      // A fork shares every page with the child, and only a page that is ours alone can be moved: write to it.
      __atomic_fetch_or(const_cast<uint8_t*>(from), uint8_t{0}, __ATOMIC_RELAXED);
      continue;
    }
    if (done == -ENOMEM && kind_ == Publication::kProtect && ++waits < kMostWaits) {
      // The process has no mapping left: workers make published ranges grow together meanwhile (resolution/protect.ts).
      const timespec soon{0, 1'000'000};
      nanosleep(&soon, nullptr);
      continue;
    }
    if (done != -EAGAIN) return static_cast<int>(done);  // EAGAIN: the address space was changing, try again
  }
}

int64_t Publisher::Attempt(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const {
  const Span to{view + offset, bytes};
  if (kind_ == Publication::kProtect) {
    return mprotect(view + offset, bytes, PROT_READ | PROT_WRITE) != 0 ? -errno : static_cast<int64_t>(bytes);
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
