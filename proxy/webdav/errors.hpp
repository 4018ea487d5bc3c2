// The refusals of WebDAV: one row each, with the status and the condition element that tell a
// client what is wrong (RFC 4918 §11, §16).
#pragma once

#include <array>

#include "component/base/error.hpp"
#include "proxy/webdav/condition.hpp"

namespace bellhop::webdav::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

// Bodies.
inline constexpr ErrorKind xml_not_well_formed{"dav-xml-not-well-formed", StanzaErrorType::modify,
                                               "bad-request", GrpcCode::invalid_argument,
                                               "The XML is not well-formed."};
/// RFC 4918 §20.6: no document type is followed.
inline constexpr ErrorKind xml_document_type{"dav-xml-document-type", StanzaErrorType::modify,
                                             "bad-request", GrpcCode::invalid_argument,
                                             "The XML has a document type, which is not allowed."};
inline constexpr ErrorKind xml_external_entity{"dav-xml-external-entity", StanzaErrorType::modify,
                                               "not-acceptable", GrpcCode::permission_denied,
                                               "The XML refers to something outside of itself."};
inline constexpr ErrorKind xml_too_large{"dav-xml-too-large", StanzaErrorType::modify,
                                         "policy-violation", GrpcCode::resource_exhausted,
                                         "The XML is too large."};
inline constexpr ErrorKind xml_too_complex{"dav-xml-too-complex", StanzaErrorType::modify,
                                           "policy-violation", GrpcCode::resource_exhausted,
                                           "The XML has too many parts or is nested too deeply."};
inline constexpr ErrorKind bad_body{"dav-bad-body", StanzaErrorType::modify, "bad-request",
                                    GrpcCode::invalid_argument,
                                    "The XML does not say what this method needs."};
inline constexpr ErrorKind response_too_large{"dav-response-too-large", StanzaErrorType::cancel,
                                              "policy-violation", GrpcCode::resource_exhausted,
                                              "The answer would be too large."};

// Headers.
inline constexpr ErrorKind bad_depth{"dav-bad-depth", StanzaErrorType::modify, "bad-request",
                                     GrpcCode::invalid_argument,
                                     "This method does not allow this Depth."};
inline constexpr ErrorKind bad_overwrite{"dav-bad-overwrite", StanzaErrorType::modify,
                                         "bad-request", GrpcCode::invalid_argument,
                                         "Overwrite must be T or F."};
inline constexpr ErrorKind bad_lock_token{"dav-bad-lock-token", StanzaErrorType::modify,
                                          "bad-request", GrpcCode::invalid_argument,
                                          "The Lock-Token header is missing or malformed."};
inline constexpr ErrorKind bad_if{"dav-bad-if", StanzaErrorType::modify, "bad-request",
                                  GrpcCode::invalid_argument, "The If header is malformed."};
inline constexpr ErrorKind if_failed{"dav-if-failed", StanzaErrorType::cancel, "unexpected-request",
                                     GrpcCode::failed_precondition,
                                     "The If header describes another state."};

// Properties.
inline constexpr ErrorKind finite_depth{"dav-finite-depth", StanzaErrorType::cancel, "not-allowed",
                                        GrpcCode::permission_denied,
                                        "PROPFIND of infinite depth is not allowed here."};
inline constexpr ErrorKind protected_property{"dav-protected-property", StanzaErrorType::cancel,
                                              "not-allowed", GrpcCode::permission_denied,
                                              "This property cannot be changed."};
inline constexpr ErrorKind bad_property_value{"dav-bad-property-value", StanzaErrorType::modify,
                                              "bad-request", GrpcCode::invalid_argument,
                                              "This property cannot have this value."};
/// XEP-0129 §4.
inline constexpr ErrorKind bad_jid_list{"dav-bad-jid-list", StanzaErrorType::modify,
                                        "jid-malformed", GrpcCode::invalid_argument,
                                        "The list of JIDs has one that is not valid."};
/// The others of a PROPPATCH with a failure, and the root of a LOCK that failed below it.
inline constexpr ErrorKind failed_dependency{"dav-failed-dependency", StanzaErrorType::cancel,
                                             "unexpected-request", GrpcCode::failed_precondition,
                                             "Something that belongs to the same request failed."};

// Locks.
/// A lock whose token was not submitted by its creator (RFC 4918 §7.5).
inline constexpr ErrorKind locked{"dav-locked", StanzaErrorType::wait, "conflict",
                                  GrpcCode::failed_precondition, "This is locked."};
/// RFC 4918 §9.10.5.
inline constexpr ErrorKind lock_conflict{"dav-lock-conflict", StanzaErrorType::wait, "conflict",
                                         GrpcCode::already_exists,
                                         "There is a lock that excludes this one."};
/// RFC 4918 §9.10.6: at a refresh.
inline constexpr ErrorKind refresh_mismatch{"dav-refresh-mismatch", StanzaErrorType::cancel,
                                            "item-not-found", GrpcCode::failed_precondition,
                                            "This lock does not cover this resource."};
/// RFC 4918 §9.11.1: at UNLOCK.
inline constexpr ErrorKind unlock_mismatch{"dav-unlock-mismatch", StanzaErrorType::cancel,
                                           "item-not-found", GrpcCode::not_found,
                                           "This lock does not cover this resource."};
inline constexpr ErrorKind not_lock_creator{"dav-not-lock-creator", StanzaErrorType::auth,
                                            "forbidden", GrpcCode::permission_denied,
                                            "This lock belongs to somebody else."};
inline constexpr ErrorKind locks_of_principal{"dav-locks-of-principal", StanzaErrorType::wait,
                                              "resource-constraint", GrpcCode::resource_exhausted,
                                              "You hold too many locks."};
inline constexpr ErrorKind locks_total{"dav-locks-total", StanzaErrorType::wait,
                                       "resource-constraint", GrpcCode::resource_exhausted,
                                       "There are too many locks."};

// COPY and MOVE.
inline constexpr ErrorKind source_missing{"dav-source-missing", StanzaErrorType::cancel,
                                          "item-not-found", GrpcCode::not_found,
                                          "There is no such resource."};
inline constexpr ErrorKind bad_destination{"dav-bad-destination", StanzaErrorType::modify,
                                           "bad-request", GrpcCode::invalid_argument,
                                           "The Destination header is missing or malformed."};
inline constexpr ErrorKind foreign_destination{"dav-foreign-destination", StanzaErrorType::cancel,
                                               "not-acceptable", GrpcCode::unimplemented,
                                               "The destination is on another server."};
inline constexpr ErrorKind same_resource{"dav-same-resource", StanzaErrorType::cancel,
                                         "not-allowed", GrpcCode::permission_denied,
                                         "Source and destination are the same."};
inline constexpr ErrorKind into_itself{"dav-into-itself", StanzaErrorType::cancel, "not-allowed",
                                       GrpcCode::permission_denied,
                                       "A folder cannot be put into itself."};
inline constexpr ErrorKind over_ancestor{"dav-over-ancestor", StanzaErrorType::cancel,
                                         "not-allowed", GrpcCode::permission_denied,
                                         "A resource cannot replace the folder that holds it."};
inline constexpr ErrorKind parent_missing{"dav-parent-missing", StanzaErrorType::cancel, "conflict",
                                          GrpcCode::failed_precondition,
                                          "There is no folder to hold the destination."};
inline constexpr ErrorKind parent_not_collection{
    "dav-parent-not-collection", StanzaErrorType::cancel, "conflict", GrpcCode::failed_precondition,
    "What should hold the destination is not a folder."};
inline constexpr ErrorKind destination_exists{"dav-destination-exists", StanzaErrorType::cancel,
                                              "conflict", GrpcCode::already_exists,
                                              "The destination exists already."};

// Log-ins.
/// RFC 9110 §15.5.2: whether there is no such account or the password is wrong is not told.
inline constexpr ErrorKind bad_login{"dav-bad-login", StanzaErrorType::auth, "not-authorized",
                                     GrpcCode::permission_denied,
                                     "These are not the name and password of an account."};
/// RFC 6585 §4.
inline constexpr ErrorKind too_many_logins{"dav-too-many-logins", StanzaErrorType::wait,
                                           "policy-violation", GrpcCode::resource_exhausted,
                                           "There were too many log-ins; try again later."};
/// DAV-11.
inline constexpr ErrorKind needs_tls{"dav-needs-tls", StanzaErrorType::auth, "forbidden",
                                     GrpcCode::permission_denied,
                                     "Passwords are taken over TLS only."};
inline constexpr ErrorKind not_owner{"dav-not-owner", StanzaErrorType::auth, "forbidden",
                                     GrpcCode::permission_denied,
                                     "This folder belongs to somebody else."};

// Guests (XEP-0129, XEP-0070). Whoever is not let in is told errors::not_owner.
/// HVX-04: the user has refused, or has not answered in time.
inline constexpr ErrorKind not_confirmed{"dav-not-confirmed", StanzaErrorType::auth, "forbidden",
                                         GrpcCode::permission_denied,
                                         "This request was not confirmed."};
/// HVX-05.
inline constexpr ErrorKind too_many_questions{
    "dav-too-many-questions", StanzaErrorType::wait, "resource-constraint",
    GrpcCode::resource_exhausted, "There were too many requests to confirm; try again later."};
/// No stream that a question could go out by.
inline constexpr ErrorKind cannot_ask{"dav-cannot-ask", StanzaErrorType::wait,
                                      "recipient-unavailable", GrpcCode::unavailable,
                                      "Nobody can be asked to confirm now; try again later."};

// The folder.
/// RFC 4918 §9.3.1, §9.7.2.
inline constexpr ErrorKind method_not_allowed{"dav-method-not-allowed", StanzaErrorType::cancel,
                                              "not-allowed", GrpcCode::failed_precondition,
                                              "This cannot be done with this resource."};
/// RFC 4918 §8.4.
inline constexpr ErrorKind unexpected_body{"dav-unexpected-body", StanzaErrorType::modify,
                                           "bad-request", GrpcCode::invalid_argument,
                                           "This request should have no body, or another one."};
/// RFC 9110 §13: If-Match and the like.
inline constexpr ErrorKind precondition_failed{"dav-precondition-failed", StanzaErrorType::cancel,
                                               "unexpected-request", GrpcCode::failed_precondition,
                                               "The resource is in another state."};
/// RFC 9110 §14.5: a part of a file cannot be put.
inline constexpr ErrorKind partial_put{"dav-partial-put", StanzaErrorType::modify, "bad-request",
                                       GrpcCode::unimplemented,
                                       "A file can be put as a whole only."};
/// Its root is its user's for as long as there is an account.
inline constexpr ErrorKind root_stays{"dav-root-stays", StanzaErrorType::cancel, "not-allowed",
                                      GrpcCode::permission_denied,
                                      "The folder itself cannot be moved or deleted."};
inline constexpr ErrorKind folder_full{"dav-folder-full", StanzaErrorType::wait,
                                       "resource-constraint", GrpcCode::resource_exhausted,
                                       "There are too many files and folders."};
inline constexpr ErrorKind properties_full{"dav-properties-full", StanzaErrorType::wait,
                                           "resource-constraint", GrpcCode::resource_exhausted,
                                           "This has too many properties."};
inline constexpr ErrorKind too_deep{"dav-too-deep", StanzaErrorType::cancel, "not-allowed",
                                    GrpcCode::permission_denied,
                                    "Folders would be nested too deeply."};

/// How HTTP tells an error.
struct HttpRow {
  const ErrorKind* kind;
  int status;
  Condition condition = Condition::none;
};

/// Every row above, once.
inline constexpr std::array kAll{
    HttpRow{&xml_not_well_formed, 400},
    HttpRow{&xml_document_type, 400},
    HttpRow{&xml_external_entity, 403, Condition::no_external_entities},
    HttpRow{&xml_too_large, 413},
    HttpRow{&xml_too_complex, 400},
    HttpRow{&bad_body, 400},
    HttpRow{&response_too_large, 507},
    HttpRow{&bad_depth, 400},
    HttpRow{&bad_overwrite, 400},
    HttpRow{&bad_lock_token, 400},
    HttpRow{&bad_if, 400},
    HttpRow{&if_failed, 412},
    HttpRow{&finite_depth, 403, Condition::propfind_finite_depth},
    HttpRow{&protected_property, 403, Condition::cannot_modify_protected_property},
    HttpRow{&bad_property_value, 409},
    HttpRow{&bad_jid_list, 409},
    HttpRow{&failed_dependency, 424},
    HttpRow{&locked, 423, Condition::lock_token_submitted},
    HttpRow{&lock_conflict, 423, Condition::no_conflicting_lock},
    HttpRow{&refresh_mismatch, 412, Condition::lock_token_matches_request_uri},
    HttpRow{&unlock_mismatch, 409, Condition::lock_token_matches_request_uri},
    HttpRow{&not_lock_creator, 403},
    HttpRow{&locks_of_principal, 507},
    HttpRow{&locks_total, 507},
    HttpRow{&source_missing, 404},
    HttpRow{&bad_destination, 400},
    HttpRow{&foreign_destination, 502},
    HttpRow{&same_resource, 403},
    HttpRow{&into_itself, 403},
    HttpRow{&over_ancestor, 403},
    HttpRow{&parent_missing, 409},
    HttpRow{&parent_not_collection, 409},
    HttpRow{&destination_exists, 412},
    HttpRow{&bad_login, 401},
    HttpRow{&too_many_logins, 429},
    HttpRow{&needs_tls, 403},
    HttpRow{&not_owner, 403},
    HttpRow{&not_confirmed, 403},
    HttpRow{&too_many_questions, 429},
    HttpRow{&cannot_ask, 503},
    HttpRow{&method_not_allowed, 405},
    HttpRow{&unexpected_body, 415},
    HttpRow{&precondition_failed, 412},
    HttpRow{&partial_put, 400},
    HttpRow{&root_stays, 403},
    HttpRow{&folder_full, 507, Condition::quota_not_exceeded},
    HttpRow{&properties_full, 507},
    HttpRow{&too_deep, 403},
};

/// The row of an error of this folder; null for any other.
constexpr const HttpRow* find_row(const ErrorKind& kind) {
  for (const HttpRow& row : kAll) {
    if (row.kind == &kind) return &row;
  }
  return nullptr;
}

}  // namespace bellhop::webdav::errors
