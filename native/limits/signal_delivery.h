// Delivery by signal: the thread that faults publishes the page itself, in its handler of SIGBUS or SIGSEGV.
#pragma once

#include <signal.h>

#include "arena.h"

namespace continuum::limits {

// For as long as it lives, faults on the arena's view are resolved in the handler; any other ends the process.
class SignalDelivery {
 public:
  explicit SignalDelivery(Arena& arena);
  ~SignalDelivery();
  SignalDelivery(const SignalDelivery&) = delete;
  SignalDelivery& operator=(const SignalDelivery&) = delete;

 private:
  const int signal_;
  struct sigaction before_ {};
};

}  // namespace continuum::limits
