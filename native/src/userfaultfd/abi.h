// The kernel's interface: <linux/userfaultfd.h>, and what headers before Linux 6.8 do not have.
// Source: include/uapi/linux/userfaultfd.h; Documentation/admin-guide/mm/userfaultfd.rst; ioctl_userfaultfd(2).
#pragma once

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#include <cstdint>

namespace continuum::abi {

struct MoveRequest {  // struct uffdio_move, Linux 6.8
  uint64_t to;
  uint64_t from;
  uint64_t length;
  uint64_t mode;
  int64_t moved;
};

struct PoisonRequest {  // struct uffdio_poison, Linux 6.6
  uffdio_range range;
  uint64_t mode;
  int64_t updated;
};

inline constexpr unsigned long kMove = _IOWR(UFFDIO, 0x05, MoveRequest);
inline constexpr unsigned long kPoison = _IOWR(UFFDIO, 0x08, PoisonRequest);
inline constexpr unsigned long kNewFromDevice = _IO(0xAA, 0x00);  // USERFAULTFD_IOC_NEW on /dev/userfaultfd, Linux 6.1
inline constexpr uint64_t kFeatureMove = uint64_t{1} << 16;       // UFFD_FEATURE_MOVE, Linux 6.8

static_assert(sizeof(uffd_msg) == 32);
static_assert(kMove == 0xc028aa05 && kPoison == 0xc020aa08 && UFFDIO_CONTINUE == 0xc020aa07);

}  // namespace continuum::abi
