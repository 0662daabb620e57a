#pragma once

#include <napi.h>

namespace continuum {

// Needs the Environment to be the instance data of `env`.
void InitPagemap(Napi::Env env, Napi::Object exports);

}  // namespace continuum
