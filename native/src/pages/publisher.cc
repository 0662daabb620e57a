#include "pages/publisher.h"

#include <sys/mman.h>

#include <cerrno>

namespace continuum {

int Publisher::Publish(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const {
  for (;;) {
    const int64_t done = Attempt(view, offset, bytes, from);
    if (done >= 0 || done == -EEXIST) return 0;
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
