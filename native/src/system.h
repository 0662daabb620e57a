#pragma once

#include <napi.h>

namespace continuum {

// threadId, threadCpuNs, monotonicNs.
void InitSystem(Napi::Env env, Napi::Object exports);

}  // namespace continuum
