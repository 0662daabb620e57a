// How one page becomes visible in a view: the four ways of gc/resolution/, for a thread that is in its signal handler.
// Async-signal-safe: one system call, no lock, no allocation.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "userfaultfd/userfaultfd.h"

namespace continuum {

enum class Publication : uint32_t { kContinue = 0, kCopy = 1, kMove = 2, kProtect = 3 };

class Publisher {
 public:
  Publisher(Publication kind, std::vector<std::shared_ptr<Userfaultfd>> watch, uint64_t stripe_bytes)
      : kind_(kind), watch_(std::move(watch)), stripe_bytes_(stripe_bytes) {}

  Publication kind() const { return kind_; }
  // Whether a page that is MAPPED may be published again without harm: it shows the same memory.
  bool repeatable() const { return kind_ == Publication::kContinue || kind_ == Publication::kProtect; }

  // Puts the page at `from` (not used by continue and protect) at `view` + `offset`. 0, also where somebody else has
  // done it before; else -errno.
  int Publish(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const;

 private:
  int64_t Attempt(uint8_t* view, uint64_t offset, uint64_t bytes, const uint8_t* from) const;

  const Publication kind_;
  const std::vector<std::shared_ptr<Userfaultfd>> watch_;  // stripes of the range: heap/space/watch.ts
  const uint64_t stripe_bytes_;
};

}  // namespace continuum
