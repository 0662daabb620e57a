// Publishing in bulk: the whole arena, run after run. A sample is a stretch of it, a page: long enough for the clock
// not to show, and short enough for most samples to have no other thread of a busy machine in them.
#include <algorithm>
#include <cstring>

#include "arena.h"
#include "clock.h"
#include "measures.h"

namespace continuum::limits {

namespace {

Figure MeasureRuns(Arena& arena, uint64_t run, const Sizes& sizes) {
  Figure figure{.unit = "ns a page", .run = run};
  const uint64_t stretch = std::max(run, kStretchPages - kStretchPages % run);
  if (stretch > sizes.pages) {
    figure.skipped = "the arena is too small";
    return figure;
  }
  for (uint64_t round = 0; round <= sizes.rounds; ++round) {
    arena.Rearm();
    for (uint64_t end = stretch; end <= sizes.pages; end += stretch) {
      const double began = NowNs();
      for (uint64_t first = end - stretch; first < end; first += run) {
        Check(arena.Publish(first, run), "publishing pages");
      }
      const double took = NowNs() - began;
      if (round > 0) figure.samples.push_back(took / static_cast<double>(stretch));
    }
  }
  return figure;
}

}  // namespace

std::vector<std::string> PublishNames() {
  std::vector<std::string> names;
  for (const auto resolution : kResolutions) names.push_back("publish." + std::string(resolution));
  return names;
}

std::vector<Figure> MeasurePublish(const std::string& resolution, const Sizes& sizes) {
  const auto arena = MakeArena(resolution, sizes.pages, 0);
  if (!arena) return {Figure{.unit = "ns a page", .skipped = std::strerror(errno)}};
  if (sizes.pin != Pin::kFree) PinThread(0, AllowedCores().first);
  std::vector<Figure> figures;
  for (const uint64_t run : sizes.runs) figures.push_back(MeasureRuns(*arena, run, sizes));
  return figures;
}

}  // namespace continuum::limits
