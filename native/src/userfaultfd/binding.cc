// Userfaultfd for JavaScript: every function takes an id first, and returns a result >= 0 or -errno. -ERANGE is ours:
// a range that is not inside its mapping.
#include "userfaultfd/binding.h"

#include <cerrno>
#include <memory>
#include <utility>

#include "arguments.h"
#include "registry.h"
#include "userfaultfd/reader.h"
#include "userfaultfd/sigbus_check.h"
#include "userfaultfd/userfaultfd.h"

namespace continuum {

namespace {

using Way = Userfaultfd::Way;

Userfaultfd* Find(const Arguments& arguments) {
  return arguments.environment().userfaultfds.Find(arguments.Integer(0));
}

// Where a mapping, an offset and, somewhere, a length say; the error otherwise.
struct Place {
  const uint8_t* address = nullptr;
  int error = 0;
};

Place Locate(const Arguments& arguments, size_t mapping_at, uint64_t length) {
  const Mapping* mapping = arguments.environment().mappings.Find(arguments.Integer(mapping_at));
  if (!mapping) return {nullptr, -EBADF};
  const uint64_t offset = arguments.Integer(mapping_at + 1), bytes = mapping->bytes();
  if (offset > bytes || length > bytes - offset) return {nullptr, -ERANGE};
  return {mapping->address() + offset, 0};
}

// This environment's reader of `id`, made at the first open or attach so that no interrupt is missed later.
Reader* FindReader(const Arguments& arguments, uint64_t id, int* error) {
  auto& readers = arguments.environment().readers;
  const auto found = readers.find(id);
  if (found != readers.end()) return found->second.get();
  auto userfaultfd = Registry<Userfaultfd>::Instance().Find(id);
  *error = EBADF;
  if (!userfaultfd) return nullptr;
  std::erase_if(readers, [](const auto& reader) { return reader.second->userfaultfd().closed(); });
  auto reader = Reader::Create(std::move(userfaultfd), error);
  return reader ? readers.emplace(id, std::move(reader)).first->second.get() : nullptr;
}

// (way, features)
double Open(const Arguments& arguments) {
  const uint64_t way = arguments.Integer(0), features = arguments.Integer(1);
  if (way > static_cast<uint64_t>(Way::kUserMode) || features == Arguments::kNone) return -EINVAL;
  const auto opened = Userfaultfd::Open(static_cast<Way>(way), features);
  if (!opened.object) return -opened.error;
  const uint64_t id = Registry<Userfaultfd>::Instance().Add(opened.object);
  if (id == 0) return -EAGAIN;
  int error = 0;
  if (FindReader(arguments, id, &error)) return static_cast<double>(id);
  Registry<Userfaultfd>::Instance().Remove(id);
  return -error;
}

double Attach(const Arguments& arguments) {
  int error = 0;
  const Reader* reader = FindReader(arguments, arguments.Integer(0), &error);
  if (!reader) return -error;
  return reader->userfaultfd().closed() ? -EBADF : 0;  // by another thread, since this one attached
}

// (way, Float64Array: features, ioctls)
double Offered(const Arguments& arguments) {
  const uint64_t way = arguments.Integer(0);
  const auto into = arguments.Doubles(1);
  if (way > static_cast<uint64_t>(Way::kUserMode) || !into || into->size() < 2) return -EINVAL;
  Userfaultfd::Offer offer{};
  const int failed = Userfaultfd::Offered(static_cast<Way>(way), &offer);
  (*into)[0] = static_cast<double>(offer.features & ((uint64_t{1} << 53) - 1));
  (*into)[1] = static_cast<double>(offer.ioctls & ((uint64_t{1} << 53) - 1));
  return failed;
}

double OpenedBy(const Arguments& arguments) {
  const Userfaultfd* userfaultfd = Find(arguments);
  return userfaultfd ? static_cast<double>(userfaultfd->way()) : -EBADF;
}

double Features(const Arguments& arguments) {
  const Userfaultfd* userfaultfd = Find(arguments);
  return userfaultfd ? static_cast<double>(userfaultfd->features()) : -EBADF;
}

// (userfaultfd, mapping, offset, length)
template <int (Userfaultfd::*Operation)(Span)>
double OnSpan(const Arguments& arguments) {
  Userfaultfd* userfaultfd = Find(arguments);
  const uint64_t length = arguments.Integer(3);
  const Place place = Locate(arguments, 1, length);
  if (!userfaultfd) return -EBADF;
  if (place.error != 0) return place.error;
  return (userfaultfd->*Operation)({place.address, length});
}

// (userfaultfd, mapping, offset, length, mode)
template <auto Operation>
double OnSpanByMode(const Arguments& arguments) {
  Userfaultfd* userfaultfd = Find(arguments);
  const uint64_t length = arguments.Integer(3), mode = arguments.Integer(4);
  const Place place = Locate(arguments, 1, length);
  if (!userfaultfd) return -EBADF;
  if (place.error != 0) return place.error;
  return static_cast<double>((userfaultfd->*Operation)({place.address, length}, mode));
}

// (userfaultfd, to, toOffset, from, fromOffset, length, mode)
template <int64_t (Userfaultfd::*Operation)(Span, const void*, uint64_t)>
double BetweenSpans(const Arguments& arguments) {
  Userfaultfd* userfaultfd = Find(arguments);
  const uint64_t length = arguments.Integer(5);
  const Place to = Locate(arguments, 1, length), from = Locate(arguments, 3, length);
  if (!userfaultfd) return -EBADF;
  if (to.error != 0 || from.error != 0) return to.error != 0 ? to.error : from.error;
  return static_cast<double>((userfaultfd->*Operation)({to.address, length}, from.address, arguments.Integer(6)));
}

// (userfaultfd, Float64Array, timeoutMs)
double Read(const Arguments& arguments) {
  const auto into = arguments.Doubles(1);
  const double timeout = arguments.Number(2);
  if (!into || into->size() < Reader::kFields || std::isnan(timeout)) return -EINVAL;
  int error = 0;
  Reader* reader = FindReader(arguments, arguments.Integer(0), &error);
  if (!reader) return Reader::kInterrupted;  // closed
  return reader->Read(into->data(), into->size() / Reader::kFields, timeout);
}

double Wait(const Arguments& arguments) {
  const double timeout = arguments.Number(1);
  if (std::isnan(timeout)) return -EINVAL;
  int error = 0;
  Reader* reader = FindReader(arguments, arguments.Integer(0), &error);
  return reader ? reader->Wait(timeout) : Reader::kInterrupted;
}

double Interrupt(const Arguments& arguments) {
  Userfaultfd* userfaultfd = Find(arguments);
  if (!userfaultfd) return -EBADF;
  userfaultfd->Interrupt();
  return 0;
}

double Close(const Arguments& arguments) {
  const uint64_t id = arguments.Integer(0);
  const auto userfaultfd = Registry<Userfaultfd>::Instance().Remove(id);
  if (userfaultfd) userfaultfd->Close();
  arguments.environment().readers.erase(id);
  arguments.environment().userfaultfds.Drop(id);
  return userfaultfd ? 0 : -EBADF;
}

double CloseAll(const Arguments&) {
  CloseEveryUserfaultfd();
  return 0;
}

double CheckSigbus(const Arguments& arguments) {
  const uint64_t way = arguments.Integer(0);
  return way > static_cast<uint64_t>(Way::kUserMode) ? -EINVAL : SigbusCheck(static_cast<Way>(way));
}

}  // namespace

void InitUserfaultfd(Napi::Env env, Napi::Object exports) {
  Export<Open>(env, exports, "userfaultfdOpen");
  Export<Attach>(env, exports, "userfaultfdAttach");
  Export<Offered>(env, exports, "userfaultfdOffered");
  Export<OpenedBy>(env, exports, "userfaultfdWay");
  Export<Features>(env, exports, "userfaultfdFeatures");
  Export<OnSpanByMode<&Userfaultfd::Register>>(env, exports, "userfaultfdRegister");
  Export<OnSpan<&Userfaultfd::Unregister>>(env, exports, "userfaultfdUnregister");
  Export<OnSpan<&Userfaultfd::Wake>>(env, exports, "userfaultfdWake");
  Export<OnSpanByMode<&Userfaultfd::Continue>>(env, exports, "userfaultfdContinue");
  Export<OnSpanByMode<&Userfaultfd::ZeroPage>>(env, exports, "userfaultfdZeropage");
  Export<OnSpanByMode<&Userfaultfd::Poison>>(env, exports, "userfaultfdPoison");
  Export<OnSpanByMode<&Userfaultfd::WriteProtect>>(env, exports, "userfaultfdWriteProtect");
  Export<BetweenSpans<&Userfaultfd::Copy>>(env, exports, "userfaultfdCopy");
  Export<BetweenSpans<&Userfaultfd::Move>>(env, exports, "userfaultfdMove");
  Export<Read>(env, exports, "userfaultfdRead");
  Export<Wait>(env, exports, "userfaultfdWait");
  Export<Interrupt>(env, exports, "userfaultfdInterrupt");
  Export<Close>(env, exports, "userfaultfdClose");
  Export<CloseAll>(env, exports, "userfaultfdCloseAll");
  Export<CheckSigbus>(env, exports, "userfaultfdCheckSigbus");
}

}  // namespace continuum
