// A stretch of whole pages that unmaps itself.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "descriptor.h"
#include "fail.h"

namespace continuum::limits {

inline constexpr uint64_t kPageBytes = 4096;

class Pages {
 public:
  // Private memory of small pages, as a heap's is.
  static Pages Anonymous(uint64_t bytes) {
    Pages pages(bytes, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    // A kernel built without huge pages does not know the advice, and has no need of it.
    Check(madvise(pages.at_, bytes, MADV_NOHUGEPAGE) == 0 || errno == EINVAL, "madvise");
    return pages;
  }
  static Pages Shared(const Descriptor& memfd, uint64_t bytes) { return Pages(bytes, MAP_SHARED, memfd.get()); }

  Pages(Pages&& other) noexcept : at_(std::exchange(other.at_, nullptr)), bytes_(other.bytes_) {}
  Pages& operator=(Pages&&) = delete;
  ~Pages() {
    if (at_ != nullptr) munmap(at_, bytes_);
  }

  uint8_t* at() const { return at_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t count() const { return bytes_ / kPageBytes; }

  void Fill() { std::memset(at_, 1, bytes_); }
  void Drop() { Check(madvise(at_, bytes_, MADV_DONTNEED) == 0, "madvise"); }

 private:
  Pages(uint64_t bytes, int flags, int fd)
      : at_(static_cast<uint8_t*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0))), bytes_(bytes) {
    Check(at_ != MAP_FAILED, "mmap");
  }

  uint8_t* at_;
  uint64_t bytes_;
};

inline Descriptor MemoryFile(uint64_t bytes) {
  Descriptor fd(memfd_create("limits", MFD_CLOEXEC));
  Check(fd.valid() && ftruncate(fd.get(), static_cast<off_t>(bytes)) == 0, "memfd_create");
  return fd;
}

}  // namespace continuum::limits
