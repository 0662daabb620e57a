// What this program does when it cannot go on: one line that says which call failed, and exit code 1.
#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace continuum::limits {

[[noreturn]] inline void Fail(const char* what) {
  std::fprintf(stderr, "limits: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

inline void Check(bool ok, const char* what) {
  if (!ok) Fail(what);
}

}  // namespace continuum::limits
