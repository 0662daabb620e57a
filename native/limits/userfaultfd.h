// userfaultfd(2) without a class around it: opened, and a range registered with it.
#pragma once

#include <cstdint>

#include "descriptor.h"
#include "pages.h"

namespace continuum::limits {

// By whichever way is permitted. Invalid, and errno, if none is or the kernel lacks one of `features`.
Descriptor OpenUserfaultfd(uint64_t features);

void Register(const Descriptor& userfaultfd, const Pages& pages, uint64_t modes);

// One publishing ioctl each, repeated over partial progress. False, and errno, when the kernel refuses.
bool Continue(int userfaultfd, uint8_t* to, uint64_t bytes);
bool Copy(int userfaultfd, uint8_t* to, const uint8_t* from, uint64_t bytes);
bool Move(int userfaultfd, uint8_t* to, const uint8_t* from, uint64_t bytes);
bool ZeroPage(int userfaultfd, uint8_t* to, uint64_t bytes);

}  // namespace continuum::limits
