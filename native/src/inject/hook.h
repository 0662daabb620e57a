// Where a test build lets the kernel refuse. Every system call that it may refuse on a heap's way passes through here:
// in the addon that is shipped Through(call, real) is real() and leaves nothing behind; what the test build makes of it
// is in inject.h. The same inside a signal handler as anywhere.
#pragma once

#include "inject/calls.h"

#ifdef CONTINUUM_INJECT

#include "inject/inject.h"

#else

namespace continuum::inject {

// `real` makes the call and answers as it does, with errno.
template <typename Real>
inline auto Through(Call, Real real) {
  return real();
}

// The same for an ioctl that goes on page by page. `length`, `mode` and `done` are fields of its request.
template <typename Length, typename Mode, typename Done, typename Real>
inline int ThroughPages(Call, Length&, Mode&, Done&, Real real) {
  return real();
}

// Lives for as long as its thread is in its signal handler.
struct InHandler {
  InHandler() {}
};

}  // namespace continuum::inject

#endif
