// A heap's native half, shared by every thread: the columns, the marking's shared state, and what keeps both mapped.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kernels/heap_core.h"
#include "kernels/mark.h"
#include "memory/mapping.h"
#include "pages/page_table.h"
#include "pages/trace.h"
#include "threads/places.h"

namespace continuum {

// What the heap's handle is, so that one that was changed on its way is known: JavaScript's text of it, and where its
// control words stand, which is the same address in every thread.
struct HandleSeal {
  std::string text;
  const void* control = nullptr;
  size_t control_words = 0;
};

struct KernelHeap {
  HeapCore core;
  Marking marking;
  PageTable pages;
  TraceLanes trace;
  Places places;
  uint8_t* staging = nullptr;  // pages built here before they are copied into a view; null where W is the place
  uint32_t staging_pages = 0;
  std::vector<std::shared_ptr<Range>> ranges;  // addresses stay ours for as long as a kernel may touch them
  std::atomic<bool> closed{false};

  // Once: false if it was sealed before.
  bool Seal(HandleSeal seal) {
    std::lock_guard lock(seal_mutex_);
    if (seal_.control != nullptr) return false;
    seal_ = std::move(seal);
    return true;
  }
  // Whether these are the heap's control words.
  bool IsControl(const void* control, size_t words) {
    std::lock_guard lock(seal_mutex_);
    return seal_.control == control && seal_.control_words == words;
  }
  HandleSeal seal() {
    std::lock_guard lock(seal_mutex_);
    return seal_;
  }

 private:
  std::mutex seal_mutex_;
  HandleSeal seal_;
};

// One thread's use of it. The marker's unfinished work goes back to the pool when the thread ends.
struct KernelSession {
  explicit KernelSession(std::shared_ptr<KernelHeap> shared)
      : heap(std::move(shared)), marker(heap->core, heap->marking) {}
  std::shared_ptr<KernelHeap> heap;
  Marker marker;
  uint32_t lane = TraceLanes::kNone;  // in which the pages that this thread forwards are recorded
};

}  // namespace continuum
