// Signal delivery for JavaScript: functions of ids and plain numbers that return a result >= 0 or -errno.
#include "pages/binding.h"

#include <cerrno>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "arguments.h"
#include "kernels/kernel_heap.h"
#include "kernels/sessions.h"
#include "pages/page_word.h"
#include "pages/signal_handler.h"
#include "pages/trace.h"
#include "registry.h"

namespace continuum {
namespace {

// The ids in a Float64Array.
template <typename T>
bool FindAll(const Arguments& arguments, size_t i, std::vector<std::shared_ptr<T>>* found) {
  const auto ids = arguments.Doubles(i);
  if (!ids) return false;
  for (const double id : *ids) {
    if (!(id >= 0 && id <= 0x1p53)) return false;  // the cast would not be defined
    auto object = Registry<T>::Instance().Find(static_cast<uint64_t>(id));
    if (!object) return false;
    found->push_back(std::move(object));
  }
  return true;
}

// (kernels, publication, views, userfaultfds, stripeBytes, resolves)
double Watch(const Arguments& arguments) {
  const uint64_t id = arguments.Integer(0), kind = arguments.Integer(1), stripe = arguments.Integer(4);
  const uint64_t resolves = arguments.Integer(5);
  auto heap = Registry<KernelHeap>::Instance().Find(id);
  std::vector<std::shared_ptr<Mapping>> views;
  std::vector<std::shared_ptr<Userfaultfd>> watch;
  if (!heap || !FindAll(arguments, 2, &views) || !FindAll(arguments, 3, &watch)) return -EBADF;
  if (kind > static_cast<uint64_t>(Publication::kProtect) || views.empty() || stripe == Arguments::kNone ||
      resolves > 1)
    return -EINVAL;
  for (const auto& view : views) {
    if (view->bytes() < heap->core.granules << 3) return -ERANGE;
  }
  const auto publication = static_cast<Publication>(kind);
  const bool watched = publication != Publication::kProtect;
  // One descriptor serves all of it; several have to cover it.
  if (watched && (watch.empty() || (watch.size() > 1 && stripe * watch.size() < heap->core.granules << 3)))
    return -ERANGE;
  // A page is built on the thread's stack, and one that is READY stands in any of the slots.
  if (publication == Publication::kCopy &&
      (heap->staging_pages < page_word::kMaxSlots || heap->core.granules_per_page > Resolver::kMostStackGranules))
    return -EINVAL;
  auto resolver =
      std::make_unique<Resolver>(std::move(heap), Publisher(publication, std::move(watch), stripe), std::move(views));
  return WatchSignals(std::make_shared<SignalHeap>(id, std::move(resolver), resolves == 1));
}

double Unwatch(const Arguments& arguments) { return UnwatchSignals(arguments.Integer(0)) ? 0 : -EBADF; }

// (kernels, mutator)
double Adopt(const Arguments& arguments) {
  const uint64_t id = arguments.Integer(0), mutator = arguments.Integer(1);
  const auto heap = Registry<KernelHeap>::Instance().Find(id);
  if (!heap) return -EBADF;
  if (mutator > heap->pages.mutators) return -ERANGE;
  return AdoptThread(id, static_cast<uint32_t>(mutator));
}

// (kernels, page): wakes the threads that sleep in their handler until the page is published.
double WakePage(const Arguments& arguments) {
  const KernelSession* const session = FindSession(arguments.Integer(0));
  const uint64_t page = arguments.Integer(1);
  if (!session || session->heap->closed.load(std::memory_order_acquire)) return -EBADF;
  if (page >= session->heap->core.pages) return -ERANGE;
  WakeWaiters(session->heap->pages.words[page]);
  return 0;
}

}  // namespace

void InitPages(Napi::Env env, Napi::Object exports) {
  Export<Watch>(env, exports, "signalsWatch");
  Export<Unwatch>(env, exports, "signalsUnwatch");
  Export<Adopt>(env, exports, "signalsAdopt");
  Export<WakePage>(env, exports, "signalsWakePage");
  auto names = Napi::Object::New(env);
  names.Set("RAW", uint32_t{page_word::kRaw});
  names.Set("CLAIMED", uint32_t{page_word::kClaimed});
  names.Set("READY", uint32_t{page_word::kReady});
  names.Set("MAPPED", uint32_t{page_word::kMapped});
  names.Set("WANTED", page_word::kWanted);
  names.Set("SLOT_SHIFT", uint32_t{page_word::kSlotShift});
  names.Set("MAX_SLOTS", page_word::kMaxSlots);
  names.Set("GENERATION_SHIFT", uint32_t{page_word::kGenerationShift});
  names.Set("SERVICE_BUCKETS", FaultCounts::kBuckets);
  names.Set("SERVICE_SUB_BITS", FaultCounts::kSubBits);
  names.Set("SERVICE_LEAST_BITS", FaultCounts::kLeastBits);
  names.Set("COUNT_WORDS", static_cast<uint32_t>(sizeof(FaultCounts) / 4));
  names.Set("TRACE_FAULT", uint32_t{kTraceFault});
  names.Set("TRACE_FORWARD", uint32_t{kTraceForward});
  names.Set("TRACE_PUBLISH", uint32_t{kTracePublish});
  names.Set("TRACE_HEADER_BYTES", static_cast<uint32_t>(sizeof(TraceHeader)));
  names.Set("TRACE_CHUNK_BYTES", static_cast<uint32_t>(sizeof(TraceChunk)));
  names.Set("TRACE_RECORD_BYTES", static_cast<uint32_t>(sizeof(TraceRecord)));
  names.Set("TRACE_ORIGIN_WORD", static_cast<uint32_t>(offsetof(TraceHeader, origin) / 4));
  exports.Set("pageEncoding", names);
}

}  // namespace continuum
