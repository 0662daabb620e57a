// The kernels and the page protocol as a plain program, without Node, for sanitizers: threads that mark, plan, build,
// update and publish, others that use the heap meanwhile and take faults, and a graph that must be what it was.
//
//     stress [--seconds N] [--seed N] [--only continue.signal]
#include <sys/mman.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include "collector.h"
#include "fail.h"
#include "mutator.h"
#include "pages/signal_handler.h"
#include "server.h"

namespace continuum::sanitize {
namespace {

using Clock = std::chrono::steady_clock;

struct NamedWay {
  const char* name;
  Way way;
};
constexpr NamedWay kWays[] = {
    {"continue.signal", {Publication::kContinue, true}}, {"continue.handler", {Publication::kContinue, false}},
    {"copy.signal", {Publication::kCopy, true}},         {"copy.handler", {Publication::kCopy, false}},
    {"move.signal", {Publication::kMove, true}},         {"move.handler", {Publication::kMove, false}},
    {"protect.signal", {Publication::kProtect, true}},
};

constexpr uint32_t kMutators = 3, kThreads = 3, kStaging = 48;

// Faults that mutators resolved in their signal handlers, and threads that slept in one.
void CountSignals(const PageTable& table, uint64_t* faults, uint64_t* waited) {
  for (uint32_t i = 0; i <= table.mutators; ++i) {
    *faults += table.counts[i].taken.load();
    *waited += table.counts[i].waited.load();
  }
}

void RunWay(const NamedWay& named, double seconds, uint64_t seed) {
  const auto until = Clock::now() + std::chrono::duration<double>(seconds);
  StressHeap heap(named.way, {96, 8192, kMutators, kStaging});
  Graph graph(heap, seed);
  World world(kMutators);
  const uint64_t id = seed;
  if (named.way.signal) {
    auto resolver = std::make_unique<Resolver>(heap.shared_kernel(), heap.publisher(), heap.views());
    if (WatchSignals(std::make_shared<SignalHeap>(id, std::move(resolver), true)) != 0) Fail("no signal handler");
  }
  graph.Fill(400'000, heap.shape.regions / 3);
  auto server = named.way.signal ? nullptr : std::make_unique<Server>(heap);
  std::vector<std::unique_ptr<Mutator>> mutators;
  for (uint32_t i = 0; i < kMutators; ++i)
    mutators.push_back(std::make_unique<Mutator>(heap, graph, world, i, seed + i + 1));
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kMutators; ++i) {
    threads.emplace_back([&, i] {
      if (named.way.signal) AdoptThread(id, i);
      mutators[i]->Run();
    });
  }
  Collector collector(heap, graph, world, mutators, server.get(), seed);
  do collector.Cycle(kThreads);
  while (Clock::now() < until);
  world.End();
  for (auto& thread : threads) thread.join();
  uint64_t faults = 0, waited = 0, operations = 0;
  CountSignals(heap.kernel().pages, &faults, &waited);
  if (server) faults = server->faults();
  if (named.way.signal && heap.FaultsRecorded() != faults) Fail("%s: faults that are not on record", named.name);
  server.reset();
  if (named.way.signal) UnwatchSignals(id);
  for (const auto& mutator : mutators) operations += mutator->operations();
  const Totals& totals = collector.totals();
  printf(
      "%-17s %4lu cycles, %8lu operations, %6lu regions evacuated to %5lu, %7lu pages published by workers, "
      "%6lu ahead, %6lu faults (%lu waited), %8lu objects checked\n",
      named.name, totals.cycles, operations, totals.evacuated, totals.targets, totals.published, totals.ahead, faults,
      waited, totals.objects);
  fflush(stdout);
  if (totals.evacuated == 0 || totals.published == 0) Fail("%s: nothing moved", named.name);
  if (totals.cycles > 3 && faults == 0) Fail("%s: no mutator faulted: none ran beside a compaction", named.name);
}

}  // namespace
}  // namespace continuum::sanitize

int main(int count, char** arguments) {
  using continuum::sanitize::Clock, continuum::sanitize::Fail, continuum::sanitize::NamedWay;
  using continuum::sanitize::kWays, continuum::sanitize::RunWay;
  double seconds = 14;
  uint64_t seed = static_cast<uint64_t>(Clock::now().time_since_epoch().count());
  std::string only;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = arguments[i];
    if (name == "--seconds") seconds = strtod(arguments[i + 1], nullptr);
    if (name == "--seed") seed = strtoull(arguments[i + 1], nullptr, 10);
    if (name == "--only") only = arguments[i + 1];
  }
  printf("stress: --seed %lu, %g s in all\n", seed, seconds);
  fflush(stdout);
  uint32_t ways = 0;
  for (const NamedWay& named : kWays) ways += only.empty() || only == named.name;
  if (ways == 0) Fail("no way is called %s", only.c_str());
  for (const NamedWay& named : kWays) {
    if (only.empty() || only == named.name) RunWay(named, seconds / ways, seed);
  }
  return 0;
}
