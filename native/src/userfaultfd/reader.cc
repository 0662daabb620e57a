#include "userfaultfd/reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>

#include "inject/hook.h"
#include "userfaultfd/abi.h"

namespace continuum {

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kBatch = 64;
constexpr double kLongest = 1e12;  // ms; some thirty years

void Decode(const uffd_msg& message, double* into) {
  into[0] = message.event;
  into[1] = into[2] = into[3] = 0;
  switch (message.event) {
    case UFFD_EVENT_PAGEFAULT:
      into[1] = static_cast<double>(message.arg.pagefault.flags);
      into[2] = static_cast<double>(message.arg.pagefault.address);
      into[3] = message.arg.pagefault.feat.ptid;
      break;
    case UFFD_EVENT_FORK:
      // The child's own userfaultfd. Nobody here serves a child's faults; closed, its memory is ordinary memory.
      close(static_cast<int>(message.arg.fork.ufd));
      break;
    case UFFD_EVENT_REMAP:
      into[1] = static_cast<double>(message.arg.remap.from);
      into[2] = static_cast<double>(message.arg.remap.to);
      into[3] = static_cast<double>(message.arg.remap.len);
      break;
    default:  // REMOVE, UNMAP
      into[1] = static_cast<double>(message.arg.remove.start);
      into[2] = static_cast<double>(message.arg.remove.end);
  }
}

timespec ToTimespec(double ms) {
  const double seconds = std::floor(ms / 1e3);
  return {static_cast<time_t>(seconds), static_cast<long>((ms - seconds * 1e3) * 1e6)};
}

}  // namespace

std::unique_ptr<Reader> Reader::Create(std::shared_ptr<Userfaultfd> userfaultfd, int* error) {
  Descriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) {
    *error = errno;
    return nullptr;
  }
  return std::make_unique<Reader>(std::move(userfaultfd), std::move(wake));
}

Reader::Reader(std::shared_ptr<Userfaultfd> userfaultfd, Descriptor wake)
    : userfaultfd_(std::move(userfaultfd)), wake_(std::move(wake)) {
  std::lock_guard lock(userfaultfd_->readers_mutex_);
  userfaultfd_->readers_.push_back(this);
}

Reader::~Reader() {
  std::lock_guard lock(userfaultfd_->readers_mutex_);
  std::erase(userfaultfd_->readers_, this);
}

int Reader::Read(double* into, size_t capacity, double timeout_ms) {
  const auto deadline = Clock::now() + std::chrono::duration<double, std::milli>(std::min(timeout_ms, kLongest));
  for (;;) {
    if (TakeInterrupt() || userfaultfd_->closed()) return kInterrupted;
    // Reading before waiting saves a system call whenever there is a backlog.
    const int count = ReadReady(into, capacity);
    if (count != -EAGAIN) return count;
    if (timeout_ms == 0) return 0;
    const double left = std::chrono::duration<double, std::milli>(deadline - Clock::now()).count();
    // A fault resolved by somebody else takes its message with it: readable now may be empty at the read.
    const int ready = timeout_ms > 0 && left <= 0 ? 0 : Wait(timeout_ms < 0 ? timeout_ms : left);
    if (ready <= 0) return ready;
  }
}

int Reader::Wait(double timeout_ms) {
  const bool forever = timeout_ms < 0;
  const auto deadline = Clock::now() + std::chrono::duration<double, std::milli>(std::min(timeout_ms, kLongest));
  for (;;) {
    if (TakeInterrupt() || userfaultfd_->closed()) return kInterrupted;
    const double left = std::chrono::duration<double, std::milli>(deadline - Clock::now()).count();
    if (!forever && left <= 0) return 0;
    const timespec timeout = ToTimespec(std::max(left, 0.0));
    std::array<pollfd, 2> descriptors{{{userfaultfd_->fd(), POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
    const int ready = inject::Through(inject::Call::kPoll, [&] {
      return ppoll(descriptors.data(), descriptors.size(), forever ? nullptr : &timeout, nullptr);
    });
    if (ready < 0 && errno != EINTR) return -errno;
    if (ready > 0 && descriptors[1].revents == 0) return 1;
  }
}

int Reader::ReadReady(double* into, size_t capacity) {
  std::array<uffd_msg, kBatch> messages;
  const ssize_t got = inject::Through(inject::Call::kRead, [&] {
    return read(userfaultfd_->fd(), messages.data(), std::min(capacity, kBatch) * sizeof(uffd_msg));
  });
  if (got < 0) return userfaultfd_->closed() ? kInterrupted : errno == EINTR ? -EAGAIN : -errno;
  const size_t count = static_cast<size_t>(got) / sizeof(uffd_msg);
  for (size_t i = 0; i < count; i++) Decode(messages[i], into + i * kFields);
  return count == 0 ? -EAGAIN : static_cast<int>(count);
}

// Written first and drained last: the flag may stand without the counter, which the next Read sees, but the counter
// never for long without the flag, which would make ppoll return for nothing.

void Reader::Interrupt() {
  const uint64_t one = 1;
  // Fails only when the counter is full, and then it is readable anyway.
  [[maybe_unused]] const ssize_t written = write(wake_.get(), &one, sizeof one);
  interrupted_ = true;
}

bool Reader::TakeInterrupt() {
  if (!interrupted_.load(std::memory_order_acquire) || !interrupted_.exchange(false)) return false;
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t drained = read(wake_.get(), &count, sizeof count);
  return true;
}

}  // namespace continuum
