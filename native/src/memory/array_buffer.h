// An ArrayBuffer over a range of memory. The only piece that includes v8.h, and so ties the binary to a major version
// of Node: Node-API makes external buffers up to 4 GiB only.
#pragma once

#include <node_api.h>

#include <memory>

#include "memory/range.h"

namespace continuum {

// Owns the range until it is collected or its environment ends. Null when V8 refuses the size.
//
// V8 does not count its bytes as memory of its own. If it did, mappings would drive its collections, and a compiler
// thread of it that finds the limit passed waits for a collection by the main thread, which process.exit() never runs:
// the process would not end (nodejs/node#54918, seen with Node 26). V8 leaves out what it is not to free. So it frees
// nothing here, the buffer alone owns the range, and it is not to be detached from that (native/memory.ts marks it as
// well).
napi_value NewArrayBuffer(napi_env env, std::shared_ptr<Range> range);

}  // namespace continuum
