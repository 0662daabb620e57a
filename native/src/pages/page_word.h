// The word that says what has become of a page: the same encoding as heap/page-state.ts, which says what it means;
// loading the addon compares the two.
//
// Every change is a sequentially consistent compare-and-swap or exchange, from TypeScript and from here alike.
#pragma once

#include <atomic>
#include <cstdint>

namespace continuum::page_word {

enum State : uint32_t { kRaw = 0, kClaimed = 1, kReady = 2, kMapped = 3 };

inline constexpr uint32_t kWanted = 4;
inline constexpr unsigned kSlotShift = 3;
inline constexpr uint32_t kMaxSlots = 0xfff;
inline constexpr unsigned kGenerationShift = 15;
// Who holds a page that is CLAIMED stands where a READY page has its slot. A thread in its signal handler always comes
// to the end of it, so that nobody ever has to take a page over from one: they all go by the same number.
inline constexpr uint32_t kSignalOwner = kMaxSlots;

inline State StateOf(uint32_t word, uint32_t generation) {
  return word >> kGenerationShift == generation ? static_cast<State>(word & 3) : kRaw;
}

inline uint32_t SlotOf(uint32_t word) { return word >> kSlotShift & kMaxSlots; }

inline uint32_t Encode(uint32_t generation, State state, uint32_t slot = 0) {
  return generation << kGenerationShift | slot << kSlotShift | state;
}

}  // namespace continuum::page_word
