// A userfaultfd(2): the kernel tells about faults on the ranges registered with it, and does with their pages what
// the ioctls say. Addresses are absolute; whoever calls has checked that they are memory of ours.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "descriptor.h"
#include "result.h"

namespace continuum {

class Reader;

struct Span {
  const void* address;
  uint64_t bytes;
};

// Safe to use from several threads, the ioctls without a lock and from a signal handler. Every int and int64_t is a
// result >= 0 or -errno; after Close everything answers -EBADF.
class Userfaultfd {
 public:
  enum class Way { kSystemCall, kDevice, kUserMode };  // userfaultfd(0), /dev/userfaultfd, UFFD_USER_MODE_ONLY
  struct Offer {
    uint64_t features, ioctls;
  };

  // A descriptor negotiates features once, so what is on offer is asked of another one that is thrown away.
  static int Offered(Way way, Offer* offer);
  static Result<Userfaultfd> Open(Way way, uint64_t features);

  Userfaultfd(Descriptor fd, Descriptor tombstone, Way way, uint64_t features);
  ~Userfaultfd();

  Way way() const { return way_; }
  uint64_t features() const { return features_; }
  bool closed() const { return closed_.load(std::memory_order_relaxed); }
  // Reserved for as long as this object lives: once closed it names an eventfd that answers every ioctl with ENOTTY.
  int fd() const { return fd_.get(); }

  int64_t Register(Span span, uint64_t modes);  // the ioctls the range takes, one bit each
  int Unregister(Span span);                    // wakes who waits there
  int Wake(Span span);

  // One ioctl each: the bytes done, possibly fewer than asked for, or why the first page failed.
  int64_t Continue(Span to, uint64_t mode);
  int64_t Copy(Span to, const void* from, uint64_t mode);
  int64_t ZeroPage(Span to, uint64_t mode);
  int64_t Move(Span to, const void* from, uint64_t mode);
  int64_t Poison(Span to, uint64_t mode);
  int WriteProtect(Span span, uint64_t mode);

  void Interrupt();  // every reader's Read, the one it is in or its next one, returns
  void Close();      // wakes every thread that waits for a fault, and every reader

 private:
  friend class Reader;
  int Failure() const;  // -errno of the ioctl that has just failed

  const Descriptor fd_;
  Descriptor tombstone_;
  const Way way_;
  const uint64_t features_;
  std::atomic<bool> closed_{false};
  std::mutex readers_mutex_;
  std::vector<Reader*> readers_;
};

// A thread that waits for a fault on a range whose registration was lost sleeps until somebody wakes the range.
void WakeEverywhere(Span span);
void CloseEveryUserfaultfd();

}  // namespace continuum
