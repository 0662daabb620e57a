// Making a heap's native half, for JavaScript: functions of a heap's id and plain numbers, every argument checked,
// nothing thrown across the boundary but JavaScript errors.
#include <cstring>
#include <string>

#include "kernels/binding.h"
#include "kernels/call.h"
#include "pages/page_word.h"
#include "registry.h"

namespace continuum {
namespace {

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

}  // namespace

void InitHeaps(Napi::Env env, Napi::Object exports) {
  ExportKernel(env, exports, "kernelsCreate", Create);
  ExportKernel(env, exports, "kernelsClose", Close);
  ExportKernel(env, exports, "kernelsExists", Exists);
  ExportKernel(env, exports, "kernelsStates", States);
}

}  // namespace continuum
