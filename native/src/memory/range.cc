#include "memory/range.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "inject/hook.h"

namespace continuum {

using inject::Call;
using inject::Through;

namespace {

constexpr uint64_t kPmd = uint64_t{2} << 20, kPud = uint64_t{1} << 30;
constexpr int kBlank = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

uint64_t AlignmentFor(uint64_t bytes) { return bytes >= kPud ? kPud : bytes >= kPmd ? kPmd : 1; }

}  // namespace

Result<Range> Range::Reserve(uint64_t bytes, uint64_t page_size) {
  const uint64_t alignment = std::max(AlignmentFor(bytes), page_size);
  void* const mapped = Through(Call::kMmap, [&] { return mmap(nullptr, bytes + alignment, PROT_NONE, kBlank, -1, 0); });
  if (mapped == MAP_FAILED) return errno;
  auto* const start = static_cast<uint8_t*>(mapped);
  const uint64_t before = (alignment - reinterpret_cast<uintptr_t>(start) % alignment) % alignment;
  const uint64_t after = alignment - before;
  if (before != 0) munmap(start, before);
  if (after != 0) munmap(start + before + bytes, after);
  return std::make_shared<Range>(start + before, bytes);
}

Range::~Range() {
  if (bytes_ != 0) munmap(address_, bytes_);
}

int Range::MapBlank(int protection) const {
  void* const mapped =
      Through(Call::kMmap, [&] { return mmap(address_, bytes_, protection, kBlank | MAP_FIXED, -1, 0); });
  return mapped == MAP_FAILED ? -errno : 0;
}

}  // namespace continuum
