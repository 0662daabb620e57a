// One thread's way of reading a userfaultfd's messages, and of being woken while it waits for them.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "descriptor.h"
#include "userfaultfd/userfaultfd.h"

namespace continuum {

class Reader {
 public:
  static constexpr size_t kFields = 4;  // numbers a message
  static constexpr int kInterrupted = -1;

  // Null, and the errno in *error, when there is no eventfd to be had.
  static std::unique_ptr<Reader> Create(std::shared_ptr<Userfaultfd> userfaultfd, int* error);
  Reader(std::shared_ptr<Userfaultfd> userfaultfd, Descriptor wake);
  ~Reader();

  Userfaultfd& userfaultfd() const { return *userfaultfd_; }

  // Writes up to `capacity` messages of kFields numbers, waiting for the first for as long as `timeout_ms` (negative:
  // for ever). The messages read; 0 on timeout; kInterrupted; or -errno where errno is not 1.
  int Read(double* into, size_t capacity, double timeout_ms);

  // Waits for a message without taking one: 1 when there is one, 0 on timeout, kInterrupted, or -errno.
  int Wait(double timeout_ms);

  // An interrupt between two reads is not lost: the next one returns at once.
  void Interrupt();

 private:
  bool TakeInterrupt();
  int ReadReady(double* into, size_t capacity);  // -EAGAIN when there is nothing

  const std::shared_ptr<Userfaultfd> userfaultfd_;
  const Descriptor wake_;  // an eventfd, readable while interrupted_
  std::atomic<bool> interrupted_{false};
};

}  // namespace continuum
