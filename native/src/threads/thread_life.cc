#include "threads/thread_life.h"

#include <cerrno>

namespace continuum {

// What a thread has of its own life. A thread that ends without destructors never lets go of its reference, so the
// lock's memory, which the kernel walks to, is there for as long as the thread is.
struct ThreadLife::Holder {
  Holder() : life(std::make_shared<ThreadLife>()) { pthread_mutex_lock(&life->lock_); }
  ~Holder() { pthread_mutex_unlock(&life->lock_); }
  std::shared_ptr<ThreadLife> life;
};

ThreadLife::ThreadLife() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&lock_, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

ThreadLife::~ThreadLife() { pthread_mutex_destroy(&lock_); }

std::shared_ptr<ThreadLife> ThreadLife::Own() {
  static thread_local Holder own;
  return own.life;
}

bool ThreadLife::HasEnded() {
  if (ended_.load(std::memory_order_acquire)) return true;
  const int tried = pthread_mutex_trylock(&lock_);
  if (tried == EBUSY) return false;
  // Given back (0), or its owner is dead (EOWNERDEAD) and the lock is ours: it must not stay in our list of locks.
  if (tried == EOWNERDEAD) pthread_mutex_consistent(&lock_);
  ended_.store(true, std::memory_order_release);
  if (tried == 0 || tried == EOWNERDEAD) pthread_mutex_unlock(&lock_);
  return true;
}

}  // namespace continuum
