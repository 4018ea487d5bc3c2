// WatchSessions while it runs.
#pragma once

#include <set>

#include "api/admin/core.hpp"
#include "api/admin/filter.hpp"
#include "api/admin/outlet.hpp"
#include "bellhop/admin/v1/session_service.pb.h"

namespace bellhop::admin {

/// A watch says something at least this often.
inline constexpr std::chrono::seconds kHeartbeat{15};

/// Sends what runs, a mark, then changes. Beginnings and ends are sent as they come and may be lost
/// to a slow reader, who is told; progress is a set of ids that waits for the interval and for
/// room, so it is only late. Lives in the coroutine of the watch; the admin thread.
class SessionWatch final : public observe::SessionListener {
 public:
  SessionWatch(Core& core, Filter filter, Outlet<v1::WatchSessionsResponse>& outlet);
  ~SessionWatch() override;

  /// Until the reader has gone.
  [[nodiscard]] runtime::Task<> run(base::Duration interval);

  void on_started(const observe::SessionRow& row) override;
  void on_moved(const observe::SessionRow& row) override;
  void on_ended(const observe::SessionRow& row) override;

 private:
  [[nodiscard]] runtime::Task<bool> send_snapshot();
  void send_progress();
  void send_marks(base::TimePoint now);
  [[nodiscard]] bool is_due(const base::Ulid& id) const;
  void send(v1::WatchSessionsResponse message);

  Core& core_;
  Filter filter_;
  Outlet<v1::WatchSessionsResponse>& outlet_;
  std::set<base::Ulid> moved_;        // at most the sessions that run
  std::optional<base::Ulid> cursor_;  // of the snapshot; what is behind it will be sent by it
  bool is_snapshot_sent_ = false;
  base::TimePoint last_sent_{};
};

/// The last state of one session, caught when it ends.
class LastState final : public observe::SessionListener {
 public:
  LastState(observe::Observer& observer, const base::Ulid& id);
  ~LastState() override;
  [[nodiscard]] v1::Session take() { return std::move(session_); }

  void on_started(const observe::SessionRow&) override {}
  void on_moved(const observe::SessionRow& row) override { note(row); }
  void on_ended(const observe::SessionRow& row) override { note(row); }

 private:
  void note(const observe::SessionRow& row);

  observe::Observer& observer_;
  base::Ulid id_;
  v1::Session session_;
};

}  // namespace bellhop::admin
