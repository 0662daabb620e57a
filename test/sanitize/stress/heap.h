// A heap as heap/ makes one, in C++ alone: memory mapped twice (or private), metadata, and a userfaultfd that watches
// the view. What differs between the ways to publish is here and in Worker, and nowhere else.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "kernels/kernel_heap.h"
#include "pages/publisher.h"
#include "userfaultfd/userfaultfd.h"

namespace continuum::sanitize {

// A resolution and a delivery.
struct Way {
  Publication publication;
  bool signal;

  bool shared() const { return publication == Publication::kContinue || publication == Publication::kProtect; }
};

struct Shape {
  uint32_t regions, granules_per_region, mutators, staging_pages;
};

inline constexpr uint64_t kPageBytes = 4096;
inline constexpr uint32_t kPageGranules = kPageBytes / 8;

class StressHeap {
 public:
  StressHeap(Way way, Shape shape);
  ~StressHeap();
  StressHeap(const StressHeap&) = delete;
  StressHeap& operator=(const StressHeap&) = delete;

  const Way way;
  const Shape shape;

  KernelHeap& kernel() { return *kernel_; }
  HeapCore& core() { return kernel_->core; }
  const std::shared_ptr<KernelHeap>& shared_kernel() const { return kernel_; }
  const std::shared_ptr<Userfaultfd>& userfaultfd() const { return userfaultfd_; }
  std::vector<std::shared_ptr<Mapping>> views() const;
  const Publisher& publisher() const { return *publisher_; }

  // The view that mutators use now, and which of views() it is.
  uint8_t* view() const { return views_[bank_]->address(); }
  uint32_t bank() const { return bank_; }
  uint32_t generation() const { return kernel_->pages.flip->generation.load(); }

  // With no handler at work: faults of mutators that are on record, or were dropped because there was no room.
  uint64_t FaultsRecorded() const;

  // Mutators stopped: gives a mutator pages [first, first + count), zero and mapped in the view.
  void Provide(uint32_t first, uint32_t count);

  // Before the pause: the view that comes next is empty and watched. Twin memory only.
  void ArmComing();
  // Before or in the pause: shows a page of W in the coming view. `continue` and `protect` only.
  void PublishAhead(uint32_t page, uint32_t count);
  // In the pause: the armed view is the one that mutators use, and pages are published in it.
  void SwitchViews();
  // After the compaction: objects are read where mutators see them.
  void EndCompaction();

 private:
  void MakeMemory();
  void LayOut();
  void MakeRecorder();
  void Arm(Mapping& view);

  std::shared_ptr<KernelHeap> kernel_ = std::make_shared<KernelHeap>();
  std::shared_ptr<Userfaultfd> userfaultfd_;
  std::shared_ptr<Memfd> memfd_;
  std::shared_ptr<Mapping> metadata_, workspace_, staging_, trace_;
  std::shared_ptr<Mapping> views_[2];
  std::unique_ptr<Publisher> publisher_;
  uint32_t bank_ = 0;
};

}  // namespace continuum::sanitize
