// The page map for JavaScript: a result >= 0 or -errno. -ERANGE is ours: a range that is not inside its mapping.
#include "pagemap/binding.h"

#include <cerrno>
#include <cmath>

#include "arguments.h"
#include "pagemap/pagemap.h"

namespace continuum {

namespace {

constexpr size_t kMostRanges = 512;  // as many as the kernel collects before it copies them out

// Whether the page map is there and has the call: 0 or -errno.
double Available(const Arguments&) {
  const int fd = Pagemap::Fd();
  if (fd < 0) return fd;
  const auto scanned = Pagemap::Written(nullptr, 0, false, nullptr, 0);
  return scanned.ranges == -ENOTTY ? -ENOTTY : 0;
}

// (mapping, offset, length, protect, Float64Array)
// The array gets the bytes walked and then, for each range, its offset in the mapping and its length; as many ranges
// as it has room for. Answers how many.
double Written(const Arguments& arguments) {
  const Mapping* mapping = arguments.environment().mappings.Find(arguments.Integer(0));
  const uint64_t offset = arguments.Integer(1), length = arguments.Integer(2), protect = arguments.Integer(3);
  const auto out = arguments.Doubles(4);
  if (!mapping) return -EBADF;
  if (offset > mapping->bytes() || length > mapping->bytes() - offset) return -ERANGE;
  if (protect > 1 || !out || out->empty()) return -EINVAL;
  size_t most = (out->size() - 1) / 2;
  if (most > kMostRanges) most = kMostRanges;
  abi::PageRange ranges[kMostRanges];
  const uint8_t* const base = mapping->address();
  const auto scanned = Pagemap::Written(base + offset, length, protect == 1, ranges, most);
  if (scanned.ranges < 0) return static_cast<double>(scanned.ranges);
  (*out)[0] = static_cast<double>(scanned.walked);
  for (int64_t i = 0; i < scanned.ranges; ++i) {
    (*out)[1 + 2 * i] = static_cast<double>(ranges[i].start - reinterpret_cast<uintptr_t>(base));
    (*out)[2 + 2 * i] = static_cast<double>(ranges[i].end - ranges[i].start);
  }
  return static_cast<double>(scanned.ranges);
}

}  // namespace

void InitPagemap(Napi::Env env, Napi::Object exports) {
  Export<Available>(env, exports, "pagemapAvailable");
  Export<Written>(env, exports, "pagemapWritten");
}

}  // namespace continuum
