// What is done to pages, for JavaScript: functions of a heap's id and plain numbers, every argument checked, nothing
// thrown across the boundary but JavaScript errors.
#include <cstring>
#include <string>

#include "kernels/binding.h"
#include "kernels/call.h"
#include "kernels/page.h"
#include "kernels/right_pages.h"
#include "pages/page_word.h"
#include "pages/trace.h"

namespace continuum {
namespace {

// What stands where the plan says that the page's first object comes from: what was evacuated is not as the plan left
// it.
std::string Origin(const HeapCore& core, uint32_t page) {
  const uint32_t from = core.origin[page], region = core.RegionOf(from);
  if (from >= core.granules) return "granule " + std::to_string(from) + ", which is outside the heap";
  const uint32_t start = FindBackward(core.starts, from, region << core.region_shift);
  std::string text = "granule " + std::to_string(from) + " of region " + std::to_string(region) + " (state " +
                     std::to_string(core.region_state[region]) + ", live " + std::to_string(core.region_live[region]) +
                     ", granule live " + std::to_string(TestBit(core.live, from)) + ")";
  if (start == UINT32_MAX) return text + ", no object starts there";
  const Header header = ReadHeader(core, core.workspace, start);
  return text + ", in the object at " + std::to_string(start) + " of " + std::to_string(header.size) + " granules";
}

Napi::Value BuildInto(Call& call, uint32_t page, uint8_t* out) {
  PageSpan span(call.heap().trace, call.lane(), page);
  BuildStop stop;
  const uint32_t built = BuildPage(call.core(), page, out, &stop);
  if (built == UINT32_MAX) {
    call.Fail("page " + std::to_string(page) + " cannot be built: after " + std::to_string(stop.done) + " of " +
              std::to_string(stop.wanted) + " granules, at " + std::to_string(stop.from) + ": " + stop.why +
              "; it begins at " + Origin(call.core(), page));
    return call.Nothing();
  }
  span.Forwarded(kTraceBuilt);
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
  if (!call.ok()) return call.Nothing();
  PageSpan span(call.heap().trace, call.lane(), page);
  const uint32_t changed = UpdatePage(call.core(), page, cycle);
  span.Forwarded(changed > 0 ? kTraceUpdated : kTraceAsItWas);
  return call.Return(static_cast<double>(changed));
}

// From now on what this thread builds and updates is recorded in this lane; in none if there is no such lane.
Napi::Value RecordAs(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t lane = call.Word();
  if (call.ok()) call.lane() = call.heap().trace.has(lane) ? lane : TraceLanes::kNone;
  return call.Nothing();
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

// Pages [first, first + count) are mapped in the coming view, whose generation is `generation`: says so in their words.
// A page whose word speaks of that generation already is answered in `out`, up to its length: a store has come before.
Napi::Value NoteAhead(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t first = call.Page(), count = call.Word(), generation = call.Word(), room = 0;
  uint32_t* out = call.Words(&room);
  if (!call.ok()) return call.Nothing();
  if (count > call.core().pages - first || room < count)
    return call.Fail("there are not so many pages"), call.Nothing();
  uint32_t taken = 0;
  const uint32_t mapped = page_word::Encode(generation, page_word::kMapped);
  for (uint32_t page = first; page < first + count; ++page) {
    std::atomic<uint32_t>& at = call.heap().pages.words[page];
    uint32_t word = at.load();
    if (word >> page_word::kGenerationShift == generation || !at.compare_exchange_strong(word, mapped)) {
      out[taken++] = page;
    }
  }
  return call.Return(static_cast<double>(taken));
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
    const uint32_t word = __atomic_load_n(&words[i], __ATOMIC_RELAXED);
    if (word >= 2 * core.granules) return call.Fail("a slot lies outside the heap"), call.Nothing();
    const uint32_t value = __atomic_load_n(&heap[word], __ATOMIC_RELAXED);
    if (value < core.granules) heap[word] = Forward(core, value);
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

// The same as far as objects stand; where they end.
Napi::Value IndexStanding(const Napi::CallbackInfo& info) {
  Call call(info);
  uint32_t from = call.Granule(), to = call.Granule();
  if (!call.ok()) return call.Nothing();
  return call.Return(static_cast<double>(IndexWhatStands(call.core(), call.core().view, from, to)));
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

void InitPageKernels(Napi::Env env, Napi::Object exports) {
  ExportKernel(env, exports, "kernelsBuild", Build);
  ExportKernel(env, exports, "kernelsBuildAt", BuildAt);
  ExportKernel(env, exports, "kernelsUpdate", Update);
  ExportKernel(env, exports, "kernelsRecordAs", RecordAs);
  ExportKernel(env, exports, "kernelsIsPageLive", IsPageLive);
  ExportKernel(env, exports, "kernelsFindRight", FindRight);
  ExportKernel(env, exports, "kernelsNoteAhead", NoteAhead);
  ExportKernel(env, exports, "kernelsForward", ForwardRoots);
  ExportKernel(env, exports, "kernelsForwardLogged", ForwardLogged);
  ExportKernel(env, exports, "kernelsIndex", Index);
  ExportKernel(env, exports, "kernelsIndexWhatStands", IndexStanding);
  ExportKernel(env, exports, "kernelsClearStarts", ClearStarts);
  ExportKernel(env, exports, "kernelsReadThrough", ReadThrough);
}

}  // namespace continuum
