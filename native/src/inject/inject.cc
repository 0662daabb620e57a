#include "inject/inject.h"

#include <time.h>

#include <array>
#include <atomic>
#include <mutex>

namespace continuum::inject {

namespace {

constexpr uint64_t kCertain = uint64_t{1} << 32;

// `what` is written last and read first: call, error, where, pages and whether there is a rule at all, in one word, so
// that no thread sees a mixture of two rules.
struct Place {
  std::atomic<uint64_t> what{0};
  std::atomic<uint32_t> before_us{0}, after_us{0};
  std::atomic<uint64_t> first{0}, count{0}, threshold{0}, seed{0};
  std::atomic<uint64_t> calls{0}, fired{0};
};

std::array<Place, kMostRules> places;
std::mutex arming;

__attribute__((tls_model("initial-exec"))) thread_local bool in_handler = false;

uint64_t Pack(const Rule& rule) {
  return uint64_t{1} << 63 | static_cast<uint64_t>(rule.call) | static_cast<uint64_t>(rule.shot.error) << 8 |
         static_cast<uint64_t>(rule.where) << 24 | static_cast<uint64_t>(rule.shot.pages) << 32;
}

// splitmix64: which calls are hit depends on the seed and on their number, not on who makes them.
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

bool IsOneOf(int error, std::initializer_list<int> errors) {
  return std::find(errors.begin(), errors.end(), error) != errors.end();
}

}  // namespace

const char* NameOf(uint32_t call) {
  static constexpr const char* kNames[] = {"continue",     "copy",     "move",       "zeropage", "poison",  "wake",
                                           "writeprotect", "register", "unregister", "mprotect", "madvise", "fallocate",
                                           "read",         "poll",     "futex",      "mmap",     "mremap",  "scan"};
  static_assert(std::size(kNames) == static_cast<size_t>(Call::kScan) + 1);
  return call < std::size(kNames) ? kNames[call] : nullptr;
}

// Sources: mm/userfaultfd.c, fs/userfaultfd.c, mm/mprotect.c, mm/madvise.c, mm/mmap.c, fs/proc/task_mmu.c, and the
// manual pages. EINTR is answered by an ioctl of userfaultfd to threads that are being killed only, who see nothing of
// it; UFFDIO_WAKE refuses nothing but its arguments.
bool IsLawful(Call call, int error) {
  if (error == 0) return true;
  switch (call) {
    case Call::kContinue:
    case Call::kCopy:
    case Call::kZeropage:
    case Call::kPoison:
      return IsOneOf(error, {EAGAIN, EEXIST, ENOENT, ENOMEM});
    case Call::kMove:
      return IsOneOf(error, {EAGAIN, EEXIST, ENOENT, ENOMEM, EBUSY});
    case Call::kWriteProtect:
      return IsOneOf(error, {EAGAIN, ENOENT, ENOMEM});
    case Call::kWake:
      return false;
    case Call::kMadvise:
      return IsOneOf(error, {EAGAIN, ENOMEM});
    case Call::kFallocate:
      return IsOneOf(error, {EINTR, ENOMEM, ENOSPC});
    case Call::kRead:
      return IsOneOf(error, {EAGAIN, EINTR});
    case Call::kPoll:
      return IsOneOf(error, {EINTR, ENOMEM});
    case Call::kFutex:
      return IsOneOf(error, {EAGAIN, EINTR, ETIMEDOUT});
    case Call::kRegister:
    case Call::kUnregister:
    case Call::kMprotect:
    case Call::kMmap:
    case Call::kMremap:
    case Call::kScan:
      return error == ENOMEM;
  }
  return false;
}

bool MeansDone(Call call, int error) { return error == EEXIST || (call == Call::kMove && error == ENOENT); }

bool Arm(const Rule* rules, uint32_t count, uint64_t seed) {
  std::lock_guard lock(arming);
  for (Place& place : places) place.what = 0;
  if (count > kMostRules) return false;
  for (uint32_t i = 0; i < count; i++) {
    const Rule& rule = rules[i];
    if (NameOf(static_cast<uint32_t>(rule.call)) == nullptr || !IsLawful(rule.call, rule.shot.error)) return false;
    // The kernel has one answer to a call that was done in part.
    if (rule.shot.pages > 0 && (rule.shot.error != EAGAIN || rule.call > Call::kPoison)) return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    const Rule& rule = rules[i];
    Place& place = places[i];
    place.before_us = rule.shot.before_us;
    place.after_us = rule.shot.after_us;
    place.first = rule.first;
    place.count = rule.count;
    place.threshold = static_cast<uint64_t>(rule.chance * static_cast<double>(kCertain));
    place.seed = Mix(seed + i);
    place.calls = place.fired = 0;
    place.what = Pack(rule);
  }
  return true;
}

Seen SeenBy(uint32_t rule) {
  if (rule >= kMostRules) return {0, 0};
  return {places[rule].calls.load(), places[rule].fired.load()};
}

Shot Take(Call call, uint64_t pages) {
  for (Place& place : places) {
    const uint64_t what = place.what.load();
    if (what == 0) return {};
    if ((what & 0xff) != static_cast<uint64_t>(call)) continue;
    const auto where = static_cast<Where>(what >> 24 & 0xff);
    if (where != Where::kAnywhere && (where == Where::kInHandler) != in_handler) continue;
    const auto done = static_cast<uint32_t>(what >> 32 & 0x7fffffff);
    if (done > 0 && pages <= done) continue;  // not one that can be done in part
    const uint64_t number = place.calls.fetch_add(1) + 1;
    const uint64_t first = place.first.load();
    if (number < first || number - first >= place.count.load()) continue;
    if ((Mix(place.seed.load() ^ number) >> 32) >= place.threshold.load()) continue;
    place.fired.fetch_add(1);
    return {static_cast<int>(what >> 8 & 0xffff), done, place.before_us.load(), place.after_us.load()};
  }
  return {};
}

void Sleep(uint32_t us) {
  if (us == 0) return;
  timespec left{static_cast<time_t>(us / 1'000'000), static_cast<long>(us % 1'000'000) * 1000};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

InHandler::InHandler() : outer_(in_handler) { in_handler = true; }
InHandler::~InHandler() { in_handler = outer_; }

}  // namespace continuum::inject
