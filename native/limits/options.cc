#include "options.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace continuum::limits {

const char* const kHelp = R"(limits [options] [beginning of a measure's name ...]

What the kernel's own calls cost from C++, with no runtime around them. A line of JSON a figure:
name, unit, pages a call where that matters, count, p50, p99, min, max; or `skipped` and why.

  --pages N         pages of the memory that is measured (default: 16384)
  --rounds N        timed rounds over it; one more comes before (default: 3)
  --runs N,N,...    pages published by one call (default: 1,16,64,256,512)
  --pin WHERE       faulting thread and server on cores that are `apart` (the default) or `together`, or `free`
  --quick           512 pages, 1 round: shows that everything runs, not what it costs
  --timeout N       seconds after which it gives up (default: 120)
  --pin-threads A,B puts threads A and B, of whatever process, where --pin says, and ends
  --list            the names of what is measured, and ends
  --help            this
)";

namespace {

[[noreturn]] void Usage(const char* what, std::string_view argument) {
  std::fprintf(stderr, "limits: %s '%.*s'; see limits --help\n", what, static_cast<int>(argument.size()),
               argument.data());
  std::exit(2);
}

uint64_t Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0 || number > 1u << 24) {
    Usage("not a number from 1 to 16777216:", text);
  }
  return number;
}

std::vector<uint64_t> Numbers(std::string_view text) {
  std::vector<uint64_t> numbers;
  for (size_t at = 0; at <= text.size();) {
    const size_t comma = std::min(text.find(',', at), text.size());
    numbers.push_back(Number(text.substr(at, comma - at)));
    at = comma + 1;
  }
  return numbers;
}

Pin PinOf(std::string_view text) {
  if (text == "apart") return Pin::kApart;
  if (text == "together") return Pin::kTogether;
  if (text == "free") return Pin::kFree;
  Usage("not one of apart, together and free:", text);
}

}  // namespace

Options ReadOptions(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string_view flag = arguments[i];
    const auto value = [&]() -> std::string_view {
      if (++i == count) Usage("a value is missing behind", flag);
      return arguments[i];
    };
    if (flag == "--help" || flag == "-h") {
      options.help = true;
    } else if (flag == "--list") {
      options.list = true;
    } else if (flag == "--quick") {
      options.sizes.pages = 512;
      options.sizes.rounds = 1;
    } else if (flag == "--pages") {
      options.sizes.pages = Number(value());
    } else if (flag == "--rounds") {
      options.sizes.rounds = Number(value());
    } else if (flag == "--runs") {
      options.sizes.runs = Numbers(value());
    } else if (flag == "--pin") {
      options.sizes.pin = PinOf(value());
    } else if (flag == "--timeout") {
      options.timeout = static_cast<unsigned>(Number(value()));
    } else if (flag == "--pin-threads") {
      const std::string_view text = value();
      const auto threads = Numbers(text);
      if (threads.size() != 2) Usage("not two threads:", text);
      options.pin_threads = {static_cast<pid_t>(threads[0]), static_cast<pid_t>(threads[1])};
    } else if (flag.starts_with("-")) {
      Usage("unknown option", flag);
    } else {
      options.measures.emplace_back(flag);
    }
  }
  return options;
}

}  // namespace continuum::limits
