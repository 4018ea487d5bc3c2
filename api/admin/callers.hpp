// Who is behind a connection that gRPC serves.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/admin/call.hpp"

namespace bellhop::admin {

/// What the accepting side found out about a connection.
struct Connection {
  Caller caller;
  bool is_tls = false;  ///< the role follows from the certificate; `caller` holds the address only
};

/// Open connections by the name that gRPC sees as their peer. The admin thread adds and removes,
/// gRPC's threads look up: the mutex is between these.
class Callers {
 public:
  /// A name that nobody else on this machine can guess or take.
  [[nodiscard]] std::string add(Connection connection);
  void remove(const std::string& name);
  [[nodiscard]] std::size_t count() const;

  /// `peer` as gRPC gives it: `unix-abstract:NAME`. Empty: not ours.
  [[nodiscard]] std::optional<Connection> find(std::string_view peer) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Connection, std::less<>> connections_;
};

/// The role that a certificate with these names has; empty: none.
[[nodiscard]] std::optional<Caller> caller_of_certificate(const std::vector<std::string>& names,
                                                          const config::AdminSettings& settings);

}  // namespace bellhop::admin
