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

/// Not yet, or not any more: no new allocations, channels or credentials.
inline constexpr ErrorKind relay_closed{"relay-closed", StanzaErrorType::cancel,
                                        "service-unavailable", GrpcCode::unavailable,
                                        "This relay takes no new calls now."};
/// JRN-06: a limit of relay channels, not of every kind of session.
inline constexpr ErrorKind channels_of_jid{"channels-of-jid", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "You have too many relay channels."};
inline constexpr ErrorKind channel_requests{"channel-requests", StanzaErrorType::wait,
                                            "resource-constraint", GrpcCode::resource_exhausted,
                                            "You ask for relay channels too often."};
inline constexpr ErrorKind no_ports{"no-ports", StanzaErrorType::wait, "resource-constraint",
                                    GrpcCode::resource_exhausted, "This relay has no port left."};
/// The machine refused sockets.
inline constexpr ErrorKind channel_failed{"channel-failed", StanzaErrorType::cancel,
                                          "internal-server-error", GrpcCode::internal,
                                          "The relay channel could not be made."};

inline constexpr std::array kAll{
    &user_not_allowed, &sessions_of_jid, &sessions_of_domain, &sessions_total, &bytes_of_jid,
    &bytes_of_domain,  &bytes_total,     &not_stun,           &relay_closed,   &channels_of_jid,
    &channel_requests, &no_ports,        &channel_failed,
};

}  // namespace bellhop::relay::errors
