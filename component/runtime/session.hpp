// What every running session shows of itself, whatever its kind: the one shape that limits, sweeps,
// logs, accounting and the admin side work with.
#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/ulid.hpp"
#include "component/runtime/session_limits.hpp"

namespace bellhop::runtime {

/// Why a session ended; the `reason` of its log line and counter.
enum class EndReason : std::uint8_t {
  none,       ///< still running
  completed,  ///< both sides finished
  reset,      ///< a side vanished or was reset
  idle,       ///< nothing moved for the idle time
  shutdown,   ///< Bellhop stopped
  ended,      ///< an operator ended it
  quota,      ///< its user or domain has used up what it may move
  policy,     ///< its user may not use Bellhop any more
  failed,     ///< the machine refused something (no pipe, no memory)
};

[[nodiscard]] std::string_view to_text(EndReason reason);

/// Bytes of a session since it began, or what was added to them.
struct SessionBytes {
  std::uint64_t first_to_second = 0;  ///< delivered to the second party
  std::uint64_t second_to_first = 0;  ///< delivered to the first party
  std::uint64_t dropped = 0;          ///< taken from one party, not delivered any more

  [[nodiscard]] std::uint64_t delivered() const { return first_to_second + second_to_first; }
  [[nodiscard]] SessionBytes since(const SessionBytes& before) const {
    return {first_to_second - before.first_to_second, second_to_first - before.second_to_first,
            dropped - before.dropped};
  }
  friend bool operator==(const SessionBytes&, const SessionBytes&) = default;
};

/// What does not change while it runs.
struct SessionFacts {
  base::Ulid id;
  std::string_view kind;  ///< a literal
  std::string requester;  ///< full JID; the session counts against its bare JID and its domain
  std::string target;     ///< full JID of the other party; empty: there is none
  std::string first;      ///< address and port of the party that connected first
  std::string second;
  std::chrono::system_clock::time_point started;
};

/// How far a running session is.
struct SessionProgress {
  base::Ulid id;
  SessionBytes bytes;
  std::chrono::system_clock::time_point at;
  std::uint64_t rate_limit = 0;  ///< of this session alone, bytes per second; 0: none
};

/// How it ended.
struct SessionEnding {
  base::Ulid id;
  SessionBytes bytes;
  std::chrono::system_clock::time_point at;
  EndReason reason = EndReason::none;
};

/// What happened on one shard since it was last asked; to be read in this order.
struct SessionBatch {
  std::vector<SessionFacts> started;
  std::vector<SessionProgress> moved;  ///< those that moved bytes or were limited anew
  std::vector<SessionEnding> ended;

  [[nodiscard]] bool is_empty() const { return started.empty() && moved.empty() && ended.empty(); }
};

class SessionList;

/// One running session; lives on one shard and is touched by that shard only.
class Session : public boost::intrusive::set_base_hook<boost::intrusive::optimize_size<true>>,
                public boost::intrusive::list_base_hook<> {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] const base::Ulid& id() const { return id_; }
  /// `socks5`, later `upload`, `turn`, …: a closed set of literals.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Asks it to end soon; harmless when it is ending already. The first reason stays.
  virtual void end(EndReason reason) = 0;
  /// When the last byte or packet moved, or the session began.
  [[nodiscard]] virtual base::TimePoint last_progress() const = 0;
  [[nodiscard]] virtual SessionFacts facts() const = 0;
  [[nodiscard]] virtual SessionBytes bytes() const = 0;
  /// The bare JID it counts against.
  [[nodiscard]] virtual std::string_view requester() const = 0;
  /// The parent domain of the component that let it in; part of whether it may go on.
  [[nodiscard]] virtual std::string_view parent_domain() const = 0;
  [[nodiscard]] virtual const SessionLimits& limits() const = 0;
  /// Other limits from now on, also for what waits for an allowance right now.
  virtual void set_limits(SessionLimits limits) = 0;
  /// What an operator set for this session alone wins over what the policy gives each.
  void limit_alone(std::uint64_t bytes_per_second, base::TimePoint now);
  [[nodiscard]] bool is_limited_alone() const { return is_limited_alone_; }
  /// Adds what was moved since the last call to the counters of its kind.
  virtual void count(const SessionBytes& moved) = 0;

  /// Whoever moves its bytes calls this after each move: one comparison, and once per batch a link.
  void note_progress() {
    if (!is_noted_) note();
  }

 protected:
  explicit Session(const base::Ulid& id) : id_(id) {}
  virtual ~Session();

 private:
  friend class SessionList;
  void note();

  base::Ulid id_;
  SessionBytes counted_;
  SessionList* list_ = nullptr;  // while it is in one
  bool is_noted_ = false;        // in the list's moved_
  bool is_limited_alone_ = false;
};

/// The sessions of one shard, in the order of their ids, which is the order in which they began.
///
/// Bytes are counted from here alone: collect() and finish() give each session's progress to its
/// counters and, if somebody follows, into the batch. So the counters, the sum over the batches and
/// what the sockets carried are one figure. The cost falls on sessions that moved, once per batch.
class SessionList {
 public:
  SessionList() = default;
  ~SessionList();
  SessionList(const SessionList&) = delete;
  SessionList& operator=(const SessionList&) = delete;

  void add(Session& session);
  /// Its last bytes are counted, and it is gone from the list. Once, before it is destroyed; one
  /// that is destroyed without is not counted (its kind never started it).
  void finish(Session& session, EndReason reason);

  [[nodiscard]] std::size_t count() const { return count_; }
  /// Null if none has this id.
  [[nodiscard]] Session* find(const base::Ulid& id);

  /// Ends every session that moved nothing since `now - idle_timeout`. The list is walked whole:
  /// at one walk per eighth of the time-out that is cheaper than a timer per session.
  void end_idle(base::TimePoint now, base::Duration idle_timeout);
  void end_all(EndReason reason);
  /// For each session, which may end within the call.
  void for_each(const std::function<void(Session&)>& visit);

  /// From now on keeps what happens for collect(), and calls `on_news` when the first thing after a
  /// collect() has happened. Whatever runs already is told as started.
  void follow(std::function<void()> on_news);
  /// Counts what was moved and hands out what happened.
  [[nodiscard]] SessionBatch collect();

 private:
  friend class Session;
  struct ById {
    using type = base::Ulid;
    const base::Ulid& operator()(const Session& session) const { return session.id(); }
  };
  using Tree = boost::intrusive::set<Session, boost::intrusive::key_of_value<ById>,
                                     boost::intrusive::constant_time_size<false>>;
  using Moved = boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>>;

  void note(Session& session);
  void leave(Session& session);
  void news();
  // Progress since the last call, counted; what it amounts to so far.
  SessionBytes count_progress(Session& session);

  Tree sessions_;
  Moved moved_;
  SessionBatch batch_;
  std::function<void()> on_news_;  // empty: nobody follows
  bool has_news_ = false;
  std::size_t count_ = 0;
};

}  // namespace bellhop::runtime
