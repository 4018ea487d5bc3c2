// What every running session shows of itself, whatever its kind: the one shape that limits, sweeps,
// logs and the admin side work with.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "component/base/clock.hpp"

namespace bellhop::runtime {

/// Why a session ended; the `reason` of its log line and counter.
enum class EndReason : std::uint8_t {
  none,       ///< still running
  completed,  ///< both sides finished
  reset,      ///< a side vanished or was reset
  idle,       ///< nothing moved for the idle time
  shutdown,   ///< Bellhop stopped
  ended,      ///< an operator ended it
  failed,     ///< the machine refused something (no pipe, no memory)
};

[[nodiscard]] std::string_view to_text(EndReason reason);

/// One running session; lives on one shard and is touched by that shard only.
/// Linked into its shard's SessionList by SessionList::add, out of it by its destructor.
class Session : public boost::intrusive::list_base_hook<
                    boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// `socks5`, later `upload`, `turn`, …: a closed set of literals.
  [[nodiscard]] virtual std::string_view kind() const = 0;
  /// Asks it to end soon; harmless when it is ending already. The first reason stays.
  virtual void end(EndReason reason) = 0;

  /// When the last byte or packet moved, or the session began.
  [[nodiscard]] virtual base::TimePoint last_progress() const = 0;

 protected:
  Session() = default;
  virtual ~Session() = default;
};

/// The sessions of one shard.
class SessionList {
 public:
  void add(Session& session) { sessions_.push_back(session); }
  [[nodiscard]] std::size_t count() const { return sessions_.size(); }

  /// Ends every session that moved nothing since `now - idle_timeout`. The list is walked whole:
  /// at one walk per eighth of the time-out that is cheaper than a timer per session.
  void end_idle(base::TimePoint now, base::Duration idle_timeout);
  void end_all(EndReason reason);

 private:
  using List = boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>>;
  List sessions_;
};

}  // namespace bellhop::runtime
