// What a fuzzer gives us, as choices. Where its bytes end the rest follows from them, pseudo-random: a short input
// makes a whole heap, and each byte of it still decides something.
#pragma once

#include <cstddef>
#include <cstdint>

namespace continuum::fuzz {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : at_(data), left_(size) {
    for (size_t i = 0; i < size; ++i) state_ = (state_ ^ data[i]) * 0x100000001b3;
  }

  uint8_t Byte() {
    if (left_ > 0) {
      --left_;
      return *at_++;
    }
    return static_cast<uint8_t>(Draw());
  }
  uint32_t Word() { return Byte() | static_cast<uint32_t>(Draw()) << 8; }
  // A whole number in [0, end).
  uint32_t Below(uint32_t end) {
    return end <= 256 ? Byte() * end >> 8 : (Byte() | (Byte() << 8)) * uint64_t{end} >> 16;
  }
  bool Chance(uint32_t of256) { return Byte() < of256; }
  // Nobody's choice: filling.
  uint64_t Draw() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  const uint8_t* at_;
  size_t left_;
  uint64_t state_ = 0xcbf29ce484222325;
};

}  // namespace continuum::fuzz
