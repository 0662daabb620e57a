// Seeded pseudo-random numbers (splitmix64), so that a failing run can be repeated.
#pragma once

#include <cstdint>

namespace continuum::sanitize {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // A whole number in [0, end).
  uint32_t Below(uint32_t end) { return static_cast<uint32_t>((Next() >> 32) * end >> 32); }
  bool Chance(double p) { return static_cast<double>(Next() >> 11) < p * 0x1p53; }

 private:
  uint64_t state_;
};

}  // namespace continuum::sanitize
