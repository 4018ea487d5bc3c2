// The refusals of this folder over XMPP, and of bytes that do not parse. STUN's own error codes are
// in stun/registry.hpp: they are the protocol's, and sent as they are.
#pragma once

#include <array>

#include "component/base/error.hpp"
#include "component/policy/errors.hpp"

namespace bellhop::relay::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

using policy::errors::bytes_of_domain;
using policy::errors::bytes_of_jid;
using policy::errors::bytes_total;
using policy::errors::sessions_of_domain;
using policy::errors::sessions_of_jid;
using policy::errors::sessions_total;
using policy::errors::user_not_allowed;

/// STN-01: a stream that is neither STUN nor ChannelData. Never becomes a stanza.
inline constexpr ErrorKind not_stun{"not-stun", StanzaErrorType::modify, "bad-request",
                                    GrpcCode::invalid_argument, "This is not STUN."};

inline constexpr std::array kAll{
    &user_not_allowed, &sessions_of_jid, &sessions_of_domain, &sessions_total,
    &bytes_of_jid,     &bytes_of_domain, &bytes_total,        &not_stun,
};

}  // namespace bellhop::relay::errors
