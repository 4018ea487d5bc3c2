// Preconditions and postconditions: what the body of an error names (RFC 4918 §16, RFC 4331 §6).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "proxy/http/response_head.hpp"

namespace bellhop::webdav {

/// The namespace of WebDAV's own elements and properties (RFC 4918 §17).
inline constexpr std::string_view kDavNamespace = "DAV:";

/// Each is an element in kDavNamespace, with the same words joined by hyphens.
enum class Condition : std::uint8_t {
  none,  ///< the status says it all
  cannot_modify_protected_property,
  lock_token_matches_request_uri,
  lock_token_submitted,
  no_conflicting_lock,
  no_external_entities,
  preserved_live_properties,
  propfind_finite_depth,
  quota_not_exceeded,
  sufficient_disk_space,
};

/// The local name of the element; "" for Condition::none.
[[nodiscard]] std::string_view to_string(Condition condition);

/// Appends `<D:error>` with the condition and the hrefs of the resources it speaks of
/// (percent-encoded by the caller, escaped here). The prefix D must be bound to kDavNamespace where
/// the text will stand. Nothing for Condition::none. `lock_token_submitted` needs at least one
/// href (RFC 4918 §16).
void append_error(std::string& out, Condition condition, std::span<const std::string> hrefs = {});

/// A whole document with `<D:error>` as its root (DAV-10); "" for Condition::none.
[[nodiscard]] std::string error_body(Condition condition, std::span<const std::string> hrefs = {});

/// The status lines inside of a body are those of HTTP.
using http::reason_phrase;

/// Content-Type of every body that this folder writes (RFC 4918 §8.2).
inline constexpr std::string_view kXmlContentType = "application/xml; charset=\"utf-8\"";
/// The first line of every such body.
inline constexpr std::string_view kXmlDeclaration = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

}  // namespace bellhop::webdav
