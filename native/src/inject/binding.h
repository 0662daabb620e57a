#pragma once

#include <napi.h>

namespace continuum {

// Of a test build only. Needs the Environment to be the instance data of `env`.
void InitInject(Napi::Env env, Napi::Object exports);

}  // namespace continuum
