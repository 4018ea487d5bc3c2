// The addresses of this machine.
#pragma once

#include <vector>

#include "component/base/ip_address.hpp"

namespace bellhop::base {

/// Of its interfaces that are up, in the order of the kernel; empty if that cannot be told.
[[nodiscard]] std::vector<IpAddress> machine_addresses();

}  // namespace bellhop::base
