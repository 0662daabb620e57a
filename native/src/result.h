// What a constructor that may fail returns: the object, or the errno that says why there is none.
#pragma once

#include <memory>
#include <utility>

namespace continuum {

template <typename T>
struct Result {
  Result(int error) : error(error) {}                               // NOLINT: implicit on purpose
  Result(std::shared_ptr<T> object) : object(std::move(object)) {}  // NOLINT: implicit on purpose

  std::shared_ptr<T> object;
  int error = 0;
};

}  // namespace continuum
