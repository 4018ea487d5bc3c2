// The refusals of HTTP syntax: one row each, with the status that answers it.
#pragma once

#include <array>

#include "component/base/error.hpp"

namespace bellhop::http::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// RFC 9110 §7.1, RFC 3986: a request target or a Destination that is not read as a path.
inline constexpr ErrorKind bad_target{"bad-target-path", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::invalid_argument,
                                      "The path of this request is not valid."};
/// RFC 9110 §15.5.15.
inline constexpr ErrorKind target_too_long{"target-too-long", StanzaErrorType::modify,
                                           "bad-request", GrpcCode::invalid_argument,
                                           "The path of this request is too long."};
/// RFC 9110 §7.2: a host, a port, or what should be one.
inline constexpr ErrorKind bad_authority{"bad-authority", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::invalid_argument,
                                         "The host of this request is not valid."};
/// RFC 9110 §14.4.
inline constexpr ErrorKind bad_content_range{"bad-content-range", StanzaErrorType::modify,
                                             "bad-request", GrpcCode::invalid_argument,
                                             "The Content-Range of this request is not valid."};
/// RFC 9110 §8.3.1.
inline constexpr ErrorKind bad_media_type{"bad-media-type", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument, "This is not a media type."};
/// tus 1.0.0, "Tus-Resumable": another version, or none.
inline constexpr ErrorKind tus_version{"tus-version", StanzaErrorType::modify, "not-acceptable",
                                       GrpcCode::failed_precondition,
                                       "Only version 1.0.0 of tus is spoken here."};
/// tus 1.0.0: a header that does not read as its section says.
inline constexpr ErrorKind bad_tus_header{"bad-tus-header", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument,
                                          "A header of this upload is not valid."};
/// tus 1.0.0, "Checksum": an algorithm that Tus-Checksum-Algorithm does not name.
inline constexpr ErrorKind unknown_checksum{"unknown-checksum", StanzaErrorType::modify,
                                            "bad-request", GrpcCode::invalid_argument,
                                            "This checksum algorithm is not known here."};
/// tus 1.0.0, "Checksum": the bytes are not those that were announced.
inline constexpr ErrorKind checksum_mismatch{"checksum-mismatch", StanzaErrorType::modify,
                                             "bad-request", GrpcCode::failed_precondition,
                                             "The checksum does not match the data."};
/// RFC 9110 §11.6.2: no credentials, or of a scheme that was not asked for.
inline constexpr ErrorKind no_credentials{"no-credentials", StanzaErrorType::auth, "not-authorized",
                                          GrpcCode::permission_denied,
                                          "Credentials are needed for this request."};
/// RFC 7617 §2, RFC 6750 §2.1: credentials that cannot be read.
inline constexpr ErrorKind bad_credentials{"bad-credentials", StanzaErrorType::auth,
                                           "not-authorized", GrpcCode::permission_denied,
                                           "The credentials of this request cannot be read."};

/// A row and the status code (RFC 9110 §15, tus 1.0.0) that answers it.
struct StatusRow {
  const ErrorKind* kind;
  unsigned status;
};

/// Every row above, once.
inline constexpr std::array kAll{
    StatusRow{&bad_target, 400},        StatusRow{&target_too_long, 414},
    StatusRow{&bad_authority, 400},     StatusRow{&bad_content_range, 400},
    StatusRow{&bad_media_type, 400},    StatusRow{&tus_version, 412},
    StatusRow{&bad_tus_header, 400},    StatusRow{&unknown_checksum, 400},
    StatusRow{&checksum_mismatch, 460}, StatusRow{&no_credentials, 401},
    StatusRow{&bad_credentials, 401},
};

/// The status of a row of this table; 0 for a row of another one.
[[nodiscard]] constexpr unsigned status_of(const ErrorKind& kind) {
  for (const StatusRow& row : kAll) {
    if (row.kind == &kind) return row.status;
  }
  return 0;
}

}  // namespace bellhop::http::errors
