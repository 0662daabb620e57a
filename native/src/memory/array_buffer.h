// An ArrayBuffer over a range of memory. The only piece that includes v8.h, and so ties the binary to a major version
// of Node: Node-API makes external buffers up to 4 GiB only.
#pragma once

#include <node_api.h>

#include <memory>

#include "memory/range.h"

namespace continuum {

// Owns the range until it is collected. Null when V8 refuses the size.
napi_value NewArrayBuffer(std::shared_ptr<Range> range);

}  // namespace continuum
