// What a fuzzer can be set on. Each aborts at the first thing that is not as it must be.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "dump.h"
#include "input.h"

namespace continuum::fuzz {

void RunCycle(Input& input, Dump& dump);    // a valid heap: index, mark, plan, build, update, forward
void RunPlace(Input& input, Dump& dump);    // any live and start bits: CountLive and Place
void RunRescan(Input& input, Dump& dump);   // a valid heap, marked in part: Rescan
void RunHostile(Input& input, Dump& dump);  // headers and bits that mean nothing: an answer, never an access outside

inline void Require(bool holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "fuzz: %s\n", what);
  abort();
}

}  // namespace continuum::fuzz
