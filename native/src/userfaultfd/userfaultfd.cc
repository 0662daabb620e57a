#include "userfaultfd/userfaultfd.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "inject/hook.h"
#include "registry.h"
#include "userfaultfd/abi.h"
#include "userfaultfd/reader.h"

namespace continuum {

using inject::Call;
using inject::Through;
using inject::ThroughPages;

namespace {

constexpr int kFlags = O_CLOEXEC | O_NONBLOCK;  // poll() answers POLLERR on a blocking one

Descriptor OpenRaw(Userfaultfd::Way way) {
  if (way != Userfaultfd::Way::kDevice) {
    const int mode = way == Userfaultfd::Way::kUserMode ? UFFD_USER_MODE_ONLY : 0;
    return Descriptor(static_cast<int>(syscall(SYS_userfaultfd, kFlags | mode)));
  }
  const Descriptor device(open("/dev/userfaultfd", O_RDWR | O_CLOEXEC));
  return device.valid() ? Descriptor(ioctl(device.get(), abi::kNewFromDevice, kFlags)) : Descriptor();
}

uffdio_range RangeOf(Span span) { return {reinterpret_cast<uintptr_t>(span.address), span.bytes}; }

}  // namespace

int Userfaultfd::Offered(Way way, Offer* offer) {
  const Descriptor fd = OpenRaw(way);
  if (!fd.valid()) return -errno;
  uffdio_api api{UFFD_API, 0, 0};
  if (ioctl(fd.get(), UFFDIO_API, &api) != 0) return -errno;
  *offer = {api.features, api.ioctls};
  return 0;
}

Result<Userfaultfd> Userfaultfd::Open(Way way, uint64_t features) {
  Descriptor fd = OpenRaw(way);
  if (!fd.valid()) return errno;
  uffdio_api api{UFFD_API, features, 0};
  if (ioctl(fd.get(), UFFDIO_API, &api) != 0) return errno;
  Descriptor tombstone(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!tombstone.valid()) return errno;
  return std::make_shared<Userfaultfd>(std::move(fd), std::move(tombstone), way, features);
}

Userfaultfd::Userfaultfd(Descriptor fd, Descriptor tombstone, Way way, uint64_t features)
    : fd_(std::move(fd)), tombstone_(std::move(tombstone)), way_(way), features_(features) {}

Userfaultfd::~Userfaultfd() { Close(); }

int Userfaultfd::Failure() const { return errno == ENOTTY && closed_ ? -EBADF : -errno; }

int64_t Userfaultfd::Register(Span span, uint64_t modes) {
  uffdio_register request{RangeOf(span), modes, 0};
  if (Through(Call::kRegister, [&] { return ioctl(fd(), UFFDIO_REGISTER, &request); }) != 0) return Failure();
  return static_cast<int64_t>(request.ioctls);
}

int Userfaultfd::Unregister(Span span) {
  // The kernel does not wake who waits on a range registered for MINOR faults only: before, for those that wait
  // already, and after, for those that came in between.
  Wake(span);
  uffdio_range range = RangeOf(span);
  const int result = Through(Call::kUnregister, [&] { return ioctl(fd(), UFFDIO_UNREGISTER, &range); });
  const int failed = result != 0 ? Failure() : 0;
  Wake(span);
  return failed;
}

int Userfaultfd::Wake(Span span) {
  uffdio_range range = RangeOf(span);
  return Through(Call::kWake, [&] { return ioctl(fd(), UFFDIO_WAKE, &range); }) != 0 ? Failure() : 0;
}

// The kernel writes the bytes done, or -errno when there are none; it leaves the field alone when it refuses the
// arguments. A failure after some bytes is EAGAIN, and the next call finds the page that failed at its beginning.

int64_t Userfaultfd::Continue(Span to, uint64_t mode) {
  uffdio_continue request{RangeOf(to), mode, 0};
  const int result = ThroughPages(Call::kContinue, request.range.len, request.mode, request.mapped,
                                  [&] { return ioctl(fd(), UFFDIO_CONTINUE, &request); });
  if (result == 0 || request.mapped > 0) return request.mapped;
  return Failure();
}

int64_t Userfaultfd::Copy(Span to, const void* from, uint64_t mode) {
  const uffdio_range range = RangeOf(to);
  uffdio_copy request{range.start, reinterpret_cast<uintptr_t>(from), range.len, mode, 0};
  const int result = ThroughPages(Call::kCopy, request.len, request.mode, request.copy,
                                  [&] { return ioctl(fd(), UFFDIO_COPY, &request); });
  if (result == 0 || request.copy > 0) return request.copy;
  return Failure();
}

int64_t Userfaultfd::ZeroPage(Span to, uint64_t mode) {
  uffdio_zeropage request{RangeOf(to), mode, 0};
  const int result = ThroughPages(Call::kZeropage, request.range.len, request.mode, request.zeropage,
                                  [&] { return ioctl(fd(), UFFDIO_ZEROPAGE, &request); });
  if (result == 0 || request.zeropage > 0) return request.zeropage;
  return Failure();
}

int64_t Userfaultfd::Move(Span to, const void* from, uint64_t mode) {
  const uffdio_range range = RangeOf(to);
  abi::MoveRequest request{range.start, reinterpret_cast<uintptr_t>(from), range.len, mode, 0};
  const int result = ThroughPages(Call::kMove, request.length, request.mode, request.moved,
                                  [&] { return ioctl(fd(), abi::kMove, &request); });
  if (result == 0 || request.moved > 0) return request.moved;
  return Failure();
}

int64_t Userfaultfd::Poison(Span to, uint64_t mode) {
  abi::PoisonRequest request{RangeOf(to), mode, 0};
  const int result = ThroughPages(Call::kPoison, request.range.len, request.mode, request.updated,
                                  [&] { return ioctl(fd(), abi::kPoison, &request); });
  if (result == 0 || request.updated > 0) return request.updated;
  return Failure();
}

int Userfaultfd::WriteProtect(Span span, uint64_t mode) {
  uffdio_writeprotect request{RangeOf(span), mode};
  const int result = Through(Call::kWriteProtect, [&] { return ioctl(fd(), UFFDIO_WRITEPROTECT, &request); });
  return result != 0 ? Failure() : 0;
}

void Userfaultfd::Interrupt() {
  std::lock_guard lock(readers_mutex_);
  for (Reader* reader : readers_) reader->Interrupt();
}

void Userfaultfd::Close() {
  if (closed_.exchange(true)) return;
  Interrupt();
  // Other threads may be about to use the number. dup3 puts something harmless under it and closes the userfaultfd,
  // which wakes whoever waits for a fault, in one step; the number itself is given back by the destructor.
  while (dup3(tombstone_.get(), fd(), O_CLOEXEC) < 0 && (errno == EINTR || errno == EBUSY)) {
  }
  tombstone_.Reset();
}

void WakeEverywhere(Span span) {
  for (const auto& userfaultfd : Registry<Userfaultfd>::Instance().All()) userfaultfd->Wake(span);
}

void CloseEveryUserfaultfd() {
  for (const auto& userfaultfd : Registry<Userfaultfd>::Instance().All()) userfaultfd->Close();
}

}  // namespace continuum
