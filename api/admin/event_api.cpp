#include "api/admin/event_api.hpp"

#include <set>

#include "api/admin/convert.hpp"
#include "api/admin/session_watch.hpp"

namespace bellhop::admin {
namespace {

using runtime::Task;

// One WatchEvents while it runs.
class EventWatch final : public EventListener {
 public:
  EventWatch(EventHub& hub, std::set<int> types, Outlet<v1::WatchEventsResponse>& outlet)
      : hub_(hub), types_(std::move(types)), outlet_(outlet) {
    hub_.add(*this);
  }
  ~EventWatch() override { hub_.remove(*this); }
  EventWatch(const EventWatch&) = delete;
  EventWatch& operator=(const EventWatch&) = delete;

  [[nodiscard]] bool wants(const v1::Event& event) const {
    return types_.empty() || types_.contains(event.type());
  }
  void on_event(const v1::Event& event) override {
    if (!wants(event)) return;
    v1::WatchEventsResponse message;
    *message.mutable_changed() = event;
    send(std::move(message));
  }
  void send(v1::WatchEventsResponse message) {
    last_sent_ = base::Clock::now();
    outlet_.push(std::move(message));
  }
  [[nodiscard]] base::TimePoint last_sent() const { return last_sent_; }

 private:
  EventHub& hub_;
  std::set<int> types_;
  Outlet<v1::WatchEventsResponse>& outlet_;
  base::TimePoint last_sent_{};
};

v1::Event event_of(v1::EventType type, std::string summary) {
  v1::Event event;
  event.set_type(type);
  event.set_summary(std::move(summary));
  return event;
}

}  // namespace

EventApi::EventApi(Core& core, NodeApi& node) : core_(core), node_(node) {
  core_.observer.add(*this);
}

EventApi::~EventApi() {
  core_.observer.remove(*this);
}

void EventApi::on_started(const observe::SessionRow& row) {
  publish(row, "a session began");
}

void EventApi::on_ended(const observe::SessionRow& row) {
  publish(row, "a session ended");
}

void EventApi::publish(const observe::SessionRow& row, const char* summary) {
  if (!core_.events.is_watched()) return;
  v1::Event event = event_of(v1::EVENT_TYPE_SESSION, summary);
  *event.mutable_session() = to_proto(row, Core::now());
  core_.events.publish(std::move(event));
}

void EventApi::publish(const api::UpstreamStatus& upstream) {
  const bool is_attached = upstream.status.state == xmpp::Stream::Status::State::attached;
  v1::Event event = event_of(v1::EVENT_TYPE_UPSTREAM,
                             upstream.jid + (is_attached ? " is attached" : " is not attached"));
  *event.mutable_upstream() = to_proto(upstream);
  core_.events.publish(std::move(event));
}

Task<std::vector<v1::Event>> EventApi::state(const std::set<int>& types) {
  const auto wants = [&types](v1::EventType type) { return types.empty() || types.contains(type); };
  std::vector<v1::Event> events;
  if (wants(v1::EVENT_TYPE_NODE)) {
    v1::Event event = event_of(v1::EVENT_TYPE_NODE, "the process");
    *event.mutable_node() = co_await node_.node();
    events.push_back(std::move(event));
  }
  if (wants(v1::EVENT_TYPE_UPSTREAM)) {
    auto ask = [&control = core_.parts.control] { return control.upstreams(); };
    for (const auto& upstream : co_await core_.on_control(ask)) {
      v1::Event event = event_of(v1::EVENT_TYPE_UPSTREAM, upstream.jid);
      *event.mutable_upstream() = to_proto(upstream);
      events.push_back(std::move(event));
    }
  }
  if (!wants(v1::EVENT_TYPE_POLICY)) co_return events;
  for (const auto& rule : core_.policy->access_rules()) {
    *events.emplace_back(event_of(v1::EVENT_TYPE_POLICY, "an access rule")).mutable_access_rule() =
        to_proto(rule);
  }
  for (const auto* quota : core_.policy->quotas()) {
    *events.emplace_back(event_of(v1::EVENT_TYPE_POLICY, "a quota")).mutable_quota() =
        to_proto(*quota);
  }
  for (const auto* limit : core_.policy->rates()) {
    *events.emplace_back(event_of(v1::EVENT_TYPE_POLICY, "a rate limit")).mutable_rate_limit() =
        to_proto(*limit);
  }
  co_return events;
}

Task<ApiResult<void>> EventApi::watch(Caller, v1::WatchEventsRequest request,
                                      Outlet<v1::WatchEventsResponse>& outlet) {
  std::set<int> types;
  for (const int type : request.types()) {
    if (!v1::EventType_IsValid(type) || type == v1::EVENT_TYPE_UNSPECIFIED) {
      co_return bad("types", "names an event type that there is not");
    }
    types.insert(type);
  }
  co_await core_.refresh();
  // Listens first: what changes while the snapshot is gathered and sent is told as a change.
  EventWatch watch(core_.events, types, outlet);
  std::vector<v1::Event> snapshot = co_await state(types);
  const auto send_snapshot = [&](v1::Event event) {
    event.set_revision(core_.events.revision());
    v1::WatchEventsResponse message;
    *message.mutable_snapshot() = std::move(event);
    watch.send(std::move(message));
  };
  for (v1::Event& event : snapshot) {
    const bool is_read = co_await outlet.wait_for_room();
    if (!is_read) co_return ApiResult<void>();
    send_snapshot(std::move(event));
  }
  // By cursor, so that a session that has ended meanwhile is not shown as running afterwards.
  const auto& rows = core_.observer.sessions();
  const bool wants_sessions = types.empty() || types.contains(v1::EVENT_TYPE_SESSION);
  auto row = wants_sessions ? rows.begin() : rows.end();
  while (row != rows.end()) {
    const base::Ulid id = row->first;
    const bool is_read = co_await outlet.wait_for_room();
    if (!is_read) co_return ApiResult<void>();
    if (const observe::SessionRow* session = core_.observer.find(id)) {
      v1::Event event = event_of(v1::EVENT_TYPE_SESSION, "a running session");
      *event.mutable_session() = to_proto(*session, Core::now());
      send_snapshot(std::move(event));
    }
    row = rows.upper_bound(id);
  }
  v1::WatchEventsResponse mark;
  *mark.mutable_snapshot_complete()->mutable_time() = to_proto(std::chrono::system_clock::now());
  watch.send(std::move(mark));
  bool is_read = true;
  while (is_read) {
    is_read = co_await outlet.wait_for_beat(std::chrono::seconds(1));
    v1::WatchEventsResponse message;
    if (const std::uint64_t lost = outlet.take_lost(); lost > 0) {
      core_.watch_messages_lost += lost;
      message.mutable_lost()->set_count(lost);
      watch.send(std::move(message));
    } else if (base::Clock::now() - watch.last_sent() >= kHeartbeat) {
      *message.mutable_heartbeat()->mutable_time() = to_proto(std::chrono::system_clock::now());
      watch.send(std::move(message));
    }
  }
  co_return ApiResult<void>();
}

}  // namespace bellhop::admin
