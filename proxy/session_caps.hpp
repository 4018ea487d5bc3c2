// How many sessions may run at once: per JID, per domain, in total.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "component/base/error.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::proxy {

/// Counts running sessions by who asked for them. Pure; control shard. Rows vanish at zero, so its
/// size is bounded by the total.
class SessionCaps {
 public:
  struct Limits {
    std::uint32_t per_jid;
    std::uint32_t per_domain;
    std::uint32_t total;
  };

  explicit SessionCaps(Limits limits) : limits_(limits) {}

  /// Counts one more for `user`'s bare JID and domain, or says which cap is reached:
  /// errors::sessions_of_jid, sessions_of_domain, sessions_total. Nothing is counted then.
  [[nodiscard]] base::Result<void> acquire(const xmpp::Jid& user);
  /// Takes back one acquire() for the same user.
  void release(const xmpp::Jid& user);

  [[nodiscard]] std::uint32_t running() const { return running_; }

 private:
  using Counts = std::unordered_map<std::string, std::uint32_t>;

  [[nodiscard]] static std::uint32_t count_of(const Counts& counts, std::string_view key);
  static void decrement(Counts& counts, std::string_view key);

  Limits limits_;
  Counts by_jid_;
  Counts by_domain_;
  std::uint32_t running_ = 0;
};

}  // namespace bellhop::proxy
