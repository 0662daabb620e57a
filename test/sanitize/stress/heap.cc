#include "heap.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "fail.h"
#include "pages/page_word.h"
#include "pages/trace.h"
#include "userfaultfd/abi.h"

namespace continuum::sanitize {
namespace {

template <typename T>
std::shared_ptr<T> Need(Result<T> result, const char* what) {
  if (!result.object) Fail("%s: %s", what, strerror(result.error));
  return result.object;
}

void Check(int64_t result, const char* what) {
  if (result < 0) Fail("%s: %s", what, strerror(static_cast<int>(-result)));
}

}  // namespace

StressHeap::StressHeap(Way way_, Shape shape_) : way(way_), shape(shape_) {
  if (way.publication != Publication::kProtect) {
    uint64_t features = way.signal ? UFFD_FEATURE_SIGBUS : 0;
    if (way.publication == Publication::kContinue) features |= UFFD_FEATURE_MINOR_SHMEM;
    if (way.publication == Publication::kMove) features |= abi::kFeatureMove;
    userfaultfd_ = Need(Userfaultfd::Open(Userfaultfd::Way::kUserMode, features), "userfaultfd");
  }
  MakeMemory();
  LayOut();
  MakeRecorder();
  std::vector<std::shared_ptr<Userfaultfd>> watch;
  if (userfaultfd_) watch.push_back(userfaultfd_);
  publisher_ = std::make_unique<Publisher>(way.publication, watch, core().granules << 3);
  Arm(*views_[0]);
}

StressHeap::~StressHeap() {
  if (userfaultfd_) userfaultfd_->Close();
}

void StressHeap::MakeMemory() {
  HeapCore& core = this->core();
  core.granules_per_page = kPageGranules;
  core.page_shift = 9;
  core.granules_per_region = shape.granules_per_region;
  core.region_shift = static_cast<uint32_t>(__builtin_ctz(shape.granules_per_region));
  core.regions = shape.regions;
  core.granules = uint64_t{shape.regions} << core.region_shift;
  core.pages = static_cast<uint32_t>(core.granules >> core.page_shift);
  const uint64_t bytes = core.granules << 3;
  if (way.shared()) {
    memfd_ = Need(Memfd::Create(bytes, "stress", false), "memfd");
    workspace_ = Need(Mapping::Shared(*memfd_, Mapping::kNoHugePages), "workspace");
    for (auto& view : views_) view = Need(Mapping::Shared(*memfd_, Mapping::kNoHugePages), "view");
  } else {
    workspace_ = Need(Mapping::Anonymous(bytes, Mapping::kNoHugePages), "workspace");
    views_[0] = Need(Mapping::Anonymous(bytes, Mapping::kNoHugePages), "view");
  }
  core.workspace = workspace_->address();
  core.view = views_[0]->address();
  core.source = core.view;
  if (way.shared()) core.source = core.workspace;
  if (way.publication == Publication::kMove) core.moved_to = core.view;
  // Slot 0 means W; one page more is kept zero, to be copied where new memory is given out.
  staging_ = Need(Mapping::Anonymous((shape.staging_pages + 1) * kPageBytes, Mapping::kNoHugePages), "staging");
  if (way.publication == Publication::kCopy) {
    kernel_->staging = staging_->address();
    kernel_->staging_pages = shape.staging_pages;
  }
}

// The columns of heap/layout.ts.
void StressHeap::LayOut() {
  HeapCore& core = this->core();
  PageTable& pages = kernel_->pages;
  pages.mutators = shape.mutators;
  uint64_t end = 0;
  uintptr_t base = 0;
  auto column = [&](auto*& pointer, uint64_t count) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the first time there is no memory yet to point into
    pointer = reinterpret_cast<std::remove_reference_t<decltype(pointer)>>(base + end);
    end = (end + count * sizeof *pointer + 63) & ~uint64_t{63};
  };
  auto all = [&] {
    end = 0;
    column(core.live, core.granules / 64);
    column(core.starts, core.granules / 64);
    core.destination_words = static_cast<uint32_t>(core.granules >> kBlockShift);
    column(core.destination, core.destination_words);
    column(core.origin, core.pages);
    for (uint32_t** of :
         {&core.region_state, &core.region_top, &core.region_live, &core.region_born, &core.region_head,
          &core.region_size, &core.region_refs, &core.region_next, &core.region_rescan, &pages.region_evacuated}) {
      column(*of, core.regions);
    }
    column(pages.words, core.pages);
    column(pages.flip, 1);
    column(pages.counts, shape.mutators + 1);
    column(pages.slot_pages, page_word::kMaxSlots + 1);
  };
  all();  // to know how much it is
  metadata_ = Need(Mapping::Anonymous((end + kPageBytes - 1) & ~(kPageBytes - 1), Mapping::kNoHugePages), "metadata");
  base = reinterpret_cast<uintptr_t>(metadata_->address());
  all();
  kernel_->ranges = {metadata_->range(), workspace_->range()};
  for (const auto& view : views()) kernel_->ranges.push_back(view->range());
  pages.flip->generation = 1;
  core.region_state[0] = kNull;
  for (uint32_t region = 0; region < core.regions; ++region) core.region_top[region] = region << core.region_shift;
}

// As heap/trace.ts makes it: few chunks, so that it becomes full.
void StressHeap::MakeRecorder() {
  constexpr uint32_t kChunks = 24;
  const uint32_t lanes = shape.mutators + 1;
  trace_ = Need(Mapping::Anonymous(TraceLanes::ChunksAt(lanes) + kChunks * sizeof(TraceChunk), Mapping::kNoHugePages),
                "recorder");
  auto* const header = reinterpret_cast<TraceHeader*>(trace_->address());
  header->chunks = kChunks;
  header->page_chunks = kChunks / 2;
  header->lanes = lanes;
  header->level = 2;
  if (!kernel_->trace.Open(trace_->address(), trace_->bytes(), shape.mutators)) Fail("no recorder");
  kernel_->ranges.push_back(trace_->range());
}

uint64_t StressHeap::FaultsRecorded() const {
  const auto* const header = reinterpret_cast<const TraceHeader*>(trace_->address());
  const auto* const chunks =
      reinterpret_cast<const TraceChunk*>(trace_->address() + TraceLanes::ChunksAt(header->lanes));
  uint64_t faults = header->dropped.load();
  for (uint32_t chunk = 0; chunk < std::min(header->taken.load(), header->chunks); ++chunk) {
    const uint32_t count = chunks[chunk].count.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < count; ++i) {
      const TraceRecord& record = chunks[chunk].records[i];
      if (record.lane != chunks[chunk].lane)
        Fail("a record of lane %u in a chunk of %u", record.lane, chunks[chunk].lane);
      faults += record.kind == kTraceFault;
    }
  }
  return faults;
}

std::vector<std::shared_ptr<Mapping>> StressHeap::views() const {
  if (way.shared()) return {views_[0], views_[1]};
  return {views_[0]};
}

void StressHeap::Arm(Mapping& view) {
  if (way.publication == Publication::kProtect) {
    Check(view.Protect(0, view.bytes(), Mapping::Access::kNone), "protect");
    return;
  }
  uint64_t modes = UFFDIO_REGISTER_MODE_MISSING;
  if (way.shared()) modes |= UFFDIO_REGISTER_MODE_MINOR;
  Check(userfaultfd_->Register({view.address(), view.bytes()}, modes), "register");
}

void StressHeap::Provide(uint32_t first, uint32_t count) {
  const uint32_t mapped = page_word::Encode(generation(), page_word::kMapped);
  uint8_t* const zeros = staging_->address() + shape.staging_pages * kPageBytes;
  for (uint32_t page = first; page < first + count; ++page) {
    if (way.shared()) memset(core().workspace + page * kPageBytes, 0, kPageBytes);
    kernel_->pages.words[page].store(mapped);
    // New private memory is copied whatever the resolution (heap/README.md).
    const int64_t done = way.shared() ? publisher_->Publish(view(), page * kPageBytes, kPageBytes, nullptr)
                                      : userfaultfd_->Copy({view() + page * kPageBytes, kPageBytes}, zeros, 0);
    if (done == -EEXIST) {
      memset(view() + page * kPageBytes, 0, kPageBytes);  // left by an earlier owner, as heap/space/private.ts has it
    } else {
      Check(done, "provide");
    }
  }
}

void StressHeap::ArmComing() {
  if (!way.shared()) return;
  Mapping& coming = *views_[1 - bank_];
  Check(coming.Renew(), "renew");
  Arm(coming);
}

void StressHeap::PublishAhead(uint32_t page, uint32_t count) {
  Check(publisher_->Publish(views_[1 - bank_]->address(), page * kPageBytes, count * kPageBytes, nullptr), "ahead");
}

void StressHeap::SwitchViews() {
  if (way.shared()) {
    bank_ = 1 - bank_;
    kernel_->pages.flip->bank = bank_;  // before the generation
    core().view = view();
    return;
  }
  Mapping& view = *views_[0];
  userfaultfd_->Unregister({view.address(), view.bytes()});
  Check(view.MoveTo(*workspace_), "move to workspace");
  Check(view.Renew(), "renew");
  Arm(view);
  core().source = core().workspace;
}

void StressHeap::EndCompaction() {
  if (way.shared()) return;
  core().source = core().view;
  Check(workspace_->Renew(), "renew workspace");
}

}  // namespace continuum::sanitize
