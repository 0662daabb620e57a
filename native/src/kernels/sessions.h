// This thread's use of heaps' kernels.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "kernels/kernel_heap.h"
#include "registry.h"

namespace continuum {

// Per thread and not per environment: a session's marker must hand its work over when the thread goes.
inline thread_local std::unordered_map<uint64_t, std::unique_ptr<KernelSession>> sessions;

// This thread's session with a heap; null where there is none of that id. It may be closed.
inline KernelSession* FindSession(uint64_t id) {
  auto found = sessions.find(id);
  if (found == sessions.end()) {
    auto heap = Registry<KernelHeap>::Instance().Find(id);
    if (heap == nullptr) return nullptr;
    found = sessions.emplace(id, std::make_unique<KernelSession>(std::move(heap))).first;
  }
  return found->second.get();
}

}  // namespace continuum
