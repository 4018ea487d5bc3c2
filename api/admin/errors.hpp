// The refusals of the admin API: one row each. How a row becomes a gRPC status is the business of
// the services alone.
#pragma once

#include <array>

#include "component/base/error.hpp"

namespace bellhop::admin::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// The detail names the column: `column 7: unknown field "sise"; did you mean "size"?`.
inline constexpr ErrorKind bad_filter{"bad-filter", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::invalid_argument, "The filter is not valid."};
/// Made by nobody here, by a process that has ended, or for another filter or order.
inline constexpr ErrorKind bad_page_token{"bad-page-token", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument,
                                          "The page token does not belong to this request."};
/// The detail names the field.
inline constexpr ErrorKind bad_argument{"bad-argument", StanzaErrorType::modify, "bad-request",
                                        GrpcCode::invalid_argument,
                                        "A field of the request is not valid."};
inline constexpr ErrorKind not_found{"not-found", StanzaErrorType::cancel, "item-not-found",
                                     GrpcCode::not_found, "Nothing has this name."};
inline constexpr ErrorKind permission_denied{"permission-denied", StanzaErrorType::auth,
                                             "forbidden", GrpcCode::permission_denied,
                                             "Your role does not allow this."};
/// Valid, but not as things stand now.
inline constexpr ErrorKind failed_precondition{"failed-precondition", StanzaErrorType::cancel,
                                               "not-allowed", GrpcCode::failed_precondition,
                                               "This cannot be done as things stand now."};
/// `expected_count` of a call that acts on all rows of a filter; nothing was done.
inline constexpr ErrorKind count_mismatch{"count-mismatch", StanzaErrorType::cancel, "conflict",
                                          GrpcCode::failed_precondition,
                                          "The filter matches another number than expected."};
inline constexpr ErrorKind too_many_watchers{"too-many-watchers", StanzaErrorType::wait,
                                             "resource-constraint", GrpcCode::resource_exhausted,
                                             "Too many watches are open."};
/// The database or the file system refused; what was asked for is not in force.
inline constexpr ErrorKind storage_failed{"storage-failed", StanzaErrorType::wait,
                                          "internal-server-error", GrpcCode::internal,
                                          "The change could not be stored."};
/// Stopping, or the part that would answer is not running.
inline constexpr ErrorKind unavailable{"unavailable", StanzaErrorType::wait, "service-unavailable",
                                       GrpcCode::unavailable,
                                       "This is not available now; try again later."};

/// Of an explanation: nobody is there to ask.
inline constexpr ErrorKind not_offered{"not-offered", StanzaErrorType::cancel,
                                       "service-unavailable", GrpcCode::failed_precondition,
                                       "No component offers this."};
/// Of an explanation: STUN's 486 to one who has as many allocations as the configuration allows.
inline constexpr ErrorKind allocations_of_jid{"allocations-of-jid", StanzaErrorType::wait,
                                              "resource-constraint", GrpcCode::resource_exhausted,
                                              "The user has too many allocations."};
/// Of an explanation: STUN's 508.
inline constexpr ErrorKind allocations_total{"allocations-total", StanzaErrorType::wait,
                                             "resource-constraint", GrpcCode::resource_exhausted,
                                             "There are too many allocations."};

/// Every row above, once.
inline constexpr std::array kAll{
    &bad_filter,        &bad_page_token,      &bad_argument,   &not_found,
    &permission_denied, &failed_precondition, &count_mismatch, &too_many_watchers,
    &storage_failed,    &unavailable,         &not_offered,    &allocations_of_jid,
    &allocations_total,
};

}  // namespace bellhop::admin::errors
