#include "component/runtime/session.hpp"

namespace bellhop::runtime {

std::string_view to_text(EndReason reason) {
  switch (reason) {
    case EndReason::none:
      return "none";
    case EndReason::completed:
      return "completed";
    case EndReason::reset:
      return "reset";
    case EndReason::idle:
      return "idle";
    case EndReason::shutdown:
      return "shutdown";
    case EndReason::ended:
      return "ended";
    case EndReason::failed:
      return "failed";
  }
  return "none";
}

void SessionList::end_idle(base::TimePoint now, base::Duration idle_timeout) {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    auto next = std::next(session);  // end() may unlink this one
    if (now - session->last_progress() >= idle_timeout) session->end(EndReason::idle);
    session = next;
  }
}

void SessionList::end_all(EndReason reason) {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    auto next = std::next(session);
    session->end(reason);
    session = next;
  }
}

}  // namespace bellhop::runtime
