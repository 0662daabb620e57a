// The marking's shared work: chunks of grey references, cut from memory that nobody needs while marking runs.
//
// The destination table (32 bits per 64 granules) is written by plan and read by compaction, so between the two it
// is lent to marking: no stack grows the metadata. When it runs out, marking does not stop: see Marker::Push.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace continuum {

class GreyPool {
 public:
  static constexpr uint32_t kChunkWords = 1024;
  static constexpr uint32_t kCapacity = kChunkWords - 2;

  struct Chunk {
    uint32_t next;   // index + 1 of the next chunk in its list; under the pool's mutex
    uint32_t count;  // owned by whoever holds the chunk
    uint32_t refs[kCapacity];
  };

  // Takes `words` 32-bit words at `memory`, rewinding the pool to empty. Only while no marker runs.
  void Borrow(uint32_t* memory, uint32_t words, uint32_t most_chunks) {
    std::lock_guard<std::mutex> hold(mutex_);
    chunks_ = reinterpret_cast<Chunk*>(memory);
    total_ = words / kChunkWords;
    if (most_chunks != 0 && most_chunks < total_) total_ = most_chunks;
    fresh_ = free_ = full_ = in_use_ = peak_ = 0;
    epoch_.fetch_add(1);
  }

  // The memory is somebody else's again, and with it whatever is grey.
  void GiveBack() { Borrow(nullptr, 0, 0); }

  // Changes with each Borrow: chunks of another epoch are nobody's.
  uint32_t epoch() const { return epoch_.load(); }

  // An empty chunk, or null when the memory is used up.
  Chunk* Acquire() {
    std::lock_guard<std::mutex> hold(mutex_);
    Chunk* chunk = Pop(free_);
    if (chunk == nullptr) {
      if (fresh_ == total_) return nullptr;
      chunk = &chunks_[fresh_++];
    }
    chunk->count = 0;
    if (++in_use_ > peak_) peak_ = in_use_;
    return chunk;
  }

  void Release(Chunk* chunk) {
    std::lock_guard<std::mutex> hold(mutex_);
    Push(free_, chunk);
    --in_use_;
  }

  // Offers a chunk's work to every marker.
  void Publish(Chunk* chunk) {
    std::lock_guard<std::mutex> hold(mutex_);
    Push(full_, chunk);
  }

  // Somebody's published work, or null.
  Chunk* Take() {
    std::lock_guard<std::mutex> hold(mutex_);
    return Pop(full_);
  }

  bool HasWork() {
    std::lock_guard<std::mutex> hold(mutex_);
    return full_ != 0;
  }

  uint32_t PeakChunks() {
    std::lock_guard<std::mutex> hold(mutex_);
    return peak_;
  }

 private:
  void Push(uint32_t& head, Chunk* chunk) {
    chunk->next = head;
    head = static_cast<uint32_t>(chunk - chunks_) + 1;
  }
  Chunk* Pop(uint32_t& head) {
    if (head == 0 || head > total_) return nullptr;  // more: the heap was closed, and its memory is not what it was
    Chunk* chunk = &chunks_[head - 1];
    head = chunk->next;
    return chunk;
  }

  std::atomic<uint32_t> epoch_{0};
  std::mutex mutex_;  // a chunk is ~1000 references: taken about once in 1000 pushes
  Chunk* chunks_ = nullptr;
  uint32_t total_ = 0, fresh_ = 0, free_ = 0, full_ = 0, in_use_ = 0, peak_ = 0;
};

}  // namespace continuum
