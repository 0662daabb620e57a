// Marking and plan for JavaScript: functions of a heap's id and plain numbers, every argument checked, nothing thrown
// across the boundary but JavaScript errors.
#include <cstring>
#include <string>

#include "kernels/binding.h"
#include "kernels/call.h"
#include "kernels/plan.h"
#include "kernels/rescan.h"

namespace continuum {
namespace {

Napi::Value BeginMarking(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t cycle = call.Word(), chunks = call.Word();
  if (!call.ok()) return call.Nothing();
  HeapCore& core = call.core();
  memset(core.live, 0, core.granules / 8);
  memset(core.region_rescan, 0, core.regions * 4);
  call.marking().rescans = 0;
  call.marking().told = 0;
  call.marking().pool.Borrow(core.destination, core.destination_words, chunks);
  core.mark_cycle = cycle;
  return call.Nothing();
}

Napi::Value Mark(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t budget = call.Word();
  if (!call.ok()) return call.Nothing();
  bool more = call.marker().Run(budget);
  uint32_t stray = call.marking().stray.exchange(0), broken = call.marking().broken.exchange(0);
  if (call.heap().closed.load(std::memory_order_acquire)) return call.Fail("the heap is closed"), call.Nothing();
  if (stray != 0 || broken != 0) call.marking().told = stray != 0 ? stray : broken;
  if (stray != 0) {
    call.Fail("an object holds " + std::to_string(stray) + ", which is no reference into this heap");
    return call.Nothing();
  }
  if (broken != 0) {
    call.Fail("something refers to granule " + std::to_string(broken) +
              ", where no object stands, or one whose header was written over");
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
  if (const uint32_t wrong = call.CheckReferences(words, count); wrong != 0) call.marking().told = wrong;
  if (!call.ok()) return call.Nothing();
  return call.Return(static_cast<double>(Shade(call.core(), call.marking(), words, count)));
}

Napi::Value Told(const Napi::CallbackInfo& info) {
  Call call(info);
  return call.ok() ? call.Return(static_cast<double>(call.marking().told.load())) : call.Nothing();
}

Napi::Value RescanPages(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t page = call.Page(), count = call.Word();
  if (call.ok() && count > call.core().pages - page) call.Fail("pages outside the heap");
  if (!call.ok()) return call.Nothing();
  return call.Return(static_cast<double>(Rescan(call.core(), call.marking(), page, count)));
}

Napi::Value BeginPlan(const Napi::CallbackInfo& info) {
  Call call(info);
  if (!call.ok()) return call.Nothing();
  call.marking().pool.GiveBack();
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

}  // namespace

void InitMarking(Napi::Env env, Napi::Object exports) {
  ExportKernel(env, exports, "kernelsBeginMarking", BeginMarking);
  ExportKernel(env, exports, "kernelsMark", Mark);
  ExportKernel(env, exports, "kernelsMarked", Marked);
  ExportKernel(env, exports, "kernelsHandOver", HandOver);
  ExportKernel(env, exports, "kernelsHasWork", HasWork);
  ExportKernel(env, exports, "kernelsPeakChunks", PeakChunks);
  ExportKernel(env, exports, "kernelsShade", ShadeReferences);
  ExportKernel(env, exports, "kernelsTold", Told);
  ExportKernel(env, exports, "kernelsRescan", RescanPages);
  ExportKernel(env, exports, "kernelsBeginPlan", BeginPlan);
  ExportKernel(env, exports, "kernelsCountLive", CountLiveGranules);
  ExportKernel(env, exports, "kernelsPlace", PlaceRegion);
}

}  // namespace continuum
