// Every change, numbered, for those who watch.
#pragma once

#include <cstdint>
#include <vector>

#include "bellhop/admin/v1/event_service.pb.h"

namespace bellhop::admin {

/// Told of each event; may not add or remove listeners within the call.
class EventListener {
 public:
  virtual ~EventListener() = default;
  virtual void on_event(const v1::Event& event) = 0;
};

/// One thread (the admin thread).
class EventHub {
 public:
  /// Fills in revision and time, and tells all listeners.
  void publish(v1::Event event);
  /// The revision of the last event.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

  /// `listener` must be taken out before it is destroyed.
  void add(EventListener& listener) { listeners_.push_back(&listener); }
  void remove(EventListener& listener) { std::erase(listeners_, &listener); }
  [[nodiscard]] bool is_watched() const { return !listeners_.empty(); }

 private:
  std::vector<EventListener*> listeners_;
  std::uint64_t revision_ = 0;
};

}  // namespace bellhop::admin
