#include "api/admin/session_watch.hpp"

#include "api/admin/convert.hpp"
#include "api/admin/session_api.hpp"

namespace bellhop::admin {

using observe::SessionRow;
using runtime::Task;

SessionWatch::SessionWatch(Core& core, Filter filter, Outlet<v1::WatchSessionsResponse>& outlet)
    : core_(core), filter_(std::move(filter)), outlet_(outlet) {
  core_.observer.add(*this);
}

SessionWatch::~SessionWatch() {
  core_.observer.remove(*this);
}

Task<> SessionWatch::run(base::Duration interval) {
  bool is_read = co_await send_snapshot();
  while (is_read) {
    is_read = co_await outlet_.wait_for_beat(interval);
    send_progress();
    send_marks(base::Clock::now());
  }
}

Task<bool> SessionWatch::send_snapshot() {
  const auto& rows = core_.observer.sessions();
  for (;;) {
    const bool is_read = co_await outlet_.wait_for_room();
    if (!is_read) co_return false;
    auto row = cursor_ ? rows.upper_bound(*cursor_) : rows.begin();
    for (; row != rows.end() && outlet_.room() > 1; ++row) {
      cursor_ = row->first;
      if (!matches(filter_, row->second, Core::now())) continue;
      v1::WatchSessionsResponse message;
      *message.mutable_snapshot() = to_proto(row->second, Core::now());
      send(std::move(message));
    }
    if (row == rows.end()) break;
  }
  is_snapshot_sent_ = true;
  v1::WatchSessionsResponse message;
  *message.mutable_snapshot_complete()->mutable_time() = to_proto(std::chrono::system_clock::now());
  send(std::move(message));
  co_return true;
}

void SessionWatch::send_progress() {
  while (!moved_.empty() && outlet_.room() > 1) {
    const SessionRow* row = core_.observer.find(*moved_.begin());
    moved_.erase(moved_.begin());
    if (row == nullptr || !matches(filter_, *row, Core::now())) continue;
    v1::WatchSessionsResponse message;
    *message.mutable_changed() = to_proto(*row, Core::now());
    send(std::move(message));
  }
}

void SessionWatch::send_marks(base::TimePoint now) {
  v1::WatchSessionsResponse message;
  if (const std::uint64_t lost = outlet_.take_lost(); lost > 0) {
    core_.watch_messages_lost += lost;
    message.mutable_lost()->set_count(lost);
    send(std::move(message));
  } else if (now - last_sent_ >= kHeartbeat) {
    *message.mutable_heartbeat()->mutable_time() = to_proto(std::chrono::system_clock::now());
    send(std::move(message));
  }
}

// What the snapshot has not come to yet, it will tell.
bool SessionWatch::is_due(const base::Ulid& id) const {
  return is_snapshot_sent_ || (cursor_ && id <= *cursor_);
}

void SessionWatch::on_started(const SessionRow& row) {
  if (!is_due(row.facts.id) || !matches(filter_, row, Core::now())) return;
  v1::WatchSessionsResponse message;
  *message.mutable_changed() = to_proto(row, Core::now());
  send(std::move(message));
}

void SessionWatch::on_moved(const SessionRow& row) {
  if (is_due(row.facts.id)) moved_.insert(row.facts.id);
}

void SessionWatch::on_ended(const SessionRow& row) {
  moved_.erase(row.facts.id);
  on_started(row);
}

void SessionWatch::send(v1::WatchSessionsResponse message) {
  last_sent_ = base::Clock::now();
  outlet_.push(std::move(message));
}

LastState::LastState(observe::Observer& observer, const base::Ulid& id)
    : observer_(observer), id_(id) {
  if (const SessionRow* row = observer.find(id)) note(*row);
  observer_.add(*this);
}

LastState::~LastState() {
  observer_.remove(*this);
}

void LastState::note(const SessionRow& row) {
  if (row.facts.id == id_) session_ = to_proto(row, Core::now());
}

}  // namespace bellhop::admin
