#include "memory/memfd.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>

#include "inject/hook.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U  // Linux 6.3
#endif
#ifndef MFD_HUGE_2MB
#define MFD_HUGE_2MB (21U << 26)
#endif

namespace continuum {

namespace {

constexpr uint64_t kHugePage = uint64_t{2} << 20;

int CreateFile(const char* name, unsigned flags) {
  // A system with vm.memfd_noexec=2 refuses files that could be executed; a kernel before 6.3 does not know the flag.
  const int fd = memfd_create(name, flags | MFD_NOEXEC_SEAL);
  return fd < 0 && errno == EINVAL ? memfd_create(name, flags) : fd;
}

}  // namespace

Result<Memfd> Memfd::Create(uint64_t bytes, const char* name, bool huge_pages) {
  const uint64_t page_size = huge_pages ? kHugePage : static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (bytes == 0 || bytes % page_size != 0) return EINVAL;
  unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  if (huge_pages) flags |= MFD_HUGETLB | MFD_HUGE_2MB;

  auto memfd = std::make_shared<Memfd>();
  memfd->fd_.Reset(CreateFile(name, flags));
  if (!memfd->fd_.valid()) return errno;
  if (ftruncate(memfd->fd_.get(), static_cast<off_t>(bytes)) != 0) return errno;
  if (fcntl(memfd->fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) return errno;
  memfd->bytes_ = bytes;
  memfd->page_size_ = page_size;
  return memfd;
}

int Memfd::Punch(uint64_t offset, uint64_t length) {
  return Allocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int Memfd::Populate(uint64_t offset, uint64_t length) { return Allocate(0, offset, length); }

int Memfd::Allocate(int mode, uint64_t offset, uint64_t length) {
  std::shared_lock lock(mutex_);
  if (closed_) return -EBADF;
  if (length == 0) return 0;
  int failed = 0;
  do {
    failed = inject::Through(inject::Call::kFallocate, [&] {
      return fallocate(fd_.get(), mode, static_cast<off_t>(offset), static_cast<off_t>(length));
    });
  } while (failed != 0 && errno == EINTR);
  return failed != 0 ? -errno : 0;
}

int64_t Memfd::ResidentBytes() {
  std::shared_lock lock(mutex_);
  if (closed_) return -EBADF;
  struct stat status;
  if (fstat(fd_.get(), &status) != 0) return -errno;
  return static_cast<int64_t>(status.st_blocks) * 512;
}

Descriptor Memfd::Duplicate(int* error) {
  std::shared_lock lock(mutex_);
  if (closed_) {
    *error = EBADF;
    return {};
  }
  Descriptor copy(fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  *error = copy.valid() ? 0 : errno;
  return copy;
}

void Memfd::Close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  fd_.Reset();
}

}  // namespace continuum
