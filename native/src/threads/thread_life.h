// Whether a thread has ended, known for certain and whatever it died of.
//
// A thread that asks for its own life takes a lock and holds it for as long as it lives. Who wants to know whether it
// has ended tries the lock. When a thread ends in any way that runs its destructors (it returned, its isolate was
// terminated or ran out of memory, pthread_exit), the destructor of its thread_local gives the lock back; when it ends
// in a way that runs nothing (the bare system call exit), the lock is robust and the kernel gives it back. Neither
// takes a thread's number, which another thread may have by then; both come after the last instruction of JavaScript
// on that thread, and the lock orders them: whoever gets it sees all that the thread has stored.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>

namespace continuum {

class ThreadLife {
 public:
  // The calling thread's. Null only where there is no memory for it.
  static std::shared_ptr<ThreadLife> Own();

  ThreadLife();
  ~ThreadLife();
  ThreadLife(const ThreadLife&) = delete;
  ThreadLife& operator=(const ThreadLife&) = delete;

  // Whether the thread has ended. True for ever once it is. Any thread; two that ask at once may both hear "not yet".
  bool HasEnded();

 private:
  struct Holder;

  pthread_mutex_t lock_;
  std::atomic<bool> ended_{false};  // whoever got the lock first sets it, released; saves the others trying
};

}  // namespace continuum
