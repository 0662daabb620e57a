#include "userfaultfd/sigbus_check.h"

#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "memory/mapping.h"
#include "memory/memfd.h"
#include "userfaultfd/abi.h"

namespace continuum {

namespace {

constexpr uint8_t kExpected = 0x5a;

struct Trial {
  Userfaultfd* userfaultfd;
  Span page;
};
Trial* current = nullptr;  // the handler's argument; only the child's handler reads it

void OnSigbus(int, siginfo_t*, void*) {
  if (current->userfaultfd->Continue(current->page, 0) <= 0) _exit(2);
}

int TakeFault(void* argument) {
  current = static_cast<Trial*>(argument);
  struct sigaction action {};
  action.sa_sigaction = OnSigbus;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGBUS, &action, nullptr);
  signal(SIGALRM, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  alarm(2);  // a kernel that blocks the fault instead would block us for ever
  _exit(*static_cast<const volatile uint8_t*>(current->page.address) == kExpected ? 0 : 1);
}

// A process of its own, so that the handler is its own and nobody else's signals change, but with our memory
// (CLONE_VM without CLONE_SIGHAND, as posix_spawn does): the fault is one on our mapping, and nothing is forked.
int RunTrial(Trial* trial) {
  static std::array<uint8_t, 64 << 10> stack;
  const int child = clone(TakeFault, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK, trial);
  if (child < 0) return -errno;
  int status = 0;
  while (waitpid(child, &status, __WALL) < 0) {
    if (errno != EINTR) return -errno;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

}  // namespace

int SigbusCheck(Userfaultfd::Way way) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const auto opened = Userfaultfd::Open(way, UFFD_FEATURE_SIGBUS | UFFD_FEATURE_MINOR_SHMEM);
  if (!opened.object) return -opened.error;
  const auto memfd = Memfd::Create(page, "continuum-probe", false);
  if (!memfd.object) return -memfd.error;
  const auto workspace = Mapping::Shared(*memfd.object, Mapping::kNoHugePages),
             view = Mapping::Shared(*memfd.object, Mapping::kNoHugePages);
  if (!workspace.object || !view.object) return -(workspace.error + view.error);
  *workspace.object->address() = kExpected;
  Trial trial{opened.object.get(), {view.object->address(), page}};
  const int64_t registered =
      opened.object->Register(trial.page, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR);
  return registered < 0 ? static_cast<int>(registered) : RunTrial(&trial);
}

}  // namespace continuum
