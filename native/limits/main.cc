// The floor: what faults and publishing cost where nothing but the kernel is in the way. See README.md.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "options.h"

namespace continuum::limits {

namespace {

bool Wanted(const std::string& name, const std::vector<std::string>& beginnings) {
  return beginnings.empty() || std::any_of(beginnings.begin(), beginnings.end(),
                                           [&](const std::string& beginning) { return name.starts_with(beginning); });
}

// Names, units and strerror's answers have nothing in them that JSON would have to escape.
void Print(const Figure& figure) {
  std::printf("{\"name\":\"%s\",\"unit\":\"%s\"", figure.name.c_str(), figure.unit);
  if (figure.run != 0) std::printf(",\"run\":%lu", figure.run);
  if (!figure.skipped.empty()) {
    std::printf(",\"skipped\":\"%s\"}\n", figure.skipped.c_str());
  } else {
    std::printf(",\"count\":%zu,\"p50\":%.1f,\"p99\":%.1f,\"min\":%.1f,\"max\":%.1f}\n", figure.samples.size(),
                Percentile(figure.samples, 0.5), Percentile(figure.samples, 0.99), Percentile(figure.samples, 0),
                Percentile(figure.samples, 1));
  }
  std::fflush(stdout);
}

int Run(const Options& options) {
  if (options.help) return std::fputs(kHelp, stdout) < 0;
  if (options.pin_threads) {
    PinPair(options.pin_threads->first, options.pin_threads->second, options.sizes.pin);
    return 0;
  }
  AllowedCores();
  alarm(options.timeout);  // a wake that is missed would hang for ever
  int matched = 0;
  for (const std::string& name : MeasureNames()) {
    if (!Wanted(name, options.measures)) continue;
    ++matched;
    if (options.list) {
      std::puts(name.c_str());
      continue;
    }
    for (const Figure& figure : Measure(name, options.sizes)) Print(figure);
  }
  if (matched > 0) return 0;
  std::fputs("limits: no measure has such a name; see limits --list\n", stderr);
  return 2;
}

}  // namespace

}  // namespace continuum::limits

int main(int count, char** arguments) {
  return continuum::limits::Run(continuum::limits::ReadOptions(count, arguments));
}
