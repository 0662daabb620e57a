// The clock that everything here is measured with: CLOCK_MONOTONIC, which the vDSO answers without a system call.
#pragma once

#include <time.h>

#include "samples.h"

namespace continuum::limits {

inline double NowNs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// Time between two readings with nothing between them: subtracted from single accesses, where it shows.
inline double ClockCostNs() {
  Samples costs(10001);
  for (double& cost : costs) {
    const double began = NowNs();
    cost = NowNs() - began;
  }
  return Percentile(costs, 0.5);
}

}  // namespace continuum::limits
