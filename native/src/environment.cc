#include "environment.h"

#include "kernels/sessions.h"

namespace continuum {

void Environment::Sweep() {
  memfds.Sweep();
  mappings.Sweep();
  userfaultfds.Sweep();
  std::erase_if(readers, [](const auto& reader) { return !Registry<Userfaultfd>::Instance().Find(reader.first); });
  std::erase_if(sessions, [](const auto& session) { return session.second->heap->closed.load(); });
}

}  // namespace continuum
