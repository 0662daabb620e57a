// Refusals, signals and forks on purpose, for JavaScript: test builds only.
#include "inject/binding.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "inject/inject.h"

namespace continuum {
namespace {

// Numbers a rule: call, errno, where, pages, before, after (us), first, count, chance.
constexpr size_t kFields = 9;

// (rules, seed)
double ArmRules(const Arguments& arguments) {
  const auto numbers = arguments.Doubles(0);
  std::array<inject::Rule, inject::kMostRules> rules;
  if (!numbers || numbers->size() % kFields != 0 || numbers->size() / kFields > rules.size()) return -EINVAL;
  const size_t count = numbers->size() / kFields;
  const double* at = numbers->data();
  for (size_t i = 0; i < count; i++, at += kFields) {
    const auto whole = [at](size_t field) { return static_cast<uint32_t>(at[field]); };
    rules[i].call = static_cast<inject::Call>(whole(0));
    rules[i].where = static_cast<inject::Where>(whole(2));
    rules[i].shot = {static_cast<int>(whole(1)), whole(3), whole(4), whole(5)};
    rules[i].first = static_cast<uint64_t>(at[6]);
    rules[i].count = static_cast<uint64_t>(at[7]);
    rules[i].chance = at[8];
  }
  return inject::Arm(rules.data(), static_cast<uint32_t>(count), arguments.Integer(1, 0)) ? 0 : -EINVAL;
}

double IsLawful(const Arguments& arguments) {
  const auto call = static_cast<uint32_t>(arguments.Integer(0));
  if (inject::NameOf(call) == nullptr) return 0;
  return inject::IsLawful(static_cast<inject::Call>(call), static_cast<int>(arguments.Integer(1))) ? 1 : 0;
}

double Calls(const Arguments& arguments) {
  return static_cast<double>(inject::SeenBy(static_cast<uint32_t>(arguments.Integer(0))).calls);
}

double Fired(const Arguments& arguments) {
  return static_cast<double>(inject::SeenBy(static_cast<uint32_t>(arguments.Integer(0))).fired);
}

// (thread, signal)
double SignalThread(const Arguments& arguments) {
  const auto thread = static_cast<pid_t>(arguments.Integer(0));
  const auto signal = static_cast<int>(arguments.Integer(1));
  return syscall(SYS_tgkill, getpid(), thread, signal) != 0 ? -errno : 0;
}

// A handler that does nothing, without SA_RESTART: the calls that it interrupts answer EINTR.
double CatchSignal(const Arguments& arguments) {
  struct sigaction action {};
  action.sa_handler = [](int) {};
  return sigaction(static_cast<int>(arguments.Integer(0)), &action, nullptr) != 0 ? -errno : 0;
}

// A real fork(2): the child shares every page with us for so many milliseconds, and does nothing. Its number.
double Fork(const Arguments& arguments) {
  const auto us = static_cast<uint32_t>(arguments.Integer(0)) * 1000;
  const pid_t child = fork();
  if (child != 0) return child < 0 ? -errno : child;
  inject::Sleep(us);
  _exit(0);
}

// Whether a child of Fork has ended well: 1, 0 as long as it has not ended, or -errno.
double Reap(const Arguments& arguments) {
  int status = 0;
  const pid_t ended = waitpid(static_cast<pid_t>(arguments.Integer(0)), &status, WNOHANG);
  if (ended <= 0) return ended < 0 ? -errno : 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 1 : -ECHILD;
}

// (way, address, pages, pageBytes): reads a byte of each page as another process does, by process_vm_readv (way 0), or
// through /proc/PID/mem (way 1), which asks for no permission of the mapping. The pages that were not refused.
double Peek(const Arguments& arguments) {
  static const int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  const bool by_file = arguments.Integer(0) == 1;
  const uint64_t address = arguments.Integer(1), pages = arguments.Integer(2), page_bytes = arguments.Integer(3);
  if (by_file && memory < 0) return -EBADF;
  uint64_t got = 0;
  for (uint64_t page = 0; page < pages; page++) {
    const uint64_t at = address + page * page_bytes;
    char byte = 0;
    const iovec here{&byte, 1}, there{reinterpret_cast<void*>(at), 1};
    const ssize_t done =
        by_file ? pread(memory, &byte, 1, static_cast<off_t>(at)) : process_vm_readv(getpid(), &here, 1, &there, 1, 0);
    if (done == 1) got++;
  }
  return static_cast<double>(got);
}

// An alternate signal stack for this thread, with so many bytes beside what the kernel writes there, and inaccessible
// memory below it. It stays.
double SetAlternateStack(const Arguments& arguments) {
  constexpr size_t kPage = 4096;
  const size_t frame = getauxval(AT_MINSIGSTKSZ);
  const size_t bytes = (frame == 0 ? MINSIGSTKSZ : frame) + arguments.Integer(0);
  const size_t pages = (bytes + kPage - 1) / kPage;
  auto* const at = static_cast<uint8_t*>(
      mmap(nullptr, (pages + 1) * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (at == MAP_FAILED || mprotect(at, kPage, PROT_NONE) != 0) return -errno;
  const stack_t stack{at + kPage, 0, bytes};
  return sigaltstack(&stack, nullptr) != 0 ? -errno : 0;
}

void Report(int, siginfo_t*, void*) {
  constexpr const char* kLine = "the crash reporter was called\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine, std::strlen(kLine));
  _exit(7);
}

// What a crash reporter does: SIGSEGV on the alternate stack of the thread that raises it.
double InstallReporter(const Arguments&) {
  struct sigaction action {};
  action.sa_sigaction = Report;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  return sigaction(SIGSEGV, &action, nullptr) != 0 ? -errno : 0;
}

[[gnu::noinline]] double Deeper(double depth) {
  volatile uint8_t frame[1024] = {};
  frame[512] = static_cast<uint8_t>(depth);
  return depth < 1e12 ? Deeper(depth + 1) + frame[512] : 0;
}

// Runs over the end of this thread's stack.
double Overflow(const Arguments&) { return Deeper(0); }

// Ends the calling thread, and nothing else of it: no destructor runs, no handler, no event.
double End(const Arguments&) { return static_cast<double>(syscall(SYS_exit, 0)); }

}  // namespace

void InitInject(Napi::Env env, Napi::Object exports) {
  Export<ArmRules>(env, exports, "injectArm");
  Export<IsLawful>(env, exports, "injectIsLawful");
  Export<Calls>(env, exports, "injectCalls");
  Export<Fired>(env, exports, "injectFired");
  Export<SignalThread>(env, exports, "injectSignal");
  Export<CatchSignal>(env, exports, "injectCatch");
  Export<Fork>(env, exports, "injectFork");
  Export<Reap>(env, exports, "injectReap");
  Export<Peek>(env, exports, "injectPeek");
  Export<SetAlternateStack>(env, exports, "injectAlternateStack");
  Export<InstallReporter>(env, exports, "injectReporter");
  Export<Overflow>(env, exports, "injectOverflow");
  Export<End>(env, exports, "injectEnd");
  auto names = Napi::Array::New(env);
  for (uint32_t call = 0; inject::NameOf(call) != nullptr; call++) names.Set(call, inject::NameOf(call));
  exports.Set("injectCallNames", names);
}

}  // namespace continuum
