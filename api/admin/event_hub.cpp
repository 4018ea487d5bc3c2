#include "api/admin/event_hub.hpp"

#include "api/admin/convert.hpp"

namespace bellhop::admin {

void EventHub::publish(v1::Event event) {
  event.set_revision(++revision_);
  *event.mutable_time() = to_proto(std::chrono::system_clock::now());
  for (EventListener* listener : listeners_) listener->on_event(event);
}

}  // namespace bellhop::admin
