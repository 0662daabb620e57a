#include "memory/array_buffer.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <v8.h>
#pragma GCC diagnostic pop

#include <utility>

namespace continuum {

namespace {

void Release(napi_env, void* owner, void*) { delete static_cast<std::shared_ptr<Range>*>(owner); }

}  // namespace

napi_value NewArrayBuffer(napi_env env, std::shared_ptr<Range> range) {
  const uint64_t bytes = range->bytes();
  if (bytes > v8::TypedArray::kMaxLength * sizeof(double)) return nullptr;
  v8::Isolate* const isolate = v8::Isolate::GetCurrent();
  auto store = v8::ArrayBuffer::NewBackingStore(range->address(), bytes, v8::BackingStore::EmptyDeleter, nullptr);
  const v8::Local<v8::ArrayBuffer> buffer = v8::ArrayBuffer::New(isolate, std::move(store));
  buffer->SetDetachKey(v8::Symbol::New(isolate));  // that nobody else has
  static_assert(sizeof(buffer) == sizeof(napi_value));
  auto* const value = reinterpret_cast<napi_value>(*buffer);  // as Node's own JsValueFromV8LocalValue
  auto* const owner = new std::shared_ptr<Range>(std::move(range));
  if (napi_add_finalizer(env, value, owner, Release, nullptr, nullptr) == napi_ok) return value;
  delete owner;
  return nullptr;
}

}  // namespace continuum
