// Log-ins that were right a moment ago: clients of WebDAV send the password with each request, and
// a hash that is slow by intent would make each of them wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "component/base/clock.hpp"
#include "config/secret.hpp"

namespace bellhop::webdav {

/// Keeps a keyed digest of user and password, never the password. One shard.
class LoginCache {
 public:
  /// How long a log-in is believed without being checked again.
  static constexpr base::Duration kKept = std::chrono::minutes(5);
  static constexpr std::size_t kUsersMax = 1024;

  /// With a key of its own, which is nowhere else.
  LoginCache();

  /// Whether this very password was right for `user`, not longer than kKept ago and in the same
  /// `generation` of accounts: whoever changes one begins another generation.
  [[nodiscard]] bool holds(std::string_view user, const config::Secret& password,
                           std::uint64_t generation, base::TimePoint now) const;
  /// It was right. The user that was added first leaves when there are too many.
  void add(std::string_view user, const config::Secret& password, std::uint64_t generation,
           base::TimePoint now);
  [[nodiscard]] std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    std::string digest;
    std::uint64_t generation;
    base::TimePoint ends;
    std::list<std::string>::iterator place;
  };

  [[nodiscard]] std::string digest(std::string_view user, const config::Secret& password) const;

  config::Secret key_;
  std::unordered_map<std::string, Row> rows_;
  std::list<std::string> order_;  // the oldest first
};

}  // namespace bellhop::webdav
