// What a target was given and what it did, as named columns of 32-bit words, for the TypeScript model to repeat.
//
//     "CTNMDUMP", then for each column: bytes of the name, the name, words, the words. Numbers are 32 bits.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "plain_heap.h"

namespace continuum::fuzz {

class Dump {
 public:
  // Null: nobody wants to know.
  explicit Dump(std::FILE* file) : file_(file) {
    if (file_ != nullptr) fwrite("CTNMDUMP", 1, 8, file_);
  }

  void Add(const char* name, const void* words, uint64_t count) {
    if (file_ == nullptr) return;
    Number(strlen(name));
    fwrite(name, 1, strlen(name), file_);
    Number(count);
    fwrite(words, 4, count, file_);
  }
  void Add(const char* name, const std::vector<uint32_t>& words) { Add(name, words.data(), words.size()); }
  void Add(const char* name, std::initializer_list<uint32_t> words) { Add(name, words.begin(), words.size()); }

  void AddShape(const PlainHeap& heap) {
    Add("shape", {heap.shape.regions, heap.shape.granules_per_region, heap.shape.granules_per_page, kCycle});
  }
  void AddRegions(const PlainHeap& heap) {
    const HeapCore& core = heap.core;
    Add("regionState", core.region_state, core.regions);
    Add("regionTop", core.region_top, core.regions);
    Add("regionBorn", core.region_born, core.regions);
    Add("regionHead", core.region_head, core.regions);
    Add("regionSize", core.region_size, core.regions);
    Add("regionReferences", core.region_refs, core.regions);
  }
  void AddWords(const char* name, const PlainHeap& heap) { Add(name, heap.core.workspace, heap.core.granules * 2); }
  void AddBits(const char* name, const PlainHeap& heap, const uint64_t* bits) {
    Add(name, bits, heap.core.granules / 32);
  }

 private:
  void Number(uint64_t number) {
    const auto word = static_cast<uint32_t>(number);
    fwrite(&word, 4, 1, file_);
  }
  std::FILE* const file_;
};

}  // namespace continuum::fuzz
