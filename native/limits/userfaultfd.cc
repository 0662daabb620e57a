#include "userfaultfd.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "userfaultfd/abi.h"

namespace continuum::limits {

namespace {

constexpr int kFlags = O_CLOEXEC | O_NONBLOCK;  // poll(2) answers POLLERR on a blocking one

Descriptor OpenRaw() {
  Descriptor fd(static_cast<int>(syscall(SYS_userfaultfd, kFlags)));
  if (fd.valid()) return fd;
  const Descriptor device(open("/dev/userfaultfd", O_RDWR | O_CLOEXEC));
  if (device.valid()) fd.Reset(ioctl(device.get(), abi::kNewFromDevice, kFlags));
  if (!fd.valid()) fd.Reset(static_cast<int>(syscall(SYS_userfaultfd, kFlags | UFFD_USER_MODE_ONLY)));
  return fd;
}

uint64_t Address(const uint8_t* at) { return reinterpret_cast<uintptr_t>(at); }

// `attempt(done)` is one ioctl from byte `done` on: bytes done, or what the kernel wrote where there are none.
template <typename Attempt>
bool Whole(uint64_t bytes, Attempt attempt) {
  for (uint64_t done = 0; done < bytes;) {
    const int64_t result = attempt(done);
    if (result > 0) {
      done += static_cast<uint64_t>(result);
    } else if (errno != EAGAIN) {
      return false;
    }
  }
  return true;
}

}  // namespace

Descriptor OpenUserfaultfd(uint64_t features) {
  Descriptor fd = OpenRaw();
  uffdio_api api{UFFD_API, features, 0};
  if (fd.valid() && ioctl(fd.get(), UFFDIO_API, &api) != 0) {
    const int error = errno;
    fd.Reset();
    errno = error;
  }
  return fd;
}

void Register(const Descriptor& userfaultfd, const Pages& pages, uint64_t modes) {
  uffdio_register request{{Address(pages.at()), pages.bytes()}, modes, 0};
  Check(ioctl(userfaultfd.get(), UFFDIO_REGISTER, &request) == 0, "UFFDIO_REGISTER");
}

bool Continue(int userfaultfd, uint8_t* to, uint64_t bytes) {
  return Whole(bytes, [=](uint64_t done) {
    uffdio_continue request{{Address(to) + done, bytes - done}, 0, 0};
    ioctl(userfaultfd, UFFDIO_CONTINUE, &request);
    return request.mapped;
  });
}

bool Copy(int userfaultfd, uint8_t* to, const uint8_t* from, uint64_t bytes) {
  return Whole(bytes, [=](uint64_t done) {
    uffdio_copy request{Address(to) + done, Address(from) + done, bytes - done, 0, 0};
    ioctl(userfaultfd, UFFDIO_COPY, &request);
    return request.copy;
  });
}

bool Move(int userfaultfd, uint8_t* to, const uint8_t* from, uint64_t bytes) {
  return Whole(bytes, [=](uint64_t done) {
    abi::MoveRequest request{Address(to) + done, Address(from) + done, bytes - done, 0, 0};
    ioctl(userfaultfd, abi::kMove, &request);
    return request.moved;
  });
}

bool ZeroPage(int userfaultfd, uint8_t* to, uint64_t bytes) {
  return Whole(bytes, [=](uint64_t done) {
    uffdio_zeropage request{{Address(to) + done, bytes - done}, 0, 0};
    ioctl(userfaultfd, UFFDIO_ZEROPAGE, &request);
    return request.zeropage;
  });
}

}  // namespace continuum::limits
