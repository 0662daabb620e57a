// Refusals on purpose, in a test build only: which call is refused when, and how. Rules are plain atomics in static
// memory, so that a signal handler goes by them as any other thread does.
#pragma once

#ifndef CONTINUUM_INJECT
#error "the addon that is shipped has none of this: include inject/hook.h"
#endif

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <type_traits>

#include "inject/calls.h"

namespace continuum::inject {

enum class Where : uint32_t { kAnywhere, kInHandler, kElsewhere };

// What is to happen to one call.
struct Shot {
  int error = 0;           // 0: it is made as usual
  uint32_t pages = 0;      // so many are done before it is refused, which the kernel tells by EAGAIN
  uint32_t before_us = 0;  // it is late, or
  uint32_t after_us = 0;   // its thread is, with the answer
};

struct Rule {
  Call call = Call::kContinue;
  Where where = Where::kAnywhere;
  Shot shot;
  uint64_t first = 1;  // of the calls that it is about, counted from 1
  uint64_t count = 1;
  double chance = 1;  // of each of those
};

struct Seen {
  uint64_t calls, fired;
};

inline constexpr uint32_t kMostRules = 16;

// The name of a call; null behind the last.
const char* NameOf(uint32_t call);

// Whether the kernel may give this answer to a correct caller. 0 is no refusal.
bool IsLawful(Call call, int error);

// These rules and no others from here on; false, and none, if one is not lawful.
bool Arm(const Rule* rules, uint32_t count, uint64_t seed);
Seen SeenBy(uint32_t rule);

// What is to happen to this call, which is about so many pages (0: not about pages).
Shot Take(Call call, uint64_t pages);
void Sleep(uint32_t us);

// EEXIST (and ENOENT of a MOVE) says that somebody else was first. So the page is done for him, and nobody woken: he
// may have been stopped before he came to that.
bool MeansDone(Call call, int error);

class InHandler {
 public:
  InHandler();
  ~InHandler();
  InHandler(const InHandler&) = delete;
  InHandler& operator=(const InHandler&) = delete;

 private:
  const bool outer_;
};

template <typename Real>
auto Through(Call call, Real real) -> decltype(real()) {
  const Shot shot = Take(call, 0);
  Sleep(shot.before_us);
  if (shot.error != 0) {
    errno = shot.error;
    if constexpr (std::is_pointer_v<decltype(real())>) {
      return MAP_FAILED;
    } else {
      return -1;
    }
  }
  const auto answer = real();
  const int error = errno;
  Sleep(shot.after_us);
  errno = error;
  return answer;
}

inline constexpr uint64_t kPage = 4096;  // heaps of huge pages are not for this
inline constexpr uint64_t kDontWake = 1;

template <typename Length, typename Mode, typename Done, typename Real>
int ThroughPages(Call call, Length& length, Mode& mode, Done& done, Real real) {
  const Shot shot = Take(call, length / kPage);
  Sleep(shot.before_us);
  const Length whole = length;
  const Mode asked = mode;
  int answer = 0;
  if (shot.error == 0) {
    answer = real();
  } else if (shot.pages > 0) {
    length = shot.pages * kPage;
    answer = real();  // whose own refusal stands
    length = whole;
    if (answer == 0) {
      answer = -1;
      errno = EAGAIN;
    }
  } else {
    if (MeansDone(call, shot.error)) {
      length = kPage;
      mode |= kDontWake;
      answer = real();
      length = whole;
      mode = asked;
    }
    if (answer == 0) {
      done = -shot.error;
      answer = -1;
      errno = shot.error;
    }
  }
  const int error = errno;
  Sleep(shot.after_us);
  errno = error;
  return answer;
}

}  // namespace continuum::inject
