// Handing out zeroed memory in chunks of 64 KiB, as an allocator does, up to the first write on every page: ways that
// put the first write's cost elsewhere are comparable only with it. A sample is a stretch of the arena, a page.
#include <cstring>
#include <memory>
#include <optional>

#include "clock.h"
#include "measures.h"
#include "pages.h"
#include "userfaultfd.h"
#include "userfaultfd/abi.h"

namespace continuum::limits {

namespace {

constexpr uint64_t kChunkPages = 16;
constexpr uint64_t kChunkBytes = kChunkPages * kPageBytes;

// What a chunk is handed out from; `provide` makes it present and zero in the view.
struct Source {
  Descriptor userfaultfd;
  Pages view;
  Pages other;  // the workspace of shared memory, or a chunk of zeros
  bool shared;
};

Source Open(bool shared, uint64_t bytes) {
  Descriptor userfaultfd = OpenUserfaultfd(shared ? UFFD_FEATURE_MISSING_SHMEM | UFFD_FEATURE_MINOR_SHMEM : 0);
  Check(userfaultfd.valid(), "userfaultfd");
  const Descriptor memfd = shared ? MemoryFile(bytes) : Descriptor();
  Source source{std::move(userfaultfd), shared ? Pages::Shared(memfd, bytes) : Pages::Anonymous(bytes),
                shared ? Pages::Shared(memfd, bytes) : Pages::Anonymous(kChunkBytes), shared};
  if (shared) source.other.Fill();  // memory that was used before, as a free region's is
  Register(source.userfaultfd, source.view, UFFDIO_REGISTER_MODE_MISSING | (shared ? UFFDIO_REGISTER_MODE_MINOR : 0));
  return source;
}

bool Provide(const std::string& way, const Source& source, uint64_t offset) {
  const int userfaultfd = source.userfaultfd.get();
  uint8_t* const to = source.view.at() + offset;
  if (way == "zeropage") return ZeroPage(userfaultfd, to, kChunkBytes);
  if (way == "copy") return Copy(userfaultfd, to, source.other.at(), kChunkBytes);
  std::memset(source.other.at() + offset, 0, kChunkBytes);
  return Continue(userfaultfd, to, kChunkBytes);
}

void HandOutStretch(const std::string& way, const Source& source, uint64_t begin) {
  for (uint64_t offset = begin; offset < begin + kStretchPages * kPageBytes; offset += kChunkBytes) {
    Check(Provide(way, source, offset), "handing out a chunk");
    for (uint64_t page = 0; page < kChunkPages; ++page) {
      *static_cast<volatile uint8_t*>(source.view.at() + offset + page * kPageBytes) = 1;
    }
  }
}

}  // namespace

std::vector<std::string> HandOutNames() { return {"handout.continue", "handout.copy", "handout.zeropage"}; }

Figure MeasureHandOut(const std::string& way, const Sizes& sizes) {
  Figure figure{.unit = "ns a page", .run = kChunkPages};
  const uint64_t stretches = (sizes.pages + kStretchPages - 1) / kStretchPages;
  Source source = Open(way == "continue", stretches * kStretchPages * kPageBytes);
  if (sizes.pin != Pin::kFree) PinThread(0, AllowedCores().first);
  for (uint64_t round = 0; round <= sizes.rounds; ++round) {
    source.view.Drop();
    for (uint64_t stretch = 0; stretch < stretches; ++stretch) {
      const double began = NowNs();
      HandOutStretch(way, source, stretch * kStretchPages * kPageBytes);
      const double took = NowNs() - began;
      if (round > 0) figure.samples.push_back(took / static_cast<double>(kStretchPages));
    }
  }
  return figure;
}

}  // namespace continuum::limits
