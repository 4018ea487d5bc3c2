// Whether the parts of Bellhop work, for health checks of every transport.
#pragma once

#include <optional>
#include <string>

#include "api/admin/core.hpp"

namespace bellhop::admin {

/// `bellhop.xmpp` (a component is attached), `bellhop.socks5` (new sessions are taken),
/// `bellhop.storage` (the state folder works), or `` for all of them together. Empty: no such part.
[[nodiscard]] runtime::Task<std::optional<bool>> health_of(Core& core, std::string part);

}  // namespace bellhop::admin
