// What JavaScript cannot ask the system itself: who this thread is, and what it has used.
#include "system.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "arguments.h"

namespace continuum {

namespace {

// Exact to the nanosecond for 104 days, as a double is.
double Nanoseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double ThreadId(const Arguments&) { return static_cast<double>(syscall(SYS_gettid)); }
double ThreadCpuNs(const Arguments&) { return Nanoseconds(CLOCK_THREAD_CPUTIME_ID); }
double MonotonicNs(const Arguments&) { return Nanoseconds(CLOCK_MONOTONIC); }

}  // namespace

void InitSystem(Napi::Env env, Napi::Object exports) {
  Export<ThreadId>(env, exports, "threadId");
  Export<ThreadCpuNs>(env, exports, "threadCpuNs");
  Export<MonotonicNs>(env, exports, "monotonicNs");
}

}  // namespace continuum
