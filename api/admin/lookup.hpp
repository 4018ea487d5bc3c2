// What a host name stands for, asked of the system's resolver.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"
#include "component/runtime/types.hpp"

namespace bellhop::admin {

/// One question to the resolver. It is asked in a thread of its own and cannot be taken back, so it
/// may outlive whoever asked.
struct Lookup {
  Lookup(runtime::Executor executor, base::Deadline deadline)
      : resolver(executor), done_or_late(executor, deadline.at()) {}

  runtime::asio::ip::basic_resolver<runtime::Tcp, runtime::Executor> resolver;
  runtime::Timer done_or_late;
  std::string trouble = "the resolver did not answer in time";  ///< empty: it answered
  std::vector<base::IpAddress> addresses;                       ///< each once
};

/// Asks what `host`, a name or an IP literal, stands for.
[[nodiscard]] runtime::Task<std::shared_ptr<const Lookup>> addresses_of(std::string host,
                                                                        base::Deadline deadline);

/// Whether one of the addresses belongs to an interface of this machine.
[[nodiscard]] bool is_here(const std::vector<base::IpAddress>& addresses);

}  // namespace bellhop::admin
