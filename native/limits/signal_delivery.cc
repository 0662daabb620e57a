#include "signal_delivery.h"

#include <unistd.h>

namespace continuum::limits {

namespace {

// The handler's argument. Written before the handler is installed and after it is removed, by the one thread that
// faults, which is the one that runs the handler.
Arena* current = nullptr;

void OnFault(int, siginfo_t* info, void*) {
  const int error = errno;
  const auto* address = static_cast<const uint8_t*>(info->si_addr);
  const Pages& view = current->view();
  if (address < view.at() || address >= view.at() + view.bytes()) _exit(3);
  if (!current->Publish(static_cast<uint64_t>(address - view.at()) / kPageBytes, 1)) _exit(4);
  errno = error;
}

}  // namespace

SignalDelivery::SignalDelivery(Arena& arena) : signal_(arena.userfaultfd() < 0 ? SIGSEGV : SIGBUS) {
  current = &arena;
  struct sigaction action {};
  action.sa_sigaction = OnFault;
  action.sa_flags = SA_SIGINFO;
  Check(sigaction(signal_, &action, &before_) == 0, "sigaction");
}

SignalDelivery::~SignalDelivery() {
  sigaction(signal_, &before_, nullptr);
  current = nullptr;
}

}  // namespace continuum::limits
