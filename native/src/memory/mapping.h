// One place where memory can be seen: a workspace, a view, or private memory with an address of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>

#include "descriptor.h"
#include "memory/memfd.h"
#include "memory/range.h"
#include "result.h"

namespace continuum {

// Every int is 0 or -errno. Safe to use from several threads; after Close everything answers -EBADF.
//
// What replaces page table entries of an armed range (Renew, MoveTo, Close) leaves threads that wait for a fault there
// asleep, as the kernel forgets the registration; these three wake them, through every open userfaultfd.
class Mapping {
 public:
  enum class Kind { kShared, kAnonymous };
  enum class Advice {
    kDontNeed,
    kRemove,
    kHugePage,
    kNoHugePage,
    kPopulateRead,
    kPopulateWrite,
    kCollapse,
    kFree,
  };
  enum class Access { kNone, kRead, kReadWrite };
  // What the kernel is told of a mapping for as long as it lives, in whatever place: a sum of these.
  enum Trait : uint32_t {
    kNoHugePages = 1,  // MADV_NOHUGEPAGE
    kInherited = 2,    // a child made by fork(2) has it as well; without this MADV_DONTFORK
    kNotDumped = 4,    // MADV_DONTDUMP: not in a core, and no debugger reads it for one
  };
  static constexpr uint32_t kAllTraits = kNoHugePages | kInherited | kNotDumped;

  static Result<Mapping> Shared(Memfd& memfd, uint32_t traits);
  static Result<Mapping> Anonymous(uint64_t bytes, uint32_t traits);
  Mapping(std::shared_ptr<Range> range, uint64_t page_size) : range_(std::move(range)), page_size_(page_size) {}

  // These three never change. Once closed, the addresses hold blank memory until the Range's last owner is gone.
  uint8_t* address() const { return range_->address(); }
  uint64_t bytes() const { return range_->bytes(); }
  uint64_t page_size() const { return page_size_; }
  const std::shared_ptr<Range>& range() const { return range_; }

  Kind kind() const { return kind_; }
  bool closed() const { return closed_; }

  int Advise(uint64_t offset, uint64_t length, Advice advice);
  int Protect(uint64_t offset, uint64_t length, Access access);
  int MoveTo(Mapping& target);
  int Renew();
  int Close();

 private:
  int Map();                    // maps the backing over the range, with its traits
  int Tell();                   // the kernel forgets traits with the mapping they were said of
  int MoveTables(uint8_t* to);  // and leaves the range inaccessible; all or nothing, or -EIO

  std::shared_mutex mutex_;  // shared to use the mapping, exclusive to replace it
  const std::shared_ptr<Range> range_;
  const uint64_t page_size_;
  Descriptor fd_;  // of a shared mapping: what Renew maps again
  std::atomic<Kind> kind_{Kind::kAnonymous};
  uint32_t traits_ = 0;
  std::atomic<bool> closed_{false};
};

}  // namespace continuum
