// The sessions of ad-hoc commands: who may continue which, how many, for how long.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "component/base/error.hpp"
#include "component/xmpp/command_dialogue.hpp"
#include "component/xmpp/jid.hpp"
#include "config/secret.hpp"

namespace bellhop::xmpp {

namespace errors {

/// ADH-11.
inline constexpr ErrorKind too_many_commands{
    "too-many-commands", StanzaErrorType::cancel, "not-allowed", GrpcCode::resource_exhausted,
    "You have too many commands open; finish or cancel one of them."};

}  // namespace errors

/// One session; valid until it is closed or any session is opened or looked for.
struct CommandSession {
  std::string node;
  std::string lang;  ///< of all its answers (XEP-0050 §3.7)
  CommandDialogue dialogue = {};
  bool is_busy = false;  ///< the command works on a step
};

/// All sessions of one component. No I/O, time comes from outside; control shard.
///
/// An id is 128 random bits and a code over them, the full JID and the node. So it cannot be
/// guessed, belongs to one full JID and one command, and one that has ended is told from one that
/// never was without remembering it (ADH-03).
class CommandSessions {
 public:
  /// Bounds on what users may keep here.
  struct Limits {
    std::size_t per_user_max = 8;  ///< of one bare JID
    std::size_t total_max = 2048;
    base::Duration idle_timeout = std::chrono::minutes(10);
  };

  explicit CommandSessions(const Limits& limits);
  CommandSessions(const CommandSessions&) = delete;
  CommandSessions& operator=(const CommandSessions&) = delete;

  /// A new session; returns its id. Errors: errors::too_many_commands, errors::resource_constraint
  /// when the table is full.
  [[nodiscard]] base::Result<std::string> open(const Jid& requester, CommandSession session,
                                               base::TimePoint now);
  /// The session of that id, whose time begins anew. Errors: errors::bad_sessionid for one that
  /// never was or is another's, errors::session_expired.
  [[nodiscard]] Decision<CommandSession*> find(std::string_view id, const Jid& requester,
                                               std::string_view node, base::TimePoint now);
  /// The session of that id, whoever asks; null if it has ended.
  [[nodiscard]] CommandSession* peek(const std::string& id);
  /// Ends a session if there is one.
  void close(const std::string& id);
  /// Ends all that was idle for too long.
  void expire(base::TimePoint now);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  struct Idle {
    base::TimePoint since;
    std::string id;
  };
  struct Row {
    std::string user;  // bare JID
    CommandSession session;
    std::list<Idle>::iterator idle;
  };
  using Rows = std::unordered_map<std::string, Row>;

  [[nodiscard]] std::string code_of(std::string_view random, const Jid& requester,
                                    std::string_view node) const;
  [[nodiscard]] bool is_ours(std::string_view id, const Jid& requester,
                             std::string_view node) const;
  void erase(Rows::iterator row);

  Limits limits_;
  config::Secret key_;  // made at the start: ids of an earlier run are unknown
  Rows rows_;
  std::list<Idle> idle_;  // one time-out for all, so who is idle longest stands first
  std::unordered_map<std::string, std::size_t> per_user_;
};

}  // namespace bellhop::xmpp
