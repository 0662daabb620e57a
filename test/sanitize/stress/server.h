// A fault server: reads the userfaultfd's messages and resolves each page by the handler's own code.
#pragma once

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <thread>

#include "fail.h"
#include "heap.h"
#include "pages/resolver.h"
#include "userfaultfd/abi.h"
#include "userfaultfd/reader.h"

namespace continuum::sanitize {

class Server {
 public:
  explicit Server(StressHeap& heap)
      : heap_(heap), resolver_(heap.shared_kernel(), heap.publisher(), heap.views()), thread_([this] { Serve(); }) {}
  ~Server() {
    stop_ = true;
    heap_.userfaultfd()->Interrupt();
    thread_.join();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // No message that was read before this call is still being worked on.
  void Quiesce() const {
    while (serving_.load()) std::this_thread::yield();
  }
  uint64_t faults() const { return faults_.load(); }

 private:
  void Serve() {
    int error = 0;
    const auto reader = Reader::Create(heap_.userfaultfd(), &error);
    if (!reader) Fail("reader: %s", strerror(error));
    std::array<double, 64 * Reader::kFields> messages;
    while (!stop_) {
      serving_ = true;  // before a message is taken: see Quiesce
      const int count = reader->Read(messages.data(), 64, 0);
      for (int i = 0; i < count; ++i) Resolve(&messages[static_cast<size_t>(i) * Reader::kFields]);
      serving_ = false;
      if (count == 0) reader->Wait(20);
      if (count < Reader::kInterrupted) Fail("read: %s", strerror(-count));
    }
  }

  void Resolve(const double* message) {
    uint32_t view = 0, page = 0;
    if (message[0] != UFFD_EVENT_PAGEFAULT) return;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a message says the address as a number
    const auto* address = reinterpret_cast<const void*>(static_cast<uintptr_t>(message[2]));
    if (!resolver_.Locate(address, &view, &page)) Fail("a fault outside the views");
    const Resolver::Answer answer = resolver_.Resolve(view, page, heap_.shape.mutators);
    if (answer.outcome != Resolver::Outcome::kResolved)
      Fail("fault on page %u: outcome %d, error %d", page, static_cast<int>(answer.outcome), answer.error);
    // Where somebody else was first there is EEXIST, and no wake with it.
    heap_.userfaultfd()->Wake({heap_.views()[view]->address() + page * kPageBytes, kPageBytes});
    faults_.fetch_add(1, std::memory_order_relaxed);
  }

  StressHeap& heap_;
  const Resolver resolver_;
  std::atomic<bool> stop_{false}, serving_{false};
  std::atomic<uint64_t> faults_{0};
  std::thread thread_;
};

}  // namespace continuum::sanitize
