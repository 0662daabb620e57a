#include "memory/array_buffer.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <v8.h>
#pragma GCC diagnostic pop

#include <utility>

namespace continuum {

namespace {

// V8 may call this on any thread, and after the environment is gone.
void Release(void*, size_t, void* owner) { delete static_cast<std::shared_ptr<Range>*>(owner); }

}  // namespace

napi_value NewArrayBuffer(std::shared_ptr<Range> range) {
  uint8_t* const address = range->address();
  const uint64_t bytes = range->bytes();
  if (bytes > v8::TypedArray::kMaxLength * sizeof(double)) return nullptr;
  auto* const owner = new std::shared_ptr<Range>(std::move(range));
  auto store = v8::ArrayBuffer::NewBackingStore(address, bytes, Release, owner);
  const v8::Local<v8::Value> buffer = v8::ArrayBuffer::New(v8::Isolate::GetCurrent(), std::move(store));
  static_assert(sizeof(buffer) == sizeof(napi_value));
  return reinterpret_cast<napi_value>(*buffer);  // as Node's own JsValueFromV8LocalValue
}

}  // namespace continuum
