// What the kernel knows of this process's pages: which of them were written since they were last protected.
#pragma once

#include <cstdint>

#include "descriptor.h"
#include "pagemap/abi.h"

namespace continuum {

// One for the process, as the address space is. Any thread, without a lock: a scan is one system call.
class Pagemap {
 public:
  struct Scanned {
    int64_t ranges;   // how many were reported, or -errno
    uint64_t walked;  // bytes, from the first: fewer than asked for when `ranges` had no more room
  };

  // The descriptor is opened by the first call that finds it can be, and stays: -errno until then.
  static int Fd();

  // Ranges of [address, address + bytes) that are not write-protected; with `protect` they are from here on, each page
  // in one step with its report. Stores that came before that are visible when this returns, for translations of them
  // are flushed on every processor by then; later ones show in the next scan.
  // Without room for ranges (`most` 0) it reports none.
  static Scanned Written(const void* address, uint64_t bytes, bool protect, abi::PageRange* into, uint64_t most);
};

}  // namespace continuum
