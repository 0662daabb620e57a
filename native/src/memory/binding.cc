// Memfd and Mapping for JavaScript: every function takes an id first, and returns a result >= 0 or -errno.
#include "memory/binding.h"

#include <array>
#include <cerrno>

#include "arguments.h"
#include "memory/array_buffer.h"
#include "memory/mapping.h"
#include "memory/memfd.h"
#include "registry.h"

namespace continuum {

namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 46;

template <typename T>
double Enter(const Result<T>& result) {
  if (!result.object) return -result.error;
  const uint64_t id = Registry<T>::Instance().Add(result.object);
  return id == 0 ? -EAGAIN : static_cast<double>(id);
}

bool Within(uint64_t offset, uint64_t length, uint64_t bytes) { return offset <= bytes && length <= bytes - offset; }

std::shared_ptr<Mapping> FindMapping(const Arguments& arguments, size_t i) {
  return Registry<Mapping>::Instance().Find(arguments.Integer(i));
}

// (bytes, name, hugePages)
double MemfdCreate(const Arguments& arguments) {
  const uint64_t bytes = arguments.Integer(0);
  if (bytes > kMostBytes) return -EINVAL;
  std::array<char, 251> name{};  // memfd_create(2): 249 characters; one more tells that there are more
  size_t length = 0;
  if (napi_get_value_string_utf8(arguments.env(), arguments.value(1), name.data(), name.size(), &length) != napi_ok ||
      length > 249) {
    return -EINVAL;
  }
  return Enter(Memfd::Create(bytes, name.data(), arguments.Integer(2) == 1));
}

double MemfdBytes(const Arguments& arguments) {
  const Memfd* memfd = arguments.environment().memfds.Find(arguments.Integer(0));
  return memfd ? static_cast<double>(memfd->bytes()) : -EBADF;
}

double MemfdPageSize(const Arguments& arguments) {
  const Memfd* memfd = arguments.environment().memfds.Find(arguments.Integer(0));
  return memfd ? static_cast<double>(memfd->page_size()) : -EBADF;
}

template <int (Memfd::*Change)(uint64_t, uint64_t)>
double MemfdChange(const Arguments& arguments) {
  Memfd* memfd = arguments.environment().memfds.Find(arguments.Integer(0));
  const uint64_t offset = arguments.Integer(1), length = arguments.Integer(2);
  if (!memfd) return -EBADF;
  return Within(offset, length, memfd->bytes()) ? (memfd->*Change)(offset, length) : -ERANGE;
}

double MemfdResidentBytes(const Arguments& arguments) {
  Memfd* memfd = arguments.environment().memfds.Find(arguments.Integer(0));
  return memfd ? static_cast<double>(memfd->ResidentBytes()) : -EBADF;
}

double MemfdClose(const Arguments& arguments) {
  const uint64_t id = arguments.Integer(0);
  const auto memfd = Registry<Memfd>::Instance().Remove(id);
  arguments.environment().memfds.Drop(id);
  if (!memfd) return -EBADF;
  memfd->Close();
  return 0;
}

// (memfd, traits)
double MappingShared(const Arguments& arguments) {
  Memfd* memfd = arguments.environment().memfds.Find(arguments.Integer(0));
  const uint64_t traits = arguments.Integer(1);
  if (!memfd) return -EBADF;
  return traits > Mapping::kAllTraits ? -EINVAL : Enter(Mapping::Shared(*memfd, static_cast<uint32_t>(traits)));
}

// (bytes, traits)
double MappingAnonymous(const Arguments& arguments) {
  const uint64_t bytes = arguments.Integer(0), traits = arguments.Integer(1);
  if (bytes > kMostBytes || traits > Mapping::kAllTraits) return -EINVAL;
  return Enter(Mapping::Anonymous(bytes, static_cast<uint32_t>(traits)));
}

enum Fact { kAddress, kBytes, kPageSize, kKind };

template <Fact fact>
double MappingFact(const Arguments& arguments) {
  const Mapping* mapping = arguments.environment().mappings.Find(arguments.Integer(0));
  if (!mapping) return -EBADF;
  switch (fact) {
    case kAddress:
      return static_cast<double>(reinterpret_cast<uintptr_t>(mapping->address()));
    case kBytes:
      return static_cast<double>(mapping->bytes());
    case kPageSize:
      return static_cast<double>(mapping->page_size());
    case kKind:
      return static_cast<double>(mapping->kind());
  }
  return -EINVAL;
}

// (mapping, offset, length, advice or access by its place in the C++ enumeration)
template <typename Choice, int (Mapping::*Change)(uint64_t, uint64_t, Choice), Choice last>
double MappingChange(const Arguments& arguments) {
  const auto mapping = FindMapping(arguments, 0);
  const uint64_t offset = arguments.Integer(1), length = arguments.Integer(2), choice = arguments.Integer(3);
  if (!mapping) return -EBADF;
  if (choice > static_cast<uint64_t>(last)) return -EINVAL;
  if (!Within(offset, length, mapping->bytes())) return -ERANGE;
  return ((*mapping).*Change)(offset, length, static_cast<Choice>(choice));
}

double MappingMoveTo(const Arguments& arguments) {
  const auto from = FindMapping(arguments, 0), to = FindMapping(arguments, 1);
  return from && to ? from->MoveTo(*to) : -EBADF;
}

double MappingRenew(const Arguments& arguments) {
  const auto mapping = FindMapping(arguments, 0);
  return mapping ? mapping->Renew() : -EBADF;
}

double MappingClose(const Arguments& arguments) {
  const uint64_t id = arguments.Integer(0);
  const auto mapping = Registry<Mapping>::Instance().Remove(id);
  arguments.environment().mappings.Drop(id);
  return mapping ? mapping->Close() : -EBADF;
}

// The ArrayBuffer, or undefined.
napi_value MappingBuffer(napi_env env, napi_callback_info info) {
  const auto mapping = FindMapping(Arguments(env, info), 0);
  return mapping ? NewArrayBuffer(env, mapping->range()) : nullptr;
}

}  // namespace

void InitMemory(Napi::Env env, Napi::Object exports) {
  Export<MemfdCreate>(env, exports, "memfdCreate");
  Export<MemfdBytes>(env, exports, "memfdBytes");
  Export<MemfdPageSize>(env, exports, "memfdPageSize");
  Export<MemfdChange<&Memfd::Punch>>(env, exports, "memfdPunch");
  Export<MemfdChange<&Memfd::Populate>>(env, exports, "memfdPopulate");
  Export<MemfdResidentBytes>(env, exports, "memfdResidentBytes");
  Export<MemfdClose>(env, exports, "memfdClose");

  using Advice = Mapping::Advice;
  using Access = Mapping::Access;
  Export<MappingShared>(env, exports, "mappingShared");
  Export<MappingAnonymous>(env, exports, "mappingAnonymous");
  Export<MappingFact<kAddress>>(env, exports, "mappingAddress");
  Export<MappingFact<kBytes>>(env, exports, "mappingBytes");
  Export<MappingFact<kPageSize>>(env, exports, "mappingPageSize");
  Export<MappingFact<kKind>>(env, exports, "mappingKind");
  Export<MappingChange<Advice, &Mapping::Advise, Advice::kFree>>(env, exports, "mappingAdvise");
  Export<MappingChange<Access, &Mapping::Protect, Access::kReadWrite>>(env, exports, "mappingProtect");
  Export<MappingMoveTo>(env, exports, "mappingMoveTo");
  Export<MappingRenew>(env, exports, "mappingRenew");
  Export<MappingClose>(env, exports, "mappingClose");
  ExportCallback(env, exports, "mappingBuffer", MappingBuffer);
}

}  // namespace continuum
