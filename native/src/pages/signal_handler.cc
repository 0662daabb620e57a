#include "pages/signal_handler.h"

#include <pthread.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "inject/hook.h"

namespace continuum {
namespace {

// A place for a heap in the list that handlers walk. Places are never freed, so the walk needs no lock.
struct Place {
  std::atomic<SignalHeap*> heap{nullptr};
  std::atomic<uint32_t> users{0};  // handlers that look at it: who empties the place waits for 0
  Place* next = nullptr;           // written before the place is linked in
  std::shared_ptr<SignalHeap> owner;
};

std::mutex places_mutex;  // for those who change the list; handlers never take it
std::atomic<Place*> places{nullptr};

struct sigaction previous_bus, previous_segv;

// Initial-exec, so that a handler's access allocates nothing.
__attribute__((tls_model("initial-exec"))) thread_local uint64_t own_heap = 0;
__attribute__((tls_model("initial-exec"))) thread_local uint32_t own_mutator = 0;

// What resolving a fault takes of a stack: a page that is built there to be copied, and 2.5 KiB for those who build it.
constexpr uint64_t kStackNeeded = 8192;

// Where this thread's signals are handled if it has an alternate stack, and one that was too small; see AdoptThread.
class AlternateStack {
 public:
  AlternateStack() = default;
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;
  ~AlternateStack() {
    if (at_ == nullptr) return;
    stack_t now{};
    const bool ours = sigaltstack(nullptr, &now) == 0 && now.ss_sp == at_;
    const stack_t none{nullptr, SS_DISABLE, 0};
    if (!ours || sigaltstack(&none, nullptr) == 0) munmap(at_, bytes_);
  }

  // 0, or -errno where a larger one cannot be had.
  int Enlarge() {
    stack_t now{};
    if (sigaltstack(nullptr, &now) != 0) return -errno;
    const uint64_t frame = getauxval(AT_MINSIGSTKSZ);  // what the kernel writes there: registers, however many
    // Twice: the handler may raise a signal itself, where there is no memory for a page of the workspace.
    const uint64_t wanted = (2 * (frame == 0 ? MINSIGSTKSZ : frame) + kStackNeeded + kPage - 1) & ~(kPage - 1);
    if ((now.ss_flags & SS_DISABLE) != 0 || now.ss_size >= wanted) return 0;
    void* const made = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (made == MAP_FAILED) return -errno;
    const stack_t larger{made, now.ss_flags & ~SS_ONSTACK, wanted};
    if (sigaltstack(&larger, nullptr) != 0) {
      const int failed = -errno;
      munmap(made, wanted);
      return failed;
    }
    if (at_ != nullptr) munmap(at_, bytes_);
    at_ = made;
    bytes_ = wanted;
    return 0;
  }

 private:
  static constexpr uint64_t kPage = 4096;
  void* at_ = nullptr;
  uint64_t bytes_ = 0;
};

thread_local AlternateStack alternate_stack;

// Bytes that are left of the alternate stack on which the handler runs; all there can be where it runs on the thread's
// own.
uint64_t StackLeft(const void* context) {
  const stack_t& alternate = static_cast<const ucontext_t*>(context)->uc_stack;
  const auto from = reinterpret_cast<uintptr_t>(alternate.ss_sp);
  const auto at = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const bool inside = (alternate.ss_flags & SS_DISABLE) == 0 && at >= from && at < from + alternate.ss_size;
  return inside ? at - from : UINT64_MAX;
}

// A line of text without allocation: what does not fit is left out.
class Line {
 public:
  Line& operator<<(const char* text) {
    for (; *text != 0 && length_ < sizeof text_ - 1; ++text) text_[length_++] = *text;
    return *this;
  }
  Line& operator<<(uint64_t number) {
    char digits[21];
    char* at = digits + sizeof digits - 1;
    *at = 0;
    do *--at = static_cast<char>('0' + number % 10);
    while ((number /= 10) != 0);
    return *this << at;
  }
  void Write() {
    text_[length_++] = '\n';
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text_, length_);
  }

 private:
  char text_[512];
  size_t length_ = 0;
};

const char* NameOf(uint32_t state) {
  static constexpr const char* kNames[] = {"FREE",   "OPEN",      "KEPT",           "EVACUATED",
                                           "TARGET", "HUMONGOUS", "HUMONGOUS_TAIL", "NULL"};
  return state < std::size(kNames) ? kNames[state] : "unknown";
}

// These are not inlined: the handler's own frame is on the stack of whatever else has the signal passed on to it.
[[gnu::noinline]] void Explain(const Resolver& resolver, uint32_t page, Resolver::Answer answer) {
  const HeapCore& core = resolver.heap().core;
  const uint32_t region = core.RegionOf(page << core.page_shift);
  const uint32_t evacuated = resolver.heap().pages.region_evacuated[region];
  Line line;
  line << "continuum: thread " << static_cast<uint64_t>(gettid()) << " touched page " << page << " of the heap (region "
       << region << ", " << NameOf(core.region_state[region]);
  if (evacuated != 0) line << ", evacuated in cycle " << evacuated;
  line << ")";
  switch (answer.outcome) {
    case Resolver::Outcome::kLost:
      line << ", which nobody can make right any more: the collector lost its workers in the middle of a compaction";
      break;
    case Resolver::Outcome::kIdle:
      line << " in a view that mutators do not use: the words of a view were kept over a flip";
      break;
    case Resolver::Outcome::kBroken:
      line << ", which cannot be built: the objects that it is made of were written over";
      break;
    case Resolver::Outcome::kFailed:
      line << ", and the kernel refused to map it: errno " << static_cast<uint64_t>(-answer.error);
      break;
    default:
      line << ", where no object stands: "
           << (core.region_state[region] == kNull
                   ? "a null reference was followed"
                   : "a reference was used after a safepoint at which its object may have moved or died");
  }
  line.Write();
}

// True: the access can be repeated. False: it was on a page of ours, and cannot be helped.
bool Handle(const SignalHeap& heap, uint32_t view, uint32_t page) {
  const uint64_t began = MonotonicNs();
  const Resolver& resolver = heap.resolver();
  const PageTable& table = resolver.heap().pages;
  const uint32_t mutator = own_heap == heap.id() ? own_mutator : table.mutators;
  FaultCounts& counts = table.counts[mutator];
  counts.inside.fetch_add(1);  // before anything is looked at: FlipWords::compacting
  const Resolver::Answer answer =
      heap.resolves() ? resolver.Resolve(view, page, mutator) : Resolver::Answer{Resolver::Outcome::kStray};
  counts.taken.fetch_add(1, std::memory_order_relaxed);
  const uint64_t ended = MonotonicNs();
  counts.service[FaultCounts::BucketOf(ended - began)].fetch_add(1, std::memory_order_relaxed);
  const TraceLanes& trace = resolver.heap().trace;
  if (mutator < table.mutators && trace.records()) trace.Record(mutator, kTraceFault, began, ended, page, mutator);
  counts.inside.fetch_sub(1);
  if (answer.outcome == Resolver::Outcome::kResolved) return true;
  Explain(resolver, page, answer);
  return false;
}

// Nobody watches the workspace: a signal there is the kernel's own word that the page cannot be had.
[[gnu::noinline]] void ExplainWorkspace(const Resolver& resolver, uint32_t page, int signal) {
  Line line;
  line << "continuum: thread " << static_cast<uint64_t>(gettid()) << " got "
       << (signal == SIGBUS ? "SIGBUS" : "SIGSEGV") << " for page " << page << " of the workspace (region "
       << resolver.heap().core.RegionOf(page << resolver.heap().core.page_shift) << "): "
       << (signal == SIGBUS ? "there is no memory for it (the memfd, its cgroup or the machine is full, or no huge "
                              "page is free), so the process ends"
                            : "it is not accessible, so the process ends");
  line.Write();
}

[[gnu::noinline]] void ExplainStack(uint64_t left) {
  Line line;
  line << "continuum: thread " << static_cast<uint64_t>(gettid())
       << " faulted on the heap and takes signals on an alternate stack of which " << left
       << " bytes are left where the handler needs " << kStackNeeded
       << ": give it a larger one, or attach its mutator after it has got it";
  line.Write();
}

enum class Found { kNo, kResolved, kFatal };

Found Find(const void* address, int signal, uint64_t stack_left) {
  for (Place* place = places.load(std::memory_order_acquire); place != nullptr; place = place->next) {
    place->users.fetch_add(1);
    const SignalHeap* heap = place->heap.load();
    uint32_t view = 0, page = 0;
    Found found = Found::kNo;
    if (heap != nullptr && heap->resolver().Locate(address, &view, &page)) {
      found = Found::kFatal;
      if (stack_left < kStackNeeded) {
        ExplainStack(stack_left);
      } else if (Handle(*heap, view, page)) {
        found = Found::kResolved;
      }
    } else if (heap != nullptr && heap->resolver().LocateInWorkspace(address, &page)) {
      ExplainWorkspace(heap->resolver(), page, signal);
      found = Found::kFatal;
    }
    place->users.fetch_sub(1);
    if (found != Found::kNo) return found;
  }
  return Found::kNo;
}

// The access is repeated when we return, raises the signal again, and ends the process where it happened.
[[gnu::noinline]] void Die(int signal) {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
}

void PassOn(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = signal == SIGBUS ? previous_bus : previous_segv;
  if ((previous.sa_flags & SA_SIGINFO) != 0) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    const bool sent = info->si_code <= 0;  // by kill or raise: no access would be repeated
    if (sent && previous.sa_handler == SIG_IGN) return;
    Die(signal);
    if (sent) raise(signal);
  }
}

void OnSignal(int signal, siginfo_t* info, void* context) {
  const inject::InHandler inside;
  const int before = errno;
  const Found found = info->si_code > 0 ? Find(info->si_addr, signal, StackLeft(context)) : Found::kNo;
  if (found == Found::kNo) PassOn(signal, info, context);
  if (found == Found::kFatal) Die(signal);
  errno = before;
}

int Install() {
  static int failed = [] {
    struct sigaction action {};
    action.sa_sigaction = OnSignal;
    // Not blocked meanwhile: a handler that finds no memory for a page of the workspace has to say so as well. On the
    // thread's alternate stack where it has one: else nobody would hear of a stack that has overflowed.
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &previous_bus) != 0) return -errno;
    if (sigaction(SIGSEGV, &action, &previous_segv) != 0) return -errno;
    return 0;
  }();
  return failed;
}

}  // namespace

int WatchSignals(std::shared_ptr<SignalHeap> heap) {
  std::lock_guard lock(places_mutex);
  const int failed = Install();
  if (failed != 0) return failed;
  Place* place = places.load(std::memory_order_relaxed);
  while (place != nullptr && place->owner != nullptr) place = place->next;
  if (place == nullptr) {
    place = new Place;
    place->next = places.load(std::memory_order_relaxed);
    places.store(place, std::memory_order_release);
  }
  place->owner = std::move(heap);
  place->heap.store(place->owner.get());
  return 0;
}

bool UnwatchSignals(uint64_t id) {
  std::lock_guard lock(places_mutex);
  for (Place* place = places.load(std::memory_order_relaxed); place != nullptr; place = place->next) {
    if (place->owner == nullptr || place->owner->id() != id) continue;
    place->heap.store(nullptr);
    // Asleep, and not by sched_yield(2): a real-time thread would get its processor back at once.
    const timespec soon{0, 100'000};
    while (place->users.load() != 0) nanosleep(&soon, nullptr);
    place->owner.reset();
    return true;
  }
  return false;
}

int AdoptThread(uint64_t id, uint32_t mutator) {
  if (const int failed = alternate_stack.Enlarge(); failed != 0) return failed;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGBUS);
  sigaddset(&signals, SIGSEGV);
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // blocked, the first fault would end the process
  own_mutator = mutator;
  own_heap = id;
  return 0;
}

}  // namespace continuum
