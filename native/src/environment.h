// What one JavaScript environment (the main thread, or a worker) holds of the native objects.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "memory/mapping.h"
#include "memory/memfd.h"
#include "registry.h"
#include "userfaultfd/reader.h"
#include "userfaultfd/userfaultfd.h"

namespace continuum {

// From id to object without the registry's lock: a few nanoseconds where unwrapping a JavaScript object and checking
// its type tag takes a hundred. A slot keeps its object alive, but not open: whoever closes it, closes it for
// everybody.
template <typename T>
class HandleCache {
 public:
  // Null when there is no such object or it is closed. Valid until the next Find in the same cache, no longer.
  T* Find(uint64_t id) {
    Slot& slot = slots_[id % kSlots];
    if (slot.id != id || !slot.object) {
      slot.object = Registry<T>::Instance().Find(id);
      slot.id = id;
    }
    if (slot.object && slot.object->closed()) slot.object.reset();
    return slot.object.get();
  }

  // Lets go of what is in the registry no more.
  void Sweep() {
    for (Slot& slot : slots_) {
      if (slot.object && !Registry<T>::Instance().Find(slot.id)) slot = Slot{};
    }
  }

  void Drop(uint64_t id) {
    Slot& slot = slots_[id % kSlots];
    if (slot.id == id) slot = Slot{};
  }

 private:
  static constexpr size_t kSlots = 64;
  struct Slot {
    uint64_t id = 0;
    std::shared_ptr<T> object;
  };
  std::array<Slot, kSlots> slots_;
};

struct Environment {
  HandleCache<Memfd> memfds;
  HandleCache<Mapping> mappings;
  HandleCache<Userfaultfd> userfaultfds;
  // One reader for each descriptor this environment has opened or attached to.
  std::unordered_map<uint64_t, std::unique_ptr<Reader>> readers;

  // Lets go of what others have closed since this thread was here last: a closed object keeps its addresses from being
  // used again for as long as anybody has it. A thread that calls nothing any more keeps what it had until it ends.
  void SweepIfDue() {
    const uint64_t now = removals.load(std::memory_order_acquire);
    if (now == swept) return;
    swept = now;
    Sweep();
  }

 private:
  void Sweep();
  uint64_t swept = 0;
};

}  // namespace continuum
