// A lock as clients see it: lockdiscovery and the answer to LOCK (RFC 4918 §14.1, §15.8).
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "component/base/clock.hpp"
#include "proxy/webdav/lock_table.hpp"

namespace bellhop::webdav {

/// What one principal may know of a lock at one moment.
struct ActiveLock {
  LockScope scope;
  Depth depth;
  std::string owner_xml;         ///< as it was given (DAV-54); "" if there is none
  std::chrono::seconds timeout;  ///< what is left of it
  std::string token;             ///< "" if it is not shown
  std::string root_href;
};

/// The token is shown to the creator of the lock only (DAV-51).
[[nodiscard]] ActiveLock describe(const Lock& lock, std::string_view principal,
                                  base::TimePoint now);

/// The content of lockdiscovery: one activelock for each; the prefix D must be bound.
[[nodiscard]] std::string active_locks_xml(std::span<const ActiveLock> locks);

/// The content of supportedlock: exclusive and shared write locks (§15.10).
[[nodiscard]] std::string_view supported_locks_xml();

/// The body that answers a LOCK: `<D:prop>` with lockdiscovery (DAV-40, DAV-42).
[[nodiscard]] std::string lock_response_body(std::span<const ActiveLock> locks);

}  // namespace bellhop::webdav
