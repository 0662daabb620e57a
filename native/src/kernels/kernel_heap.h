// A heap's native half, shared by every thread: the columns, the marking's shared state, and what keeps both mapped.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "kernels/heap_core.h"
#include "kernels/mark.h"
#include "memory/mapping.h"
#include "pages/page_table.h"

namespace continuum {

struct KernelHeap {
  HeapCore core;
  Marking marking;
  PageTable pages;
  uint8_t* staging = nullptr;  // pages built here before they are copied into a view; null where W is the place
  uint32_t staging_pages = 0;
  std::vector<std::shared_ptr<Range>> ranges;  // addresses stay ours for as long as a kernel may touch them
  std::atomic<bool> closed{false};
};

// One thread's use of it. The marker's unfinished work goes back to the pool when the thread ends.
struct KernelSession {
  explicit KernelSession(std::shared_ptr<KernelHeap> shared)
      : heap(std::move(shared)), marker(heap->core, heap->marking) {}
  std::shared_ptr<KernelHeap> heap;
  Marker marker;
};

}  // namespace continuum
