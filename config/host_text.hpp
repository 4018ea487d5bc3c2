// What a host, a domain, a bare JID and an IP literal look like as text. Nothing is resolved.
#pragma once

#include <string>
#include <string_view>

namespace bellhop::config {

/// A-Z to a-z, everything else unchanged.
[[nodiscard]] std::string ascii_lower(std::string_view text);

/// Dotted quad as inet_pton(3) reads it.
[[nodiscard]] bool is_ipv4_literal(std::string_view text);

/// IPv6 address as inet_pton(3) reads it: no brackets, no zone.
[[nodiscard]] bool is_ipv6_literal(std::string_view text);

/// One spelling per address, `host` itself (in lower case) if it is a name: for comparing.
[[nodiscard]] std::string canonical_host(std::string_view host);

/// A DNS name (RFC 1123: letters, digits, hyphens; the underscore is let through) or an IP literal.
/// A name whose last label is a number is a mistyped address and refused.
[[nodiscard]] bool is_host(std::string_view text);

/// The domain of a JID: 1 to 1023 bytes, no '@', no '/', no blank or control character, no empty
/// label (RFC 7622 §3.2). Whether stringprep accepts it is decided where JIDs are made.
[[nodiscard]] bool is_domain(std::string_view text);

/// `localpart@domain` without a resource.
[[nodiscard]] bool is_bare_jid(std::string_view text);

/// `scheme:rest` without blanks (RFC 3986 §3.1), as XEP-0157 wants its addresses.
[[nodiscard]] bool is_uri(std::string_view text);

/// `http://` or `https://`, a host, maybe a port and a path of visible US-ASCII that does not end
/// in
/// `/`: what paths can be put behind.
[[nodiscard]] bool is_web_url(std::string_view text);

/// A web URL whose host is an IP literal of loopback, or localhost.
[[nodiscard]] bool is_loopback_url(std::string_view text);

/// An IP literal, maybe with `/` and a prefix length.
[[nodiscard]] bool is_ip_network(std::string_view text);

/// Whether a network has an address in it that leads to this machine itself: loopback or
/// unspecified, also as IPv6 carries it (mapped, compatible). What is no network: false.
[[nodiscard]] bool holds_loopback(std::string_view network);

/// An IP literal that the Internet does not route to: unspecified, loopback, private, shared
/// (RFC 6598), link-local, unique local, or one of these mapped into IPv6. Names: false.
[[nodiscard]] bool is_local_literal(std::string_view text);

/// 127.0.0.0/8 or ::1. Names: false.
[[nodiscard]] bool is_loopback_literal(std::string_view text);

/// Whether a host lies, as far as its text tells, on this machine or in this network: a local
/// literal, or a name without a dot or under .localhost, .local or .internal.
[[nodiscard]] bool looks_local(std::string_view host);

}  // namespace bellhop::config
