// Which cores threads run on. Where a thread wakes another, that decides more than anything else.
#pragma once

#include <sys/types.h>

namespace continuum::limits {

enum class Pin { kApart, kTogether, kFree };

// The first and the last core that this process was given; the same one where it has only one.
struct Cores {
  int first, last;
};
const Cores& AllowedCores();  // the first call is to come before any pinning

inline int ServerCore(Pin pin) { return pin == Pin::kApart ? AllowedCores().last : AllowedCores().first; }

// Puts thread `tid` (0: this one; it may be another process's) on `core`.
void PinThread(pid_t tid, int core);

// Puts a thread that faults and one that serves it where `pin` says.
void PinPair(pid_t faulting, pid_t server, Pin pin);

}  // namespace continuum::limits
