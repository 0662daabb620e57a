#include "pagemap/pagemap.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <atomic>
#include <cerrno>

#include "inject/hook.h"

namespace continuum {

namespace {

// -1 until somebody has opened it. Exchanged once from -1, so that of two openers one closes his own again.
std::atomic<int> shared_fd{-1};

}  // namespace

int Pagemap::Fd() {
  int fd = shared_fd.load(std::memory_order_acquire);
  if (fd >= 0) return fd;
  Descriptor mine(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
  if (!mine.valid()) return -errno;
  if (shared_fd.compare_exchange_strong(fd, mine.get())) return mine.Release();
  return fd;
}

Pagemap::Scanned Pagemap::Written(const void* address, uint64_t bytes, bool protect, abi::PageRange* into,
                                  uint64_t most) {
  const int fd = Fd();
  if (fd < 0) return {fd, 0};
  const auto start = reinterpret_cast<uintptr_t>(address);
  abi::ScanRequest request{};
  request.size = sizeof request;
  request.flags = abi::kCheckAsync | (protect ? abi::kProtectMatching : 0);
  request.start = start;
  request.end = start + bytes;
  // One category and nothing else: the kernel has a shorter loop for that, and one shorter still without ranges.
  request.category_mask = abi::kWritten;
  if (most > 0) {
    request.vec = reinterpret_cast<uintptr_t>(into);
    request.vec_len = most;
    request.return_mask = abi::kWritten;
  }
  const int result = inject::Through(inject::Call::kScan, [&] { return ioctl(fd, abi::kPagemapScan, &request); });
  if (result < 0) return {-errno, 0};
  return {result, request.walk_end - start};
}

}  // namespace continuum
