// Samples, their order statistics, and the order in which pages are visited.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

namespace continuum::limits {

using Samples = std::vector<double>;

// The smallest sample that at least `share` (0 to 1) of them do not exceed: nearest rank. There must be one.
inline double Percentile(Samples samples, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(samples.size())));
  const auto at = samples.begin() + static_cast<ptrdiff_t>(std::max<size_t>(rank, 1) - 1);
  std::nth_element(samples.begin(), at, samples.end());
  return *at;
}

// 0 to count-1 in an order that no prefetcher and no fault-around can guess; the same in every run.
inline std::vector<uint64_t> RandomOrder(uint64_t count) {
  std::vector<uint64_t> order(count);
  std::iota(order.begin(), order.end(), uint64_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937_64(1));
  return order;
}

}  // namespace continuum::limits
