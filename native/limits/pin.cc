#include "pin.h"

#include <sched.h>

#include "fail.h"

namespace continuum::limits {

namespace {

Cores ReadCores() {
  cpu_set_t allowed;
  Check(sched_getaffinity(0, sizeof allowed, &allowed) == 0, "sched_getaffinity");
  Cores cores{-1, -1};
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &allowed)) continue;
    if (cores.first < 0) cores.first = core;
    cores.last = core;
  }
  return cores;
}

}  // namespace

const Cores& AllowedCores() {
  static const Cores cores = ReadCores();
  return cores;
}

void PinThread(pid_t tid, int core) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(core, &only);
  Check(sched_setaffinity(tid, sizeof only, &only) == 0, "sched_setaffinity");
}

void PinPair(pid_t faulting, pid_t server, Pin pin) {
  if (pin == Pin::kFree) return;
  PinThread(faulting, AllowedCores().first);
  PinThread(server, ServerCore(pin));
}

}  // namespace continuum::limits
