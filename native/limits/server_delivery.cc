#include "server_delivery.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "pin.h"
#include "userfaultfd/abi.h"

namespace continuum::limits {

ServerDelivery::ServerDelivery(Arena& arena, Waiting waiting, std::optional<int> core)
    : arena_(arena), stop_(eventfd(0, EFD_CLOEXEC)) {
  Check(stop_.valid(), "eventfd");
  thread_ = std::thread([this, waiting, core] { Serve(waiting, core); });
}

ServerDelivery::~ServerDelivery() {
  const uint64_t one = 1;
  Check(write(stop_.get(), &one, sizeof one) == sizeof one, "write to an eventfd");
  thread_.join();
}

void ServerDelivery::Serve(Waiting waiting, std::optional<int> core) {
  if (core) PinThread(0, *core);
  pollfd descriptors[] = {{arena_.userfaultfd(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
  for (;;) {
    if (waiting == Waiting::kReadFirst) {
      while (ResolveOne()) {
      }
    }
    Check(poll(descriptors, 2, -1) >= 0 || errno == EINTR, "poll");
    if (descriptors[1].revents != 0) return;
    if (waiting == Waiting::kPoll) ResolveOne();
  }
}

bool ServerDelivery::ResolveOne() {
  uffd_msg message;
  if (read(arena_.userfaultfd(), &message, sizeof message) != sizeof message) {
    Check(errno == EAGAIN, "read from a userfaultfd");
    return false;
  }
  const auto offset = message.arg.pagefault.address - reinterpret_cast<uintptr_t>(arena_.view().at());
  Check(arena_.Publish(offset / kPageBytes, 1), "publishing a page");
  return true;
}

}  // namespace continuum::limits
