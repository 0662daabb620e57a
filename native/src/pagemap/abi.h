// The kernel's interface: ioctl PAGEMAP_SCAN on /proc/<pid>/pagemap, Linux 6.7, which headers before that do not have.
// Source: include/uapi/linux/fs.h; Documentation/admin-guide/mm/pagemap.rst.
#pragma once

#include <sys/ioctl.h>

#include <cstdint>

namespace continuum::abi {

struct ScanRequest {  // struct pm_scan_arg
  uint64_t size;
  uint64_t flags;
  uint64_t start;
  uint64_t end;
  uint64_t walk_end;  // out: where the walk ended
  uint64_t vec;       // PageRange[vec_len]; 0: nothing is reported
  uint64_t vec_len;
  uint64_t max_pages;  // 0: no limit
  uint64_t category_inverted;
  uint64_t category_mask;
  uint64_t category_anyof_mask;
  uint64_t return_mask;
};

struct PageRange {  // struct page_region
  uint64_t start;
  uint64_t end;
  uint64_t categories;
};

inline constexpr unsigned long kPagemapScan = _IOWR('f', 16, ScanRequest);
// Flags: write-protect what matches; refuse (EPERM) memory that is not registered for asynchronous write protection.
inline constexpr uint64_t kProtectMatching = 1, kCheckAsync = 2;
// Category: the page table entry is not write-protected by userfaultfd. An empty entry counts as well.
inline constexpr uint64_t kWritten = 2;

static_assert(sizeof(ScanRequest) == 96 && sizeof(PageRange) == 24);
static_assert(kPagemapScan == 0xc0606610);

}  // namespace continuum::abi
