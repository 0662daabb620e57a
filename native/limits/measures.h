// What can be measured, each under a name such as `fault.signal.continue` or `publish.copy`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pin.h"
#include "samples.h"

namespace continuum::limits {

// Pages that bulk calls are timed over: what one page of the kernel's page tables maps.
inline constexpr uint64_t kStretchPages = 512;

struct Sizes {
  uint64_t pages;              // of the arena
  uint64_t rounds;             // timed; one more, which is not, comes before them
  std::vector<uint64_t> runs;  // pages published by one call
  Pin pin;
};

// One figure: its samples, or why there are none.
struct Figure {
  std::string name{};
  const char* unit = "";
  uint64_t run = 0;  // pages a call; 0 where that means nothing
  Samples samples{};
  std::string skipped{};
};

std::vector<std::string> MeasureNames();

// `name`: one of those. Several figures where there is one for each length of run.
std::vector<Figure> Measure(const std::string& name, const Sizes& sizes);

// The three kinds of them; `delivery`, `resolution` and `way` are the names' parts.
std::vector<std::string> FaultNames();
Figure MeasureFaults(const std::string& delivery, const std::string& resolution, const Sizes& sizes);

std::vector<std::string> PublishNames();
std::vector<Figure> MeasurePublish(const std::string& resolution, const Sizes& sizes);

std::vector<std::string> HandOutNames();
Figure MeasureHandOut(const std::string& way, const Sizes& sizes);

}  // namespace continuum::limits
