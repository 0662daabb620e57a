// The process-wide table of native objects. JavaScript holds nothing but an id, a random 52-bit number that fits a
// double: a worker attaches to what another thread made by being sent the id, and cannot guess one it was not sent.
//
// The registry owns what is in it until Remove. It is never destroyed: threads may outlive static destruction.
#pragma once

#include <sys/random.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace continuum {

// Objects that were removed from any registry. Whoever removes one adds with release, when it is found no more; threads
// that keep objects look with acquire, and let go of those that are not to be found (Environment::Sweep).
inline std::atomic<uint64_t> removals{0};

template <typename T>
class Registry {
 public:
  static Registry& Instance() {
    static auto* registry = new Registry;
    return *registry;
  }

  // The new object's id; 0 when the kernel has no random numbers to give.
  uint64_t Add(std::shared_ptr<T> object) {
    std::lock_guard lock(mutex_);
    for (;;) {
      uint64_t id = 0;
      if (getrandom(&id, sizeof id, 0) != sizeof id) return 0;
      id &= (uint64_t{1} << 52) - 1;
      if (id != 0 && objects_.try_emplace(id, std::move(object)).second) return id;
    }
  }

  std::shared_ptr<T> Find(uint64_t id) const {
    std::lock_guard lock(mutex_);
    const auto found = objects_.find(id);
    return found == objects_.end() ? nullptr : found->second;
  }

  std::shared_ptr<T> Remove(uint64_t id) {
    std::lock_guard lock(mutex_);
    const auto node = objects_.extract(id);
    removals.fetch_add(1, std::memory_order_release);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

  std::vector<std::shared_ptr<T>> All() const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<T>> all;
    all.reserve(objects_.size());
    for (const auto& [id, object] : objects_) all.push_back(object);
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<uint64_t, std::shared_ptr<T>> objects_;
};

}  // namespace continuum
