// The refusals of the file store: one row each, with the HTTP status that answers it.
#pragma once

#include <array>

#include "component/base/error.hpp"
#include "component/policy/errors.hpp"
#include "proxy/http/errors.hpp"

namespace bellhop::files::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

/// XEP-0363 §6: larger than a single file may be.
inline constexpr ErrorKind file_too_large{"file-too-large", StanzaErrorType::modify,
                                          "not-acceptable", GrpcCode::invalid_argument,
                                          "This file is larger than a file may be."};
/// XEP-0363 §4: nothing to upload.
inline constexpr ErrorKind file_empty{"file-empty", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::invalid_argument, "A file has at least one byte."};
/// HUP-12: a file that would be gone before it came.
inline constexpr ErrorKind expired_before{"expired-before", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument,
                                          "This file would expire before it is uploaded."};
/// Quotas of what is stored: files that expire or are deleted make room.
inline constexpr ErrorKind stored_of_jid{"stored-of-jid", StanzaErrorType::wait,
                                         "resource-constraint", GrpcCode::resource_exhausted,
                                         "Your files use all the room that you have."};
inline constexpr ErrorKind stored_of_domain{"stored-of-domain", StanzaErrorType::wait,
                                            "resource-constraint", GrpcCode::resource_exhausted,
                                            "The files of your domain use all its room."};
inline constexpr ErrorKind stored_total{"stored-total", StanzaErrorType::wait,
                                        "resource-constraint", GrpcCode::resource_exhausted,
                                        "The store is full."};
inline constexpr ErrorKind files_of_jid{"files-of-jid", StanzaErrorType::wait,
                                        "resource-constraint", GrpcCode::resource_exhausted,
                                        "You have as many files as you may have."};
inline constexpr ErrorKind files_of_domain{"files-of-domain", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "Your domain has as many files as it may have."};
inline constexpr ErrorKind files_total{"files-total", StanzaErrorType::wait, "resource-constraint",
                                       GrpcCode::resource_exhausted,
                                       "The store has as many files as it may have."};
/// The disk itself, before it is full.
inline constexpr ErrorKind disk_full{"disk-full", StanzaErrorType::wait, "resource-constraint",
                                     GrpcCode::resource_exhausted, "The disk is nearly full."};
/// The disk or the database failed.
inline constexpr ErrorKind store_failed{"store-failed", StanzaErrorType::wait,
                                        "internal-server-error", GrpcCode::unavailable,
                                        "The store cannot be used now."};
inline constexpr ErrorKind store_closed{"store-closed", StanzaErrorType::wait,
                                        "service-unavailable", GrpcCode::unavailable,
                                        "The store takes no new files now."};
/// Deleted, expired, or never there.
inline constexpr ErrorKind no_such_file{"no-such-file", StanzaErrorType::cancel, "item-not-found",
                                        GrpcCode::not_found, "There is no such file."};
/// Its user's program has locked it.
inline constexpr ErrorKind file_in_use{"file-in-use", StanzaErrorType::wait, "conflict",
                                       GrpcCode::failed_precondition,
                                       "A program that works on this file has locked it."};

/// What can be done with stored files only.
inline constexpr ErrorKind file_expected{"file-expected", StanzaErrorType::cancel, "not-allowed",
                                         GrpcCode::failed_precondition,
                                         "This file has not been uploaded yet."};

// Refusals of uploads over HTTP.
/// HUP-24: a token that was not made here or has lapsed, whatever part of it is wrong.
inline constexpr ErrorKind bad_slot{"bad-slot", StanzaErrorType::auth, "forbidden",
                                    GrpcCode::permission_denied,
                                    "This permission to upload is not valid any more."};
/// HUP-24: the file is there already.
inline constexpr ErrorKind slot_used{"slot-used", StanzaErrorType::cancel, "conflict",
                                     GrpcCode::already_exists, "This file has been uploaded."};
/// HUP-20, HUP-21: the length differs from what was announced.
inline constexpr ErrorKind wrong_length{"wrong-length", StanzaErrorType::modify, "not-acceptable",
                                        GrpcCode::invalid_argument,
                                        "This is not the size that was announced."};
/// HUP-22.
inline constexpr ErrorKind wrong_type{"wrong-type", StanzaErrorType::modify, "not-acceptable",
                                      GrpcCode::invalid_argument,
                                      "This is not the type that was announced."};
/// A piece that does not begin where the upload stands.
inline constexpr ErrorKind wrong_offset{"wrong-offset", StanzaErrorType::modify, "conflict",
                                        GrpcCode::failed_precondition,
                                        "The upload stands at another byte."};
/// Another connection is writing this file.
inline constexpr ErrorKind upload_busy{"upload-busy", StanzaErrorType::wait, "conflict",
                                       GrpcCode::failed_precondition,
                                       "This file is being uploaded on another connection."};
/// The connection ended before the file did.
inline constexpr ErrorKind upload_broken{"upload-broken", StanzaErrorType::modify, "bad-request",
                                         GrpcCode::invalid_argument, "The upload was cut off."};

/// A row and the status that answers it (RFC 9110 §15, RFC 4918 §11).
struct StatusRow {
  const ErrorKind* kind;
  unsigned status;
};

/// Every row above, once.
inline constexpr std::array kAll{
    StatusRow{&file_too_large, 413},   StatusRow{&file_empty, 400},
    StatusRow{&expired_before, 400},   StatusRow{&stored_of_jid, 507},
    StatusRow{&stored_of_domain, 507}, StatusRow{&stored_total, 507},
    StatusRow{&files_of_jid, 507},     StatusRow{&files_of_domain, 507},
    StatusRow{&files_total, 507},      StatusRow{&disk_full, 507},
    StatusRow{&store_failed, 503},     StatusRow{&store_closed, 503},
    StatusRow{&no_such_file, 404},     StatusRow{&file_in_use, 423},
    StatusRow{&file_expected, 409},    StatusRow{&bad_slot, 403},
    StatusRow{&slot_used, 409},        StatusRow{&wrong_length, 413},
    StatusRow{&wrong_type, 415},       StatusRow{&wrong_offset, 409},
    StatusRow{&upload_busy, 423},      StatusRow{&upload_broken, 400},
};

/// The status of a row of this table; 0 for a row of another one.
[[nodiscard]] constexpr unsigned status_of(const ErrorKind& kind) {
  for (const StatusRow& row : kAll) {
    if (row.kind == &kind) return row.status;
  }
  return 0;
}

/// The status of a row of this folder or of one below it; of others what their type says.
[[nodiscard]] constexpr unsigned http_status(const ErrorKind& kind) {
  if (const unsigned status = status_of(kind); status != 0) return status;
  if (const unsigned status = http::errors::status_of(kind); status != 0) return status;
  if (&kind == &policy::errors::user_not_allowed) return 403;
  return kind.type == StanzaErrorType::wait ? 503 : 400;
}

}  // namespace bellhop::files::errors
