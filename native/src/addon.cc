// The addon as each JavaScript environment loads it: the main thread, and every worker.
#include <dlfcn.h>
#include <napi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "environment.h"
#ifdef CONTINUUM_INJECT
#include "inject/binding.h"
#endif
#include "kernels/binding.h"
#include "memory/binding.h"
#include "pagemap/binding.h"
#include "pages/binding.h"
#include "system.h"
#include "userfaultfd/binding.h"

namespace continuum {

namespace {

// A worker that loaded the addon first would unload it when it ends, under the feet of everybody else.
void StayLoaded() {
  static const int marker = 0;
  Dl_info info{};
  if (dladdr(&marker, &info) != 0) dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

// A thread that waits for a fault cannot be joined, so a process that ends waits for ever. The loader does the same on
// the process's 'exit' event; this is for an environment that goes without one.
void AfterMain(void*) { CloseEveryUserfaultfd(); }

bool IsMainThread() { return syscall(SYS_gettid) == getpid(); }

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  StayLoaded();
  env.SetInstanceData(new Environment);
  if (IsMainThread()) napi_add_env_cleanup_hook(env, AfterMain, nullptr);
  InitMemory(env, exports);
  InitPagemap(env, exports);
  InitUserfaultfd(env, exports);
  InitSystem(env, exports);
  InitHeaps(env, exports);
  InitMarking(env, exports);
  InitPageKernels(env, exports);
  InitPages(env, exports);
#ifdef CONTINUUM_INJECT
  InitInject(env, exports);
#endif
  return exports;
}

}  // namespace

}  // namespace continuum

static Napi::Object InitContinuum(Napi::Env env, Napi::Object exports) { return continuum::Init(env, exports); }
NODE_API_MODULE(continuum, InitContinuum)
