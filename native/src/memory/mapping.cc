#include "memory/mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "inject/hook.h"
#include "userfaultfd/userfaultfd.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22  // Linux 5.14
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25  // Linux 6.1
#endif

namespace continuum {

using inject::Call;
using inject::Through;

namespace {

int ToKernel(Mapping::Advice advice) {
  switch (advice) {
    case Mapping::Advice::kDontNeed:
      return MADV_DONTNEED;
    case Mapping::Advice::kRemove:
      return MADV_REMOVE;
    case Mapping::Advice::kHugePage:
      return MADV_HUGEPAGE;
    case Mapping::Advice::kNoHugePage:
      return MADV_NOHUGEPAGE;
    case Mapping::Advice::kPopulateRead:
      return MADV_POPULATE_READ;
    case Mapping::Advice::kPopulateWrite:
      return MADV_POPULATE_WRITE;
    case Mapping::Advice::kCollapse:
      return MADV_COLLAPSE;
    case Mapping::Advice::kFree:
      return MADV_FREE;
  }
  return -1;
}

int ToKernel(Mapping::Access access) {
  switch (access) {
    case Mapping::Access::kNone:
      return PROT_NONE;
    case Mapping::Access::kRead:
      return PROT_READ;
    case Mapping::Access::kReadWrite:
      return PROT_READ | PROT_WRITE;
  }
  return -1;
}

}  // namespace

Result<Mapping> Mapping::Shared(Memfd& memfd, uint32_t traits) {
  int error = 0;
  Descriptor fd = memfd.Duplicate(&error);
  if (!fd.valid()) return error;
  auto range = Range::Reserve(memfd.bytes(), memfd.page_size());
  if (!range.object) return range.error;
  auto mapping = std::make_shared<Mapping>(std::move(range.object), memfd.page_size());
  mapping->fd_ = std::move(fd);
  mapping->kind_ = Kind::kShared;
  mapping->traits_ = traits;
  const int failed = mapping->Map();
  if (failed != 0) return -failed;
  return mapping;
}

Result<Mapping> Mapping::Anonymous(uint64_t bytes, uint32_t traits) {
  const auto page_size = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (bytes == 0 || bytes % page_size != 0) return EINVAL;
  auto range = Range::Reserve(bytes, page_size);
  if (!range.object) return range.error;
  auto mapping = std::make_shared<Mapping>(std::move(range.object), page_size);
  mapping->traits_ = traits;
  const int failed = mapping->Map();
  if (failed != 0) return -failed;
  return mapping;
}

int Mapping::Map() {
  if (kind_ == Kind::kShared) {
    // Without MAP_NORESERVE, so that too few huge pages fail here and not with SIGBUS at the first touch.
    const int flags = MAP_SHARED | MAP_FIXED;
    void* const mapped =
        Through(Call::kMmap, [&] { return mmap(address(), bytes(), PROT_READ | PROT_WRITE, flags, fd_.get(), 0); });
    if (mapped == MAP_FAILED) return -errno;
  } else {
    const int failed = range_->MapBlank(PROT_READ | PROT_WRITE);
    if (failed != 0) return failed;
  }
  return Tell();
}

int Mapping::Tell() {
  const auto tell = [&](int advice) {
    return Through(Call::kMadvise, [&] { return madvise(address(), bytes(), advice); }) == 0 ? 0 : -errno;
  };
  // Before anything is in it: a child that is made meanwhile shares no page with us.
  if ((traits_ & kInherited) == 0) {
    if (const int failed = tell(MADV_DONTFORK); failed != 0) return failed;
  }
  if ((traits_ & kNotDumped) != 0) {
    if (const int failed = tell(MADV_DONTDUMP); failed != 0) return failed;
  }
  if ((traits_ & kNoHugePages) == 0) return 0;
  // A kernel built without transparent huge pages does not know the advice, and has no need of it.
  const int failed = tell(MADV_NOHUGEPAGE);
  return failed == -EINVAL ? 0 : failed;
}

int Mapping::Advise(uint64_t offset, uint64_t length, Advice advice) {
  std::shared_lock lock(mutex_);
  if (closed_) return -EBADF;
  if (length == 0) return 0;
  const int result = Through(Call::kMadvise, [&] { return madvise(address() + offset, length, ToKernel(advice)); });
  return result != 0 ? -errno : 0;
}

int Mapping::Protect(uint64_t offset, uint64_t length, Access access) {
  std::shared_lock lock(mutex_);
  if (closed_) return -EBADF;
  if (length == 0) return 0;
  const int result = Through(Call::kMprotect, [&] { return mprotect(address() + offset, length, ToKernel(access)); });
  return result != 0 ? -errno : 0;
}

int Mapping::MoveTo(Mapping& target) {
  if (&target == this || target.bytes() != bytes() || target.page_size() != page_size()) return -EINVAL;
  std::scoped_lock lock(mutex_, target.mutex_);
  if (closed_ || target.closed_) return -EBADF;

  Descriptor backing;
  if (kind_ == Kind::kShared) {
    backing.Reset(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!backing.valid()) return -errno;
  }
  const int failed = MoveTables(target.address());
  if (failed != 0) return failed;
  target.fd_ = std::move(backing);
  target.kind_ = kind_.load();
  target.traits_ = traits_;  // they came along with the mapping
  WakeEverywhere(Span{address(), bytes()});
  WakeEverywhere(Span{target.address(), bytes()});
  return 0;
}

int Mapping::MoveTables(uint8_t* to) {
  // DONTUNMAP keeps the old addresses mapped, so that no other thread's mmap can get them before they are blank.
  constexpr int kMove = MREMAP_MAYMOVE | MREMAP_FIXED;
  void* const moved =
      Through(Call::kMremap, [&] { return mremap(address(), bytes(), bytes(), kMove | MREMAP_DONTUNMAP, to); });
  if (moved != MAP_FAILED) {
    const int failed = range_->MapBlank(PROT_NONE);
    if (failed == 0) return 0;
    // All or nothing: whoever tries again must find the memory where it was.
    void* const back =
        Through(Call::kMremap, [&] { return mremap(to, bytes(), bytes(), kMove | MREMAP_DONTUNMAP, address()); });
    return back != MAP_FAILED ? failed : -EIO;
  }
  if (errno != EINVAL) return -errno;
  // Huge pages cannot do that: take the addresses back at once, and give them up if somebody was quicker.
  if (mremap(address(), bytes(), bytes(), kMove, to) == MAP_FAILED) return -errno;
  constexpr int kReserve = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE;
  if (mmap(address(), bytes(), PROT_NONE, kReserve, -1, 0) != MAP_FAILED) return 0;
  const int error = errno;
  range_->Forget();
  closed_ = true;
  return -error;
}

int Mapping::Renew() {
  std::unique_lock lock(mutex_);
  if (closed_) return -EBADF;
  const int failed = Map();
  WakeEverywhere(Span{address(), bytes()});
  return failed;
}

int Mapping::Close() {
  std::unique_lock lock(mutex_);
  if (closed_) return -EBADF;
  closed_ = true;
  fd_.Reset();
  const int failed = range_->MapBlank(PROT_READ | PROT_WRITE);
  WakeEverywhere(Span{address(), bytes()});
  return failed;
}

}  // namespace continuum
