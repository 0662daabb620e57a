#include "arena.h"

#include <utility>

#include "userfaultfd.h"
#include "userfaultfd/abi.h"

namespace continuum::limits {

namespace {

// One memfd mapped twice; the pages stand in the page cache all along.
class ContinueArena final : public Arena {
 public:
  ContinueArena(uint64_t bytes, Descriptor userfaultfd)
      : ContinueArena(MemoryFile(bytes), bytes, std::move(userfaultfd)) {}

  void Rearm() override { view_.Drop(); }
  bool Publish(uint64_t first, uint64_t count) override {
    return Continue(userfaultfd_.get(), PageAt(first), count * kPageBytes);
  }
  int userfaultfd() const override { return userfaultfd_.get(); }

 private:
  ContinueArena(const Descriptor& memfd, uint64_t bytes, Descriptor userfaultfd)
      : Arena(Pages::Shared(memfd, bytes)),
        workspace_(Pages::Shared(memfd, bytes)),
        userfaultfd_(std::move(userfaultfd)) {
    workspace_.Fill();
    Register(userfaultfd_, view_, UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR);
  }

  Pages workspace_;
  Descriptor userfaultfd_;
};

// Two private ranges.
class CopyArena : public Arena {
 public:
  CopyArena(uint64_t bytes, Descriptor userfaultfd)
      : Arena(Pages::Anonymous(bytes)), workspace_(Pages::Anonymous(bytes)), userfaultfd_(std::move(userfaultfd)) {
    workspace_.Fill();
    Register(userfaultfd_, view_, UFFDIO_REGISTER_MODE_MISSING);
  }

  void Rearm() override { view_.Drop(); }
  bool Publish(uint64_t first, uint64_t count) override {
    return Copy(userfaultfd_.get(), PageAt(first), workspace_.at() + first * kPageBytes, count * kPageBytes);
  }
  int userfaultfd() const override { return userfaultfd_.get(); }

 protected:
  Pages workspace_;
  Descriptor userfaultfd_;
};

// The same two; publishing takes the page out of the workspace, so that has to be filled again.
class MoveArena final : public CopyArena {
 public:
  using CopyArena::CopyArena;

  void Rearm() override {
    view_.Drop();
    workspace_.Fill();
  }
  bool Publish(uint64_t first, uint64_t count) override {
    return Move(userfaultfd_.get(), PageAt(first), workspace_.at() + first * kPageBytes, count * kPageBytes);
  }
};

// One memfd mapped twice, no userfaultfd; the view's page table entries are there and let nobody in.
class ProtectArena final : public Arena {
 public:
  explicit ProtectArena(uint64_t bytes) : Arena(Pages::Shared(MemoryFile(bytes), bytes)) { view_.Fill(); }

  void Rearm() override { Check(mprotect(view_.at(), view_.bytes(), PROT_NONE) == 0, "mprotect"); }
  bool Publish(uint64_t first, uint64_t count) override {
    return mprotect(PageAt(first), count * kPageBytes, PROT_READ | PROT_WRITE) == 0;
  }
  int userfaultfd() const override { return -1; }
};

template <typename Kind>
std::unique_ptr<Arena> Make(uint64_t bytes, uint64_t features) {
  Descriptor userfaultfd = OpenUserfaultfd(features);
  if (!userfaultfd.valid()) return nullptr;
  return std::make_unique<Kind>(bytes, std::move(userfaultfd));
}

}  // namespace

std::unique_ptr<Arena> MakeArena(std::string_view resolution, uint64_t pages, uint64_t features) {
  const uint64_t bytes = pages * kPageBytes;
  if (resolution == "continue") {
    return Make<ContinueArena>(bytes, features | UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_MINOR_SHMEM);
  }
  if (resolution == "copy") return Make<CopyArena>(bytes, features);
  if (resolution == "move") return Make<MoveArena>(bytes, features | abi::kFeatureMove);
  return std::make_unique<ProtectArena>(bytes);
}

}  // namespace continuum::limits
