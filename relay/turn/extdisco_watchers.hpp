// Who may be told of changes of external services (XEP-0215 §3.2, EXD-05).
#pragma once

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "component/xmpp/jid.hpp"
#include "relay/turn/extdisco_codec.hpp"

namespace bellhop::turn {

/// Full JIDs that asked for services, and those whose presence is known: a push goes to who is
/// both. At most kRowsMax are remembered, those heard from last; who is forgotten is not told. No
/// I/O; control shard.
class ExtdiscoWatchers {
 public:
  static constexpr std::size_t kRowsMax = 4096;

  struct Watcher {
    xmpp::Jid jid;
    ServicesRequest request;  ///< the last one
  };

  /// `jid` asked; bare JIDs are not remembered, because nobody can be reached there.
  void note_request(const xmpp::Jid& jid, const ServicesRequest& request);
  /// `jid` has shown that it is online.
  void note_available(const xmpp::Jid& jid);
  /// `jid` went away, or no answer can be had there. A bare JID: all its resources.
  void forget(const xmpp::Jid& jid);

  [[nodiscard]] std::vector<Watcher> reachable() const;
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    xmpp::Jid jid;
    std::optional<ServicesRequest> request;
    bool is_available = false;
  };
  using Order = std::list<Row>;

  [[nodiscard]] Row* touch(const xmpp::Jid& jid);

  Order order_;  // who was heard from last stands last
  std::unordered_map<std::string, Order::iterator> rows_;
};

}  // namespace bellhop::turn
