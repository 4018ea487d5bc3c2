// The error table of the XMPP layer: one row for each stanza condition, one for each way in which a
// stream can be broken. Features add rows of their own beside their code.
#pragma once

#include <array>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::xmpp::errors {

using base::ErrorKind;
using base::GrpcCode;
using base::StanzaErrorType;

// Stanza conditions with their usual types (RFC 6120 §8.3.3).
inline constexpr ErrorKind bad_request{"bad-request", StanzaErrorType::modify, "bad-request",
                                       GrpcCode::invalid_argument, "The request is malformed."};
inline constexpr ErrorKind conflict{"conflict", StanzaErrorType::cancel, "conflict",
                                    GrpcCode::already_exists, "This exists already."};
inline constexpr ErrorKind feature_not_implemented{
    "feature-not-implemented", StanzaErrorType::cancel, "feature-not-implemented",
    GrpcCode::unimplemented, "This is not implemented here."};
inline constexpr ErrorKind forbidden{"forbidden", StanzaErrorType::auth, "forbidden",
                                     GrpcCode::permission_denied, "You may not use this."};
inline constexpr ErrorKind gone{"gone", StanzaErrorType::cancel, "gone", GrpcCode::not_found,
                                "This address is no longer in use."};
inline constexpr ErrorKind internal_server_error{"internal-server-error", StanzaErrorType::cancel,
                                                 "internal-server-error", GrpcCode::internal,
                                                 "An internal fault stopped this request."};
/// A request whose handling was cut short, for instance by a shutdown: it may be sent again.
inline constexpr ErrorKind interrupted{"interrupted", StanzaErrorType::wait,
                                       "internal-server-error", GrpcCode::unavailable,
                                       "This request was interrupted; try again later."};
inline constexpr ErrorKind item_not_found{"item-not-found", StanzaErrorType::cancel,
                                          "item-not-found", GrpcCode::not_found,
                                          "There is no such item."};
inline constexpr ErrorKind jid_malformed{"jid-malformed", StanzaErrorType::modify, "jid-malformed",
                                         GrpcCode::invalid_argument,
                                         "This is not a valid XMPP address."};
inline constexpr ErrorKind not_acceptable{"not-acceptable", StanzaErrorType::modify,
                                          "not-acceptable", GrpcCode::invalid_argument,
                                          "The request does not meet what is required here."};
inline constexpr ErrorKind not_allowed{"not-allowed", StanzaErrorType::cancel, "not-allowed",
                                       GrpcCode::failed_precondition, "This is not allowed."};
inline constexpr ErrorKind not_authorized{"not-authorized", StanzaErrorType::auth, "not-authorized",
                                          GrpcCode::permission_denied,
                                          "Credentials are needed for this."};
inline constexpr ErrorKind policy_violation{"policy-violation", StanzaErrorType::modify,
                                            "policy-violation", GrpcCode::resource_exhausted,
                                            "A limit of size or rate is exceeded."};
inline constexpr ErrorKind recipient_unavailable{"recipient-unavailable", StanzaErrorType::wait,
                                                 "recipient-unavailable", GrpcCode::unavailable,
                                                 "The recipient is not available now."};
inline constexpr ErrorKind redirect{"redirect", StanzaErrorType::modify, "redirect",
                                    GrpcCode::failed_precondition,
                                    "Requests go to another address for now."};
inline constexpr ErrorKind registration_required{"registration-required", StanzaErrorType::auth,
                                                 "registration-required",
                                                 GrpcCode::permission_denied, "Register first."};
inline constexpr ErrorKind remote_server_not_found{
    "remote-server-not-found", StanzaErrorType::cancel, "remote-server-not-found",
    GrpcCode::not_found, "The other server cannot be found."};
inline constexpr ErrorKind remote_server_timeout{
    "remote-server-timeout", StanzaErrorType::wait, "remote-server-timeout",
    GrpcCode::deadline_exceeded, "The other side did not answer in time."};
inline constexpr ErrorKind resource_constraint{"resource-constraint", StanzaErrorType::wait,
                                               "resource-constraint", GrpcCode::resource_exhausted,
                                               "Too busy now; try again later."};
inline constexpr ErrorKind service_unavailable{"service-unavailable", StanzaErrorType::cancel,
                                               "service-unavailable", GrpcCode::unimplemented,
                                               "This service is not offered here."};
inline constexpr ErrorKind subscription_required{
    "subscription-required", StanzaErrorType::auth, "subscription-required",
    GrpcCode::permission_denied, "A presence subscription is needed."};
inline constexpr ErrorKind undefined_condition{"undefined-condition", StanzaErrorType::cancel,
                                               "undefined-condition", GrpcCode::internal,
                                               "The request failed."};
inline constexpr ErrorKind unexpected_request{"unexpected-request", StanzaErrorType::wait,
                                              "unexpected-request", GrpcCode::failed_precondition,
                                              "The request came out of order."};

/// The rows above whose name is a condition of RFC 6120 §8.3.3: all of them, each once.
inline constexpr std::array kStanzaConditions{
    &bad_request,
    &conflict,
    &feature_not_implemented,
    &forbidden,
    &gone,
    &internal_server_error,
    &item_not_found,
    &jid_malformed,
    &not_acceptable,
    &not_allowed,
    &not_authorized,
    &policy_violation,
    &recipient_unavailable,
    &redirect,
    &registration_required,
    &remote_server_not_found,
    &remote_server_timeout,
    &resource_constraint,
    &service_unavailable,
    &subscription_required,
    &undefined_condition,
    &unexpected_request,
};

/// The row of a condition of RFC 6120 §8.3.3; null for any other text.
constexpr const ErrorKind* find_condition(std::string_view condition) {
  for (const ErrorKind* kind : kStanzaConditions) {
    if (kind->condition == condition) return kind;
  }
  return nullptr;
}

// What XmlReader refuses. `name` is the stream condition to send before closing (RFC 6120 §4.9.3);
// `policy_violation` above serves for exceeded limits, because both tables have that name.
inline constexpr ErrorKind not_well_formed{"not-well-formed", StanzaErrorType::modify,
                                           "bad-request", GrpcCode::invalid_argument,
                                           "The XML is not well-formed."};
inline constexpr ErrorKind restricted_xml{"restricted-xml", StanzaErrorType::modify, "bad-request",
                                          GrpcCode::invalid_argument,
                                          "The XML has a comment, an instruction, a document type "
                                          "or an entity that is not predefined."};
inline constexpr ErrorKind bad_format{"bad-format", StanzaErrorType::modify, "bad-request",
                                      GrpcCode::invalid_argument, "This is not an XMPP stream."};
inline constexpr ErrorKind bad_namespace_prefix{"bad-namespace-prefix", StanzaErrorType::modify,
                                                "bad-request", GrpcCode::invalid_argument,
                                                "A namespace prefix is unbound or misused."};
inline constexpr ErrorKind invalid_namespace{"invalid-namespace", StanzaErrorType::modify,
                                             "bad-request", GrpcCode::invalid_argument,
                                             "The stream's namespace is not supported."};
inline constexpr ErrorKind unsupported_encoding{"unsupported-encoding", StanzaErrorType::modify,
                                                "bad-request", GrpcCode::invalid_argument,
                                                "Only UTF-8 is supported."};

/// All rows that XmlReader can report.
inline constexpr std::array kReaderErrors{
    &not_well_formed,   &restricted_xml,       &bad_format,       &bad_namespace_prefix,
    &invalid_namespace, &unsupported_encoding, &policy_violation,
};

}  // namespace bellhop::xmpp::errors
