// The targets as libFuzzer calls them (CONTINUUM_FUZZER; the target's name stands in CONTINUUM_FUZZ_TARGET), or one
// input after the other:
//
//     fuzz TARGET INPUT DUMP …
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "targets.h"

namespace continuum::fuzz {
namespace {

using Target = void (*)(Input&, Dump&);
struct NamedTarget {
  const char* name;
  Target run;
};
constexpr NamedTarget kTargets[] = {
    {"cycle", RunCycle}, {"place", RunPlace}, {"rescan", RunRescan}, {"hostile", RunHostile}};

Target Find(const char* name) {
  for (const NamedTarget& target : kTargets) {
    if (name != nullptr && strcmp(target.name, name) == 0) return target.run;
  }
  fprintf(stderr, "fuzz: no target is called %s\n", name == nullptr ? "nothing" : name);
  exit(2);
}

}  // namespace
}  // namespace continuum::fuzz

#ifdef CONTINUUM_FUZZER

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto run = continuum::fuzz::Find(getenv("CONTINUUM_FUZZ_TARGET"));
  continuum::fuzz::Input input(data, size);
  continuum::fuzz::Dump dump(nullptr);
  run(input, dump);
  return 0;
}

#else

int main(int count, char** arguments) {
  const auto run = continuum::fuzz::Find(count > 1 ? arguments[1] : nullptr);
  for (int i = 2; i + 1 < count; i += 2) {
    std::ifstream file(arguments[i], std::ios::binary);
    const std::vector<char> bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::FILE* out = fopen(arguments[i + 1], "wb");
    if (!file || out == nullptr) {
      fprintf(stderr, "fuzz: %s or %s cannot be opened\n", arguments[i], arguments[i + 1]);
      return 2;
    }
    continuum::fuzz::Input input(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
    continuum::fuzz::Dump dump(out);
    run(input, dump);
    if (fclose(out) != 0) return 2;
  }
  return 0;
}

#endif
