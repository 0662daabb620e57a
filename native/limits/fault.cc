// From a fault to the thread's going on, its page being ready.
//
// The thread that faults reads the clock, one byte, and the clock again; the clock's own cost is subtracted. Every page
// of the view is visited once a round, in random order, so that neither fault-around nor a prefetcher sees the next
// one. A sample is one access: what the kernel, the delivery and the publishing call take together.
#include <cstring>
#include <optional>

#include "arena.h"
#include "clock.h"
#include "measures.h"
#include "server_delivery.h"
#include "signal_delivery.h"
#include "userfaultfd/abi.h"

namespace continuum::limits {

namespace {

void TouchAll(const Pages& view, const std::vector<uint64_t>& order, double clock, Samples* into) {
  for (const uint64_t page : order) {
    const auto* byte = static_cast<const volatile uint8_t*>(view.at() + page * kPageBytes);
    const double began = NowNs();
    static_cast<void>(*byte);
    const double took = NowNs() - began - clock;
    if (into != nullptr) into->push_back(took);
  }
}

}  // namespace

std::vector<std::string> FaultNames() {
  std::vector<std::string> names;
  for (const std::string delivery : {"signal", "handler", "poll"}) {
    for (const auto resolution : kResolutions) {
      if (delivery != "signal" && resolution == "protect") continue;  // nobody but the thread hears of those
      names.push_back("fault." + delivery + "." + std::string(resolution));
    }
  }
  return names;
}

Figure MeasureFaults(const std::string& delivery, const std::string& resolution, const Sizes& sizes) {
  Figure figure{.unit = "ns"};
  const bool signal = delivery == "signal";
  const auto arena = MakeArena(resolution, sizes.pages, signal ? UFFD_FEATURE_SIGBUS : 0);
  if (!arena) {
    figure.skipped = std::strerror(errno);
    return figure;
  }
  if (sizes.pin != Pin::kFree) PinThread(0, AllowedCores().first);
  std::optional<SignalDelivery> handler;
  std::optional<ServerDelivery> server;
  if (signal) {
    handler.emplace(*arena);
  } else {
    const auto core = sizes.pin == Pin::kFree ? std::nullopt : std::optional(ServerCore(sizes.pin));
    server.emplace(*arena, delivery == "poll" ? Waiting::kPoll : Waiting::kReadFirst, core);
  }
  const auto order = RandomOrder(sizes.pages);
  const double clock = ClockCostNs();
  figure.samples.reserve(sizes.pages * sizes.rounds);
  for (uint64_t round = 0; round <= sizes.rounds; ++round) {
    arena->Rearm();
    TouchAll(arena->view(), order, clock, round == 0 ? nullptr : &figure.samples);
  }
  return figure;
}

}  // namespace continuum::limits
