// One call from JavaScript: the heap it names, and its arguments, each checked.
#pragma once

#include <napi.h>

#include <limits>
#include <memory>
#include <string>

#include "environment.h"
#include "kernels/kernel_heap.h"
#include "kernels/sessions.h"

namespace continuum {

// The arguments of one call. The first that is wrong throws, and everything after answers harmlessly.
class Call {
 public:
  explicit Call(const Napi::CallbackInfo& info) : info_(info) {
    uint64_t id = Number(std::numeric_limits<int64_t>::max());
    if (failed_) return;
    static_cast<Environment*>(info.Data())->SweepIfDue();
    session_ = FindSession(id);
    if (session_ == nullptr) {
      Fail("no such heap, or it is closed");
      return;
    }
    if (session_->heap->closed.load(std::memory_order_acquire)) Fail("the heap is closed");
  }

  bool ok() const { return !failed_; }
  HeapCore& core() const { return session_->heap->core; }
  KernelHeap& heap() const { return *session_->heap; }
  Marking& marking() const { return session_->heap->marking; }
  Marker& marker() const { return session_->marker; }
  uint32_t& lane() const { return session_->lane; }

  // A whole number in [0, limit).
  uint64_t Number(uint64_t limit) {
    if (failed_) return 0;
    Napi::Value value = info_[next_++];
    if (!value.IsNumber()) return Fail("a number is missing"), 0;
    double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= 0) || number >= static_cast<double>(limit) ||
        number != static_cast<double>(static_cast<uint64_t>(number))) {
      return Fail("a number is out of range: " + std::to_string(number)), 0;
    }
    return static_cast<uint64_t>(number);
  }
  uint32_t Page() { return static_cast<uint32_t>(Number(failed_ ? 1 : core().pages)); }
  uint32_t Region() { return static_cast<uint32_t>(Number(failed_ ? 1 : core().regions)); }
  uint32_t Granule() { return static_cast<uint32_t>(Number(failed_ ? 1 : core().granules + 1)); }
  uint32_t Word() { return static_cast<uint32_t>(Number(uint64_t{1} << 32)); }

  // The first `count` words of an Int32Array, count being the argument behind it.
  uint32_t* Words(uint32_t* count) {
    if (failed_) return nullptr;
    Napi::Value value = info_[next_++];
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
      return Fail("an Int32Array is missing"), nullptr;
    }
    auto array = value.As<Napi::Int32Array>();
    *count = static_cast<uint32_t>(Number(array.ElementLength() + 1));
    return failed_ ? nullptr : reinterpret_cast<uint32_t*>(array.Data());
  }

  // A string of 1 MiB at most.
  std::string Text() {
    if (failed_) return {};
    Napi::Value value = info_[next_++];
    size_t length = 0;
    if (!value.IsString() || napi_get_value_string_utf8(info_.Env(), value, nullptr, 0, &length) != napi_ok ||
        length > (size_t{1} << 20)) {
      return Fail("a string is missing"), std::string();
    }
    return value.As<Napi::String>().Utf8Value();
  }

  // Where the words of an Int32Array over a SharedArrayBuffer stand, and how many; nobody can take those away.
  const void* Control(size_t* count) {
    if (failed_) return nullptr;
    Napi::Value value = info_[next_++];
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_int32_array) {
      return Fail("an Int32Array is missing"), nullptr;
    }
    auto array = value.As<Napi::Int32Array>();
    if (array.ElementLength() == 0 || value.As<Napi::TypedArray>().ArrayBuffer().IsArrayBuffer()) {
      return Fail("the control words must be shared memory"), nullptr;
    }
    *count = array.ElementLength();
    return array.Data();
  }

  // Every reference that shade and forward follow must lie in the heap. Returns one that does not; 0 if all do.
  uint32_t CheckReferences(const uint32_t* words, uint32_t count) {
    if (failed_) return 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t word = __atomic_load_n(&words[i], __ATOMIC_RELAXED);
      if (word < core().granules) continue;
      Fail("a reference points outside the heap: " + std::to_string(word));
      return word;
    }
    return 0;
  }

  void Fail(const std::string& why) {
    if (failed_) return;
    failed_ = true;
    Napi::RangeError::New(info_.Env(), "kernels: " + why).ThrowAsJavaScriptException();
  }
  Napi::Value Return(double value) { return Napi::Number::New(info_.Env(), value); }
  Napi::Value Return(bool value) { return Napi::Boolean::New(info_.Env(), value); }
  Napi::Value Nothing() { return info_.Env().Undefined(); }

 private:
  const Napi::CallbackInfo& info_;
  size_t next_ = 0;
  bool failed_ = false;
  KernelSession* session_ = nullptr;
};

}  // namespace continuum
