// Whether a fault can be resolved by the thread that took it, in its SIGBUS handler: tried out, not looked up.
#pragma once

#include "userfaultfd/userfaultfd.h"

namespace continuum {

// 0 when a MINOR fault on shared memory raised SIGBUS, the handler's UFFDIO_CONTINUE resolved it and the byte read was
// the right one; -errno of the step that failed; -EPROTO when the signal did not come or the byte was wrong.
int SigbusCheck(Userfaultfd::Way way);

}  // namespace continuum
