// Making a heap's native half, for JavaScript: functions of a heap's id and plain numbers, every argument checked,
// nothing thrown across the boundary but JavaScript errors.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "kernels/binding.h"
#include "kernels/call.h"
#include "pages/page_word.h"
#include "registry.h"

namespace continuum {
namespace {

constexpr uint64_t kMostMutators = 1 << 14;  // heap/layout.ts: MAX_MUTATORS

// The numbers of a configuration, each read once: a getter may answer otherwise the next time, or throw.
class Config {
 public:
  explicit Config(Napi::Object object) : object_(object) {}

  // A whole number from 0 to `most`; 0, and it is said which, for anything else.
  uint64_t Get(const std::string& name, uint64_t most = uint64_t{1} << 53) {
    if (threw_ || !wrong_.empty()) return 0;
    const Napi::Value value = object_.Get(name);
    threw_ = object_.Env().IsExceptionPending();
    if (threw_) return 0;
    const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
    if (number >= 0 && number <= static_cast<double>(most) && number == std::floor(number)) {
      return static_cast<uint64_t>(number);
    }
    wrong_ = name;
    return 0;
  }

  // The same, where it may be left out; kNone then.
  uint64_t Optional(const std::string& name) {
    if (threw_ || !wrong_.empty()) return kNone;
    const bool there = object_.Has(name);
    threw_ = object_.Env().IsExceptionPending();
    return threw_ || !there ? kNone : Get(name);
  }

  static constexpr uint64_t kNone = ~uint64_t{0};
  bool threw() const { return threw_; }
  const std::string& wrong() const { return wrong_; }

 private:
  Napi::Object object_;
  std::string wrong_;
  bool threw_ = false;
};

// The columns of the metadata mapping, which must lie inside it and beside each other.
class Columns {
 public:
  Columns(Config& config, const Mapping& metadata) : config_(config), metadata_(metadata) {}

  template <typename T>
  T* At(const char* name, uint64_t count) {
    const uint64_t offset = config_.Get(name), bytes = count * sizeof(T);
    if (offset % 8 != 0 || offset > metadata_.bytes() || bytes > metadata_.bytes() - offset) wrong_ = name;
    taken_.emplace_back(offset, offset + bytes);
    return reinterpret_cast<T*>(metadata_.address() + offset);
  }

  // Why they cannot be used; nothing where they can.
  std::string Refusal() {
    if (!wrong_.empty()) return "the column " + wrong_ + " lies outside the metadata";
    std::sort(taken_.begin(), taken_.end());
    for (size_t i = 1; i < taken_.size(); ++i) {
      if (taken_[i].first < taken_[i - 1].second) return "two columns lie on the same metadata";
    }
    return {};
  }

 private:
  Config& config_;
  const Mapping& metadata_;
  std::string wrong_;
  std::vector<std::pair<uint64_t, uint64_t>> taken_;
};

// Shapes are powers of two from a block on, the heap whole regions, the region whole pages.
bool SetShape(HeapCore& core, uint64_t granules, uint64_t page, uint64_t region) {
  const auto is_power = [](uint64_t value) { return value >= 64 && (value & (value - 1)) == 0; };
  if (!is_power(page) || !is_power(region) || region < page || granules == 0 || granules % region != 0) return false;
  core.granules = granules;
  core.granules_per_page = static_cast<uint32_t>(page);
  core.granules_per_region = static_cast<uint32_t>(region);
  core.page_shift = static_cast<uint32_t>(__builtin_ctz(core.granules_per_page));
  core.region_shift = static_cast<uint32_t>(__builtin_ctz(core.granules_per_region));
  core.pages = static_cast<uint32_t>(granules >> core.page_shift);
  core.regions = static_cast<uint32_t>(granules >> core.region_shift);
  core.destination_words = static_cast<uint32_t>(granules >> kBlockShift);
  return true;
}

void SetColumns(KernelHeap& heap, Columns& columns) {
  HeapCore& core = heap.core;
  PageTable& pages = heap.pages;
  core.live = columns.At<uint64_t>("live", core.granules / 64);
  core.starts = columns.At<uint64_t>("starts", core.granules / 64);
  core.destination = columns.At<uint32_t>("destination", core.destination_words);
  core.origin = columns.At<uint32_t>("origin", core.pages);
  core.region_state = columns.At<uint32_t>("regionState", core.regions);
  core.region_top = columns.At<uint32_t>("regionTop", core.regions);
  core.region_live = columns.At<uint32_t>("regionLive", core.regions);
  core.region_born = columns.At<uint32_t>("regionBorn", core.regions);
  core.region_head = columns.At<uint32_t>("regionHead", core.regions);
  core.region_size = columns.At<uint32_t>("regionSize", core.regions);
  core.region_refs = columns.At<uint32_t>("regionReferences", core.regions);
  core.region_next = columns.At<uint32_t>("regionNext", core.regions);
  core.region_rescan = columns.At<uint32_t>("regionRescan", core.regions);
  pages.words = columns.At<std::atomic<uint32_t>>("pageState", core.pages);
  pages.flip = columns.At<FlipWords>("flip", 1);
  pages.counts = columns.At<FaultCounts>("faultCounts", uint64_t{pages.mutators} + 1);
  pages.slot_pages = columns.At<uint32_t>("slotPages", page_word::kMaxSlots + 1);
  pages.region_evacuated = columns.At<uint32_t>("regionEvacuated", core.regions);
}

Napi::Value Create(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  auto refuse = [&](const std::string& why) {
    // An exception that is on its way already, out of a getter, goes on.
    if (!env.IsExceptionPending()) Napi::TypeError::New(env, "kernels: " + why).ThrowAsJavaScriptException();
    return env.Undefined();
  };
  if (!info[0].IsObject()) return refuse("a configuration is missing");
  Config config(info[0].As<Napi::Object>());
  auto heap = std::make_shared<KernelHeap>();
  HeapCore& core = heap->core;

  constexpr uint64_t kMostGranules = uint64_t{1} << 31;
  const uint64_t ids[] = {config.Get("metadata"), config.Get("workspace"), config.Get("view")};
  const uint64_t granules = config.Get("granules", kMostGranules), page = config.Get("granulesPerPage", kMostGranules),
                 region = config.Get("granulesPerRegion", kMostGranules);
  heap->pages.mutators = static_cast<uint32_t>(config.Get("mutators", kMostMutators));
  const uint64_t staging = config.Optional("staging"), moves = config.Optional("moves"),
                 trace = config.Optional("trace");
  const auto find = [](uint64_t id) { return Registry<Mapping>::Instance().Find(id); };
  const auto metadata = find(ids[0]), workspace = find(ids[1]), view = find(ids[2]);
  const auto memory = staging == Config::kNone ? nullptr : find(staging);
  const auto records = trace == Config::kNone ? nullptr : find(trace);
  const auto trouble = [&] { return config.threw() || !config.wrong().empty(); };
  if (trouble()) return refuse("the configuration lacks " + config.wrong());
  if (!metadata || !workspace || !view) return refuse("a mapping is closed or was never made");
  if (staging != Config::kNone && !memory) return refuse("the staging mapping is closed or was never made");
  if (trace != Config::kNone && !records) return refuse("the recorder's mapping is closed or was never made");
  if (metadata == workspace || metadata == view || memory == metadata || (memory && memory == workspace) ||
      (memory && memory == view)) {
    return refuse("metadata and staging must be mappings of their own");
  }
  if (records && (records == metadata || records == workspace || records == view || records == memory)) {
    return refuse("the recorder must be a mapping of its own");
  }
  if (!SetShape(core, granules, page, region)) return refuse("the shape is out of range");
  if (workspace->bytes() < granules * 8 || view->bytes() < granules * 8) return refuse("a mapping is too small");

  Columns columns(config, *metadata);
  SetColumns(*heap, columns);
  if (trouble()) return refuse("the configuration lacks " + config.wrong());
  const std::string refusal = columns.Refusal();
  if (!refusal.empty()) return refuse(refusal);

  core.workspace = workspace->address();
  core.view = view->address();
  core.source = core.view;
  if (moves != Config::kNone) core.moved_to = core.view;
  heap->ranges = {metadata->range(), workspace->range(), view->range()};
  if (memory) {
    heap->staging = memory->address();
    heap->staging_pages = static_cast<uint32_t>(memory->bytes() >> (core.page_shift + 3));
    heap->ranges.push_back(memory->range());
  }
  if (records) {
    if (!heap->trace.Open(records->address(), records->bytes(), heap->pages.mutators)) {
      return refuse("this is no recorder's mapping");
    }
    heap->ranges.push_back(records->range());
  }
  const uint64_t id = Registry<KernelHeap>::Instance().Add(std::move(heap));
  if (id == 0) return refuse("there are no random numbers to be had");
  return Napi::Number::New(env, static_cast<double>(id));
}

// (kernels, text, control): what a handle to this heap says, and the words that go with it. Once.
Napi::Value SealHandle(const Napi::CallbackInfo& info) {
  Call call(info);
  HandleSeal seal;
  seal.text = call.Text();
  seal.control = call.Control(&seal.control_words);
  if (!call.ok()) return call.Nothing();
  if (!call.heap().Seal(std::move(seal))) call.Fail("this heap has its handle already");
  return call.Nothing();
}

// (kernels, control): the text that the heap was sealed with. Throws where these are not its control words.
Napi::Value SealedHandle(const Napi::CallbackInfo& info) {
  Call call(info);
  size_t words = 0;
  const void* const control = call.Control(&words);
  if (!call.ok()) return call.Nothing();
  const HandleSeal seal = call.heap().seal();
  if (seal.control == nullptr) {
    call.Fail("this heap has no handle");
  } else if (seal.control != control || seal.control_words != words) {
    call.Fail("these are not the heap's control words");
  }
  return call.ok() ? Napi::String::New(info.Env(), seal.text) : call.Nothing();
}

// A place for a mutator, and the word of the control words that says how it stands.
struct Place {
  uint32_t mutator = 0;
  std::atomic<int32_t>* word = nullptr;
};

Place PlaceOf(Call& call) {
  Place place;
  size_t words = 0;
  place.mutator = static_cast<uint32_t>(call.Number(kMostMutators));
  auto* const control = static_cast<std::atomic<int32_t>*>(const_cast<void*>(call.Control(&words)));
  const uint64_t word = call.Number(words);
  if (call.ok() && place.mutator >= call.heap().pages.mutators) call.Fail("no such mutator");
  if (call.ok() && !call.heap().IsControl(control, words)) call.Fail("these are not the heap's control words");
  if (call.ok()) place.word = control + word;
  return place;
}

// (kernels, mutator, control, word, absent, attaching): see Places::Occupy.
Napi::Value Occupy(const Napi::CallbackInfo& info) {
  Call call(info);
  const Place place = PlaceOf(call);
  const auto absent = static_cast<int32_t>(call.Number(INT32_MAX));
  const auto attaching = static_cast<int32_t>(call.Number(INT32_MAX));
  if (!call.ok()) return call.Nothing();
  return call.Return(call.heap().places.Occupy(place.mutator, *place.word, absent, attaching));
}

// (kernels, mutator, control, word, absent): see Places::Inherit.
Napi::Value Inherit(const Napi::CallbackInfo& info) {
  Call call(info);
  const Place place = PlaceOf(call);
  const auto absent = static_cast<int32_t>(call.Number(INT32_MAX));
  if (!call.ok()) return call.Nothing();
  return call.Return(call.heap().places.Inherit(place.mutator, *place.word, absent));
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
  ExportKernel(env, exports, "kernelsOccupy", Occupy);
  ExportKernel(env, exports, "kernelsInherit", Inherit);
  ExportKernel(env, exports, "kernelsStates", States);
  ExportKernel(env, exports, "kernelsSeal", SealHandle);
  ExportKernel(env, exports, "kernelsSealed", SealedHandle);
}

}  // namespace continuum
