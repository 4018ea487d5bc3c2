// Refusals by policy, the same for every kind of session.
#pragma once

#include <array>

#include "component/base/error.hpp"

namespace bellhop::policy::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// XEP-0065 §4 for the proxy: the user may not use this service.
inline constexpr ErrorKind user_not_allowed{"user-not-allowed", StanzaErrorType::auth, "forbidden",
                                            GrpcCode::permission_denied,
                                            "You may not use this proxy."};
inline constexpr ErrorKind sessions_of_jid{"sessions-of-jid", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "You have too many transfers running."};
inline constexpr ErrorKind sessions_of_domain{"sessions-of-domain", StanzaErrorType::wait,
                                              "resource-constraint", GrpcCode::resource_exhausted,
                                              "Your server has too many transfers running."};
inline constexpr ErrorKind sessions_total{"sessions-total", StanzaErrorType::wait,
                                          "resource-constraint", GrpcCode::resource_exhausted,
                                          "This proxy has too many transfers running."};
inline constexpr ErrorKind bytes_of_jid{"bytes-of-jid", StanzaErrorType::wait,
                                        "resource-constraint", GrpcCode::resource_exhausted,
                                        "You have used up what you may transfer for now."};
inline constexpr ErrorKind bytes_of_domain{"bytes-of-domain", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "Your server has used up what it may transfer for now."};
inline constexpr ErrorKind bytes_total{"bytes-total", StanzaErrorType::wait, "resource-constraint",
                                       GrpcCode::resource_exhausted,
                                       "This proxy has used up what it may transfer for now."};
/// A name of a rule, quota or limit that is none; for the admin side.
inline constexpr ErrorKind bad_subject{"bad-subject", StanzaErrorType::modify, "bad-request",
                                       GrpcCode::invalid_argument, "This is not a subject."};

inline constexpr std::array kAll{
    &user_not_allowed, &sessions_of_jid, &sessions_of_domain, &sessions_total,
    &bytes_of_jid,     &bytes_of_domain, &bytes_total,        &bad_subject,
};

}  // namespace bellhop::policy::errors
