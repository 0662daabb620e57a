// The command line.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "measures.h"

namespace continuum::limits {

struct Options {
  Sizes sizes{.pages = 16384, .rounds = 3, .runs = {1, 16, 64, 256, 512}, .pin = Pin::kApart};
  unsigned timeout = 120;  // s
  bool help = false, list = false;
  std::optional<std::pair<pid_t, pid_t>> pin_threads;
  std::vector<std::string> measures;  // beginnings of names; all where there are none
};

extern const char* const kHelp;

// Says what is wrong and exits with code 2 where an argument is.
Options ReadOptions(int count, char** arguments);

}  // namespace continuum::limits
