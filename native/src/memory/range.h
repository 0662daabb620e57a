// A range of addresses that belongs to the process until the last owner is gone. Mappings, and the ArrayBuffers over
// them, own it together: an address JavaScript can still reach is never given to anybody else.
#pragma once

#include <cstdint>
#include <memory>

#include "result.h"

namespace continuum {

class Range {
 public:
  // Inaccessible addresses, aligned so that mremap moves whole page tables: 1 GiB from 1 GiB on, 2 MiB from 2 MiB on.
  static Result<Range> Reserve(uint64_t bytes, uint64_t page_size);
  Range(uint8_t* address, uint64_t bytes) : address_(address), bytes_(bytes) {}
  Range(const Range&) = delete;
  Range& operator=(const Range&) = delete;
  ~Range();

  uint8_t* address() const { return address_; }
  uint64_t bytes() const { return bytes_; }

  // Fresh zero memory over the whole range, whatever was there (PROT_NONE or read-write). 0 or -errno.
  int MapBlank(int protection) const;
  // The addresses were lost to somebody else: do not unmap them.
  void Forget() { bytes_ = 0; }

 private:
  uint8_t* const address_;
  uint64_t bytes_;
};

}  // namespace continuum
