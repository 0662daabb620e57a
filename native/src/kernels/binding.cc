// The kernels for JavaScript: functions of a heap's id and plain numbers, every argument checked, nothing thrown
// across the boundary but JavaScript errors.
#include "kernels/binding.h"

#include <cstring>
#include <string>

#include "kernels/call.h"
#include "kernels/page.h"
#include "kernels/plan.h"
#include "kernels/rescan.h"
#include "kernels/right_pages.h"
#include "pages/page_word.h"
#include "registry.h"

namespace continuum {
namespace {

// ---- making a heap's native half -------------------------------------------------------------------------------

class Config {
 public:
  explicit Config(Napi::Object object) : object_(object) {}
  double Get(const char* name) {
    Napi::Value value = object_.Get(name);
    if (value.IsNumber() && value.As<Napi::Number>().DoubleValue() >= 0) return value.As<Napi::Number>().DoubleValue();
    missing_ = name;
    return 0;
  }
  const std::string& missing() const { return missing_; }

 private:
  Napi::Object object_;
  std::string missing_;
};

Napi::Value Create(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto refuse = [&](const std::string& why) {
    Napi::TypeError::New(env, "kernels: " + why).ThrowAsJavaScriptException();
    return env.Undefined();
  };
  if (!info[0].IsObject()) return refuse("a configuration is missing");
  Config config(info[0].As<Napi::Object>());
  auto heap = std::make_shared<KernelHeap>();
  HeapCore& core = heap->core;

  auto mapping = [&](const char* name) -> std::shared_ptr<Mapping> {
    return Registry<Mapping>::Instance().Find(static_cast<uint64_t>(config.Get(name)));
  };
  auto metadata = mapping("metadata"), workspace = mapping("workspace"), view = mapping("view");
  double granules = config.Get("granules"), page = config.Get("granulesPerPage"),
         region = config.Get("granulesPerRegion");
  if (!config.missing().empty()) return refuse("the configuration lacks " + config.missing());
  if (!metadata || !workspace || !view) return refuse("a mapping is closed or was never made");
  auto power = [](double value) {
    return value >= 64 && value < 4e9 && (static_cast<uint64_t>(value) & (static_cast<uint64_t>(value) - 1)) == 0;
  };
  if (!power(page) || !power(region) || region < page || granules > 2147483648.0)
    return refuse("the shape is out of range");
  core.granules = static_cast<uint64_t>(granules);
  core.granules_per_page = static_cast<uint32_t>(page);
  core.granules_per_region = static_cast<uint32_t>(region);
  core.page_shift = static_cast<uint32_t>(__builtin_ctz(core.granules_per_page));
  core.region_shift = static_cast<uint32_t>(__builtin_ctz(core.granules_per_region));
  core.pages = static_cast<uint32_t>(core.granules >> core.page_shift);
  core.regions = static_cast<uint32_t>(core.granules >> core.region_shift);
  core.workspace = workspace->address();
  core.view = view->address();
  core.source = core.view;
  if (workspace->bytes() < core.granules * 8 || view->bytes() < core.granules * 8)
    return refuse("a mapping is too small");

  std::string outside;
  auto column = [&](const char* name, uint64_t bytes) -> uint8_t* {
    auto offset = static_cast<uint64_t>(config.Get(name));
    if (offset % 8 != 0 || offset + bytes > metadata->bytes()) outside = name;
    return metadata->address() + offset;
  };
  auto regions = [&](const char* name) { return reinterpret_cast<uint32_t*>(column(name, core.regions * 4)); };
  core.live = reinterpret_cast<uint64_t*>(column("live", core.granules / 8));
  core.starts = reinterpret_cast<uint64_t*>(column("starts", core.granules / 8));
  core.destination_words = static_cast<uint32_t>(core.granules >> kBlockShift);
  core.destination = reinterpret_cast<uint32_t*>(column("destination", uint64_t{core.destination_words} * 4));
  core.origin = reinterpret_cast<uint32_t*>(column("origin", uint64_t{core.pages} * 4));
  core.region_state = regions("regionState");
  core.region_top = regions("regionTop");
  core.region_live = regions("regionLive");
  core.region_born = regions("regionBorn");
  core.region_head = regions("regionHead");
  core.region_size = regions("regionSize");
  core.region_refs = regions("regionReferences");
  core.region_next = regions("regionNext");
  core.region_rescan = regions("regionRescan");
  PageTable& pages = heap->pages;
  pages.mutators = static_cast<uint32_t>(config.Get("mutators"));
  pages.words = reinterpret_cast<std::atomic<uint32_t>*>(column("pageState", uint64_t{core.pages} * 4));
  pages.flip = reinterpret_cast<FlipWords*>(column("flip", sizeof(FlipWords)));
  pages.counts =
      reinterpret_cast<FaultCounts*>(column("faultCounts", (uint64_t{pages.mutators} + 1) * sizeof(FaultCounts)));
  pages.slot_pages = reinterpret_cast<uint32_t*>(column("slotPages", (page_word::kMaxSlots + 1) * uint64_t{4}));
  pages.region_evacuated = regions("regionEvacuated");
  if (!config.missing().empty()) return refuse("the configuration lacks " + config.missing());
  if (!outside.empty()) return refuse("the column " + outside + " lies outside the metadata");

  Napi::Value staging = info[0].As<Napi::Object>().Get("staging");
  heap->ranges = {metadata->range(), workspace->range(), view->range()};
  if (staging.IsNumber()) {
    auto memory = Registry<Mapping>::Instance().Find(static_cast<uint64_t>(staging.As<Napi::Number>().DoubleValue()));
    if (!memory) return refuse("the staging mapping is closed or was never made");
    heap->staging = memory->address();
    heap->staging_pages = static_cast<uint32_t>(memory->bytes() >> (core.page_shift + 3));
    heap->ranges.push_back(memory->range());
  }
  if (info[0].As<Napi::Object>().Get("moves").IsNumber()) core.moved_to = core.view;
  return Napi::Number::New(env, static_cast<double>(Registry<KernelHeap>::Instance().Add(std::move(heap))));
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  Call call(info);
  if (!call.ok()) return call.Nothing();
  auto id = static_cast<uint64_t>(info[0].As<Napi::Number>().DoubleValue());
  call.heap().closed.store(true, std::memory_order_release);
  Registry<KernelHeap>::Instance().Remove(id);
  sessions.erase(id);
  return info.Env().Undefined();
}

Napi::Value Exists(const Napi::CallbackInfo& info) {
  Call call(info);
  return call.ok() ? call.Return(true) : call.Nothing();
}

Napi::Value States(const Napi::CallbackInfo& info) {
  auto states = Napi::Object::New(info.Env());
  states.Set("FREE", uint32_t{kFree});
  states.Set("OPEN", uint32_t{kOpen});
  states.Set("KEPT", uint32_t{kKept});
  states.Set("EVACUATED", uint32_t{kEvacuated});
  states.Set("TARGET", uint32_t{kTarget});
  states.Set("HUMONGOUS", uint32_t{kHumongous});
  states.Set("HUMONGOUS_TAIL", uint32_t{kHumongousTail});
  states.Set("NULL", uint32_t{kNull});
  return states;
}

// ---- marking ---------------------------------------------------------------------------------------------------

Napi::Value BeginMarking(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t cycle = call.Word(), chunks = call.Word();
  if (!call.ok()) return call.Nothing();
  HeapCore& core = call.core();
  memset(core.live, 0, core.granules / 8);
  memset(core.region_rescan, 0, core.regions * 4);
  call.marking().rescans = 0;
  call.marking().pool.Borrow(core.destination, core.destination_words, chunks);
  core.mark_cycle = cycle;
  return call.Nothing();
}

Napi::Value Mark(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t budget = call.Word();
  if (!call.ok()) return call.Nothing();
  bool more = call.marker().Run(budget);
  uint32_t stray = call.marking().stray.exchange(0);
  if (stray != 0) {
    call.Fail("an object holds " + std::to_string(stray) + ", which is no reference into this heap");
    return call.Nothing();
  }
  return call.Return(more);
}

Napi::Value Marked(const Napi::CallbackInfo& info) {
  Call call(info);
  if (!call.ok()) return call.Nothing();
  auto objects = static_cast<double>(call.marker().objects());
  call.marker().Reset();
  return call.Return(objects);
}

Napi::Value HandOver(const Napi::CallbackInfo& info) {
  Call call(info);
  if (call.ok()) call.marker().HandOver();
  return call.Nothing();
}

Napi::Value HasWork(const Napi::CallbackInfo& info) {
  Call call(info);
  if (!call.ok()) return call.Nothing();
  return call.Return(call.marking().pool.HasWork() || call.marking().rescans.load() != 0);
}

Napi::Value PeakChunks(const Napi::CallbackInfo& info) {
  Call call(info);
  return call.ok() ? call.Return(static_cast<double>(call.marking().pool.PeakChunks())) : call.Nothing();
}

Napi::Value ShadeReferences(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t count = 0;
  uint32_t* words = call.Words(&count);
  call.CheckReferences(words, count);
  if (!call.ok()) return call.Nothing();
  return call.Return(static_cast<double>(Shade(call.core(), call.marking(), words, count)));
}

Napi::Value RescanPages(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page(), count = call.Word();
  if (call.ok() && count > call.core().pages - page) call.Fail("pages outside the heap");
  if (!call.ok()) return call.Nothing();
  return call.Return(static_cast<double>(Rescan(call.core(), call.marking(), page, count)));
}

// ---- plan ------------------------------------------------------------------------------------------------------

Napi::Value BeginPlan(const Napi::CallbackInfo& info) {
  Call call(info);
  if (!call.ok()) return call.Nothing();
  memset(call.core().destination, 0xff, uint64_t{call.core().destination_words} * 4);
  return call.Nothing();
}

Napi::Value CountLiveGranules(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t region = call.Region();
  return call.ok() ? call.Return(static_cast<double>(CountLive(call.core(), region))) : call.Nothing();
}

Napi::Value PlaceRegion(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t region = call.Region(), block = call.Word(), target = call.Granule(), limit = call.Granule(), count = 0;
  uint32_t* out = call.Words(&count);
  if (call.ok() && (count < 2 || target > limit)) call.Fail("place wants an Int32Array of 2 and target <= limit");
  if (!call.ok()) return call.Nothing();
  Placement placed = Place(call.core(), region, block, target, limit);
  out[0] = placed.target;
  out[1] = placed.block;
  return call.Nothing();
}

// ---- pages -----------------------------------------------------------------------------------------------------

Napi::Value BuildInto(Call& call, uint32_t page, uint8_t* out) {
  const uint32_t built = BuildPage(call.core(), page, out);
  if (built == UINT32_MAX)
    return call.Fail("the plan's objects end before page " + std::to_string(page) + " does"), call.Nothing();
  return call.Return(static_cast<double>(built));
}

// Builds in the workspace, or, with staging, in page `slot` of it.
Napi::Value Build(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page();
  uint32_t slot = call.Word();
  if (!call.ok()) return call.Nothing();
  KernelHeap& heap = call.heap();
  uint64_t bytes = uint64_t{heap.core.granules_per_page} << 3;
  if (heap.staging != nullptr && slot >= heap.staging_pages) return call.Fail("no such staging slot"), call.Nothing();
  if (heap.core.region_state[heap.core.RegionOf(page << heap.core.page_shift)] != kTarget) {
    return call.Fail("build wants a page of a target region"), call.Nothing();
  }
  uint8_t* out = heap.staging != nullptr ? heap.staging + slot * bytes : heap.core.workspace + page * bytes;
  return BuildInto(call, page, out);
}

// In page `place` of the workspace, which nobody needs any more.
Napi::Value BuildAt(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page(), place = call.Page();
  if (!call.ok()) return call.Nothing();
  const HeapCore& core = call.core();
  auto state = [&](uint32_t of) { return core.region_state[core.RegionOf(of << core.page_shift)]; };
  if (state(page) != kTarget || (place != page && state(place) != kEvacuated)) {
    return call.Fail("build wants a page of a target region, and one of an evacuated one to build in"), call.Nothing();
  }
  return BuildInto(call, page, core.workspace + (uint64_t{place} << (core.page_shift + 3)));
}

Napi::Value Update(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page(), cycle = call.Word();
  return call.ok() ? call.Return(static_cast<double>(UpdatePage(call.core(), page, cycle))) : call.Nothing();
}

Napi::Value IsPageLive(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page(), cycle = call.Word();
  return call.ok() ? call.Return(PageIsLive(call.core(), page, cycle)) : call.Nothing();
}

// Pages [first, first + count) of one region; the runs go to an Int32Array of two words each.
Napi::Value FindRight(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t first = call.Page(), count = call.Word(), cycle = call.Word(), patience = call.Word(), room = 0;
  uint32_t* out = call.Words(&room);
  if (!call.ok()) return call.Nothing();
  const HeapCore& core = call.core();
  const uint32_t shift = core.region_shift - core.page_shift;
  if (count == 0 || count > core.pages - first || first >> shift != (first + count - 1) >> shift) {
    return call.Fail("the pages must be of one region"), call.Nothing();
  }
  if (room < 2 * (count / 2 + 2)) return call.Fail("there is no room for so many runs"), call.Nothing();
  auto* runs = reinterpret_cast<PageRun*>(out);
  return call.Return(static_cast<double>(FindRightPages(core, {first, count}, cycle, patience, runs)));
}

Napi::Value ForwardRoots(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t count = 0;
  uint32_t* words = call.Words(&count);
  call.CheckReferences(words, count);
  if (call.ok()) ForwardSlots(call.core(), words, count);
  return call.Nothing();
}

// Forwards the slots that stand at the given 32-bit words of the workspace.
Napi::Value ForwardLogged(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t count = 0;
  const uint32_t* words = call.Words(&count);
  if (!call.ok()) return call.Nothing();
  const HeapCore& core = call.core();
  auto* heap = reinterpret_cast<uint32_t*>(core.workspace);
  for (uint32_t i = 0; i < count; ++i) {
    if (words[i] >= 2 * core.granules) return call.Fail("a slot lies outside the heap"), call.Nothing();
    uint32_t value = heap[words[i]];
    if (value < core.granules) heap[words[i]] = Forward(core, value);
  }
  return call.Nothing();
}

Napi::Value Index(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t from = call.Granule(), to = call.Granule();
  if (!call.ok()) return call.Nothing();
  if (!IndexObjects(call.core(), call.core().view, from, to)) {
    call.Fail("the headers of [" + std::to_string(from) + ", " + std::to_string(to) + ") do not add up");
  }
  return call.Nothing();
}

Napi::Value ClearStarts(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t region = call.Region();
  if (!call.ok()) return call.Nothing();
  const HeapCore& core = call.core();
  memset(&core.starts[(region << core.region_shift) >> 6], 0, core.granules_per_region >> 3);
  return call.Nothing();
}

// 1: objects are read in the workspace; 0: in the view (private memory outside a compaction).
Napi::Value ReadThrough(const Napi::CallbackInfo& info) {
  Call call(info);
  uint64_t workspace = call.Number(2);
  if (call.ok()) call.core().source = workspace == 1 ? call.core().workspace : call.core().view;
  return call.Nothing();
}

}  // namespace

void InitKernels(Napi::Env env, Napi::Object exports) {
  auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("kernelsCreate", Create);
  add("kernelsClose", Close);
  add("kernelsExists", Exists);
  add("kernelsStates", States);
  add("kernelsBeginMarking", BeginMarking);
  add("kernelsMark", Mark);
  add("kernelsMarked", Marked);
  add("kernelsHandOver", HandOver);
  add("kernelsHasWork", HasWork);
  add("kernelsPeakChunks", PeakChunks);
  add("kernelsShade", ShadeReferences);
  add("kernelsRescan", RescanPages);
  add("kernelsBeginPlan", BeginPlan);
  add("kernelsCountLive", CountLiveGranules);
  add("kernelsPlace", PlaceRegion);
  add("kernelsBuild", Build);
  add("kernelsBuildAt", BuildAt);
  add("kernelsUpdate", Update);
  add("kernelsIsPageLive", IsPageLive);
  add("kernelsFindRight", FindRight);
  add("kernelsForward", ForwardRoots);
  add("kernelsForwardLogged", ForwardLogged);
  add("kernelsIndex", Index);
  add("kernelsClearStarts", ClearStarts);
  add("kernelsReadThrough", ReadThrough);
}

}  // namespace continuum
