// What the bindings need of Node-API and nothing more: functions of numbers that return a number.
//
// JavaScript gets a result >= 0 or -errno and the typed layer makes errors of it, so that nothing is thrown across the
// boundary and a call costs what its arguments cost.
#pragma once

#include <napi.h>

#include <cerrno>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "environment.h"

namespace continuum {

class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    size_t count = kMost;
    void* data = nullptr;
    napi_get_cb_info(env, info, &count, values_, nullptr, &data);  // fills up with undefined
    environment_ = static_cast<Environment*>(data);
    environment_->SweepIfDue();
  }

  napi_env env() const { return env_; }
  napi_value value(size_t i) const { return values_[i]; }
  Environment& environment() const { return *environment_; }

  // NaN for what is not a number.
  double Number(size_t i) const {
    double number = 0;
    return napi_get_value_double(env_, values_[i], &number) == napi_ok ? number
                                                                       : std::numeric_limits<double>::quiet_NaN();
  }

  // An integer from 0 to 2^53; `otherwise` for anything else.
  uint64_t Integer(size_t i, uint64_t otherwise = kNone) const {
    const double number = Number(i);
    if (!(number >= 0 && number <= 0x1p53) || number != std::trunc(number)) return otherwise;
    return static_cast<uint64_t>(number);
  }

  // The numbers of a Float64Array; nothing for anything else.
  std::optional<std::span<double>> Doubles(size_t i) const {
    napi_typedarray_type type;
    size_t length = 0;
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, values_[i], &type, &length, &data, nullptr, nullptr) != napi_ok ||
        type != napi_float64_array) {
      return std::nullopt;
    }
    return std::span(static_cast<double*>(data), length);
  }

  static constexpr uint64_t kNone = ~uint64_t{0};

 private:
  static constexpr size_t kMost = 8;
  napi_env env_;
  napi_value values_[kMost];
  Environment* environment_;
};

template <double (*Body)(const Arguments&)>
napi_value CallNumber(napi_env env, napi_callback_info info) {
  napi_value value = nullptr;
  napi_create_double(env, Body(Arguments(env, info)), &value);
  return value;
}

inline void ExportCallback(Napi::Env env, Napi::Object exports, const char* name, napi_callback callback) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, env.GetInstanceData<Environment>(), &function);
  napi_set_named_property(env, exports, name, function);
}

template <double (*Body)(const Arguments&)>
void Export(Napi::Env env, Napi::Object exports, const char* name) {
  ExportCallback(env, exports, name, &CallNumber<Body>);
}

}  // namespace continuum
