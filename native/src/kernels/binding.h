// The kernels for JavaScript, in three parts.
#pragma once

#include <napi.h>

#include "environment.h"

namespace continuum {

void InitHeaps(Napi::Env env, Napi::Object exports);        // binding_create.cc
void InitMarking(Napi::Env env, Napi::Object exports);      // binding_mark.cc
void InitPageKernels(Napi::Env env, Napi::Object exports);  // binding_page.cc

inline void ExportKernel(Napi::Env env, Napi::Object exports, const char* name,
                         Napi::Value (*function)(const Napi::CallbackInfo&)) {
  exports.Set(name, Napi::Function::New(env, function, name, env.GetInstanceData<Environment>()));
}

}  // namespace continuum
