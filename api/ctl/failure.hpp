// A status of the API as one sentence for people, with what to do about it.
#pragma once

#include <grpcpp/support/status.h>

#include <string>

#include "api/ctl/address.hpp"
#include "api/ctl/exit_code.hpp"

namespace bellhop::ctl {

/// What went wrong. All text is clean (see clean()).
struct Failure {
  std::string sentence;  ///< one line: what, which field, the reason in parentheses
  std::string hint;      ///< what to do; empty if there is nothing to say
  ExitCode code = ExitCode::failed;
};

/// Renders a status that is not OK, with the google.rpc details in it if there are any. Asks the
/// unix socket why it cannot be reached, when that is what the status says.
[[nodiscard]] Failure describe(const grpc::Status& status, const Address& address);

/// Why `address` cannot be reached. `transport_says` is gRPC's own text, used if this machine
/// cannot tell.
[[nodiscard]] Failure describe_unreachable(const Address& address, Obstacle obstacle,
                                           const std::string& transport_says);

}  // namespace bellhop::ctl
