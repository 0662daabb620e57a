// The system calls that a test build can let the kernel refuse.
#pragma once

#include <cstdint>

namespace continuum::inject {

enum class Call : uint32_t {
  kContinue,
  kCopy,
  kMove,
  kZeropage,
  kPoison,
  kWake,
  kWriteProtect,
  kRegister,
  kUnregister,
  kMprotect,
  kMadvise,
  kFallocate,
  kRead,
  kPoll,
  kFutex,
  kMmap,
  kMremap,
  kScan,
};

}  // namespace continuum::inject
