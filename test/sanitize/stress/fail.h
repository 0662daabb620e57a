// The end of a run that found something wrong.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace continuum::sanitize {

// Says what is wrong, and ends the process by abort, so that a sanitizer or a debugger shows where.
[[noreturn, gnu::format(printf, 1, 2)]] inline void Fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("stress: ", stderr);
  vfprintf(stderr, format, arguments);
  fputs("\n", stderr);
  va_end(arguments);
  abort();
}

}  // namespace continuum::sanitize
