#pragma once

#include <napi.h>

namespace continuum {

void InitKernels(Napi::Env env, Napi::Object exports);

}  // namespace continuum
