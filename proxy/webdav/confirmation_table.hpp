// Guests who have confirmed a request a moment ago: one download is several requests.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/xmpp/jid.hpp"
#include "config/secret.hpp"

namespace bellhop::webdav {

/// What somebody says who asks for a file of another's folder by XEP-0070. The method is no part of
/// it: what was confirmed for HEAD goes for the GET behind it (XEP-0070 §5.1).
struct Claim {
  xmpp::Jid user;             ///< who they say they are; bare or full
  std::string transaction;    ///< the transaction id, as it came
  std::string url;            ///< of the file, as the user is shown it
  base::IpAddress requester;  ///< where the HTTP request comes from
};

/// Keeps a keyed digest of each claim, as a transaction id that was confirmed opens the file. No
/// I/O; one shard.
class ConfirmationTable {
 public:
  /// Between two requests of one download.
  static constexpr base::Duration kKept = std::chrono::minutes(5);
  /// After the confirmation, whatever was requested meanwhile.
  static constexpr base::Duration kKeptAtMost = std::chrono::hours(1);
  static constexpr std::size_t kRowsMax = 4096;

  /// With a key of its own, which is nowhere else.
  ConfirmationTable();

  /// By what this very claim is found.
  [[nodiscard]] std::string key_of(const Claim& claim) const;
  /// Whether the claim was confirmed and is not too old; if so, it was used at `now`.
  [[nodiscard]] bool use(const std::string& key, base::TimePoint now);
  /// It was confirmed. Who was used longest ago leaves when there are too many.
  void add(const std::string& key, base::TimePoint now);
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    base::TimePoint confirmed;
    base::TimePoint used;
    std::list<std::string>::iterator place;
  };

  config::Secret key_;
  std::unordered_map<std::string, Row> rows_;
  std::list<std::string> order_;  // who was used last stands last
};

}  // namespace bellhop::webdav
