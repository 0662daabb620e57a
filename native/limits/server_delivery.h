// Delivery by server: another thread reads the kernel's messages and publishes the pages.
#pragma once

#include <optional>
#include <thread>

#include "arena.h"

namespace continuum::limits {

// How the server waits for a message.
enum class Waiting {
  kPoll,       // poll(2), then read one: two system calls a fault
  kReadFirst,  // read until there is nothing, then poll: no poll in a backlog, one more read without one
};

class ServerDelivery {
 public:
  // `core`: where the server runs; anywhere without.
  ServerDelivery(Arena& arena, Waiting waiting, std::optional<int> core);
  ~ServerDelivery();
  ServerDelivery(const ServerDelivery&) = delete;
  ServerDelivery& operator=(const ServerDelivery&) = delete;

 private:
  void Serve(Waiting waiting, std::optional<int> core);
  bool ResolveOne();  // false: there is no message

  Arena& arena_;
  const Descriptor stop_;  // an eventfd, readable once the server is to go
  std::thread thread_;
};

}  // namespace continuum::limits
