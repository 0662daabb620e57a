// What a resolution works on: a view whose pages can be taken away and published again, and where they come from.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "pages.h"

namespace continuum::limits {

inline constexpr std::string_view kResolutions[] = {"continue", "copy", "move", "protect"};

class Arena {
 public:
  virtual ~Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A touch of any page of the view faults from here on, and every page can be published. Never timed.
  virtual void Rearm() = 0;
  // Pages [first, first + count) with one system call; may be called from a signal handler. False, and errno, when
  // the kernel refuses.
  virtual bool Publish(uint64_t first, uint64_t count) = 0;
  // -1 where pages are not watched by userfaultfd.
  virtual int userfaultfd() const = 0;

  const Pages& view() const { return view_; }

 protected:
  explicit Arena(Pages view) : view_(std::move(view)) {}
  uint8_t* PageAt(uint64_t page) const { return view_.at() + page * kPageBytes; }

  Pages view_;
};

// `features`: of the userfaultfd, besides what the resolution itself needs. Null, and errno, where the kernel has none.
std::unique_ptr<Arena> MakeArena(std::string_view resolution, uint64_t pages, uint64_t features);

}  // namespace continuum::limits
