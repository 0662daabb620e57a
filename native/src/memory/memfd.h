// Memory that has a file descriptor: what a heap that is to be mapped twice is made of (memfd_create(2)).
#pragma once

#include <atomic>
#include <cstdint>
#include <shared_mutex>

#include "descriptor.h"
#include "result.h"

namespace continuum {

// Every int is 0 or -errno. Safe to use from several threads; after Close everything answers -EBADF.
class Memfd {
 public:
  // The file never shrinks: a mapping of it cannot lose its end (SIGBUS) to a ftruncate elsewhere.
  static Result<Memfd> Create(uint64_t bytes, const char* name, bool huge_pages);

  uint64_t bytes() const { return bytes_; }
  uint64_t page_size() const { return page_size_; }
  bool closed() const { return closed_; }

  int Punch(uint64_t offset, uint64_t length);     // gives the pages back; they read as zero
  int Populate(uint64_t offset, uint64_t length);  // allocates the pages that are holes
  int64_t ResidentBytes();
  Descriptor Duplicate(int* error);  // invalid, and the errno in *error, when it fails
  void Close();                      // mappings of it stay, and with them the pages

 private:
  int Allocate(int mode, uint64_t offset, uint64_t length);

  std::shared_mutex mutex_;  // shared to use fd_, exclusive to close it
  Descriptor fd_;
  uint64_t bytes_ = 0;
  uint64_t page_size_ = 0;
  std::atomic<bool> closed_{false};
};

}  // namespace continuum
