// The refusals of the proxy: one row each, rendered by component/xmpp/stanza_error alone.
#pragma once

#include <array>

#include "component/base/error.hpp"
#include "component/policy/errors.hpp"

namespace bellhop::proxy::errors {

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

/// XEP-0065 §4: unable to act as a streamhost now.
inline constexpr ErrorKind proxy_closed{"proxy-closed", StanzaErrorType::cancel, "not-allowed",
                                        GrpcCode::unavailable,
                                        "This proxy takes no new transfers now."};
/// XEP-0065 §6.3.5: no connection with that hash, whatever part of it was wrong (ROOM-01).
inline constexpr ErrorKind no_connection{"no-connection", StanzaErrorType::cancel, "item-not-found",
                                         GrpcCode::not_found,
                                         "No connection waits for this activation."};
/// XEP-0065 §6.3.5: only one of the two parties has connected.
inline constexpr ErrorKind one_side_only{"one-side-only", StanzaErrorType::cancel, "not-allowed",
                                         GrpcCode::failed_precondition,
                                         "Only one party has connected."};
/// S5B-13: a second activation; the stream goes on.
inline constexpr ErrorKind already_active{"already-active", StanzaErrorType::cancel, "conflict",
                                          GrpcCode::already_exists,
                                          "This bytestream is active already."};
/// S5B-11, S5B-12: an activation whose sid or children are wrong.
inline constexpr ErrorKind bad_activation{"bad-activation", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument,
                                          "The activation needs one sid and one activate."};
inline constexpr ErrorKind bad_target{"bad-target", StanzaErrorType::modify, "jid-malformed",
                                      GrpcCode::invalid_argument,
                                      "The address in activate is not valid."};
/// The machine refused: descriptors, memory.
inline constexpr ErrorKind relay_failed{"relay-failed", StanzaErrorType::cancel,
                                        "internal-server-error", GrpcCode::internal,
                                        "The proxy could not start this transfer."};

// Refusals of SOCKS5 connections; they never become stanzas.
/// RFC 1928 §3: not SOCKS 5.
inline constexpr ErrorKind socks_version{"socks-version", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::invalid_argument, "This is not SOCKS 5."};
/// RFC 1928 §3: "no authentication" is not among the methods.
inline constexpr ErrorKind socks_methods{"socks-methods", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::invalid_argument,
                                         "No acceptable authentication method."};
/// RFC 1928 §6: CMD other than CONNECT.
inline constexpr ErrorKind socks_command{"socks-command", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::unimplemented, "Only CONNECT is supported."};
/// RFC 1928 §6: ATYP other than a domain name.
inline constexpr ErrorKind socks_address_type{"socks-address-type", StanzaErrorType::modify,
                                              "bad-request", GrpcCode::invalid_argument,
                                              "Only domain names are supported."};
/// XEP-0065 §5.3.2: 40 hexadecimal digits and port 0 are all that may be asked for.
inline constexpr ErrorKind socks_destination{"socks-destination", StanzaErrorType::modify,
                                             "bad-request", GrpcCode::invalid_argument,
                                             "This destination is not allowed."};
/// XEP-0065 §10.1: two connections have that hash already.
inline constexpr ErrorKind hash_taken{"hash-taken", StanzaErrorType::cancel, "conflict",
                                      GrpcCode::already_exists,
                                      "Both parties of this bytestream are connected."};
inline constexpr ErrorKind connections_of_address{
    "connections-of-address", StanzaErrorType::wait, "resource-constraint",
    GrpcCode::resource_exhausted, "Too many connections from this address."};
inline constexpr ErrorKind connections_total{"connections-total", StanzaErrorType::wait,
                                             "resource-constraint", GrpcCode::resource_exhausted,
                                             "Too many connections."};
inline constexpr ErrorKind handshake_timeout{"handshake-timeout", StanzaErrorType::wait,
                                             "resource-constraint", GrpcCode::deadline_exceeded,
                                             "The SOCKS 5 handshake took too long."};
inline constexpr ErrorKind activation_timeout{"activation-timeout", StanzaErrorType::wait,
                                              "resource-constraint", GrpcCode::deadline_exceeded,
                                              "No activation came in time."};

/// Every row above, once: the counters of refusals and the table in README.md follow this order.
inline constexpr std::array kAll{
    &user_not_allowed,  &proxy_closed,      &no_connection,
    &one_side_only,     &already_active,    &bad_activation,
    &bad_target,        &sessions_of_jid,   &sessions_of_domain,
    &sessions_total,    &bytes_of_jid,      &bytes_of_domain,
    &bytes_total,       &relay_failed,      &socks_version,
    &socks_methods,     &socks_command,     &socks_address_type,
    &socks_destination, &hash_taken,        &connections_of_address,
    &connections_total, &handshake_timeout, &activation_timeout,
};

}  // namespace bellhop::proxy::errors
