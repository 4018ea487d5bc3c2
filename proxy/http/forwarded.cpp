#include "proxy/http/forwarded.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using base::IpAddress;

// What one proxy says about whoever asked it.
struct Hop {
  std::optional<IpAddress> address;  // none: not said, or not readable
  std::optional<ForwardedScheme> scheme;
};

using Hops = std::vector<Hop>;  // the nearest first

constexpr bool kMayBeQuoted = true;

// The last comma that is not between quotes. Read from the right, so that what a client left open
// cannot swallow what the proxies wrote behind it.
std::size_t last_comma(std::string_view value, bool may_be_quoted) {
  bool is_quoted = false;
  for (std::size_t i = value.size(); i > 0; --i) {
    const char c = value[i - 1];
    if (c == '"' && may_be_quoted) is_quoted = !is_quoted;
    if (c == ',' && !is_quoted) return i - 1;
  }
  return std::string_view::npos;
}

// The elements of a list, the last one first, at most kForwardedHopsMax.
std::vector<std::string_view> last_elements(std::string_view value, bool may_be_quoted) {
  std::vector<std::string_view> elements;
  while (elements.size() < kForwardedHopsMax) {
    const std::size_t comma = last_comma(value, may_be_quoted);
    const bool is_first = comma == std::string_view::npos;
    const std::string_view element = trim(is_first ? value : value.substr(comma + 1));
    if (!element.empty()) elements.push_back(element);
    if (is_first) break;
    value = value.substr(0, comma);
  }
  return elements;
}

// An address with or without a port: `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`.
std::optional<IpAddress> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view port = text.substr(end + 1);
    const bool is_port = port.empty() || port.starts_with(':');
    return is_port ? IpAddress::parse(text.substr(1, end - 1)) : std::nullopt;
  }
  const bool has_one_colon = std::ranges::count(text, ':') == 1;
  return IpAddress::parse(has_one_colon ? text.substr(0, text.find(':')) : text);
}

std::optional<ForwardedScheme> parse_scheme(std::string_view text) {
  if (equals_ignoring_case(text, "https")) return ForwardedScheme::https;
  if (equals_ignoring_case(text, "http")) return ForwardedScheme::http;
  return std::nullopt;
}

// RFC 7239 §4: pairs of a token and a word; no parameter more than once. A hop that breaks this
// says nothing.
Hop parse_forwarded_element(std::string_view element) {
  constexpr std::size_t kParametersMax = 8;
  Hop hop;
  bool has_node = false;
  bool has_scheme = false;
  const auto pairs = split(element, ';', kParametersMax);
  for (const std::string_view pair : pairs.value_or(std::vector<std::string_view>())) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    // An IPv6 address or a port without the quotes they need: understood all the same.
    const std::string_view raw = pair.substr(std::min(equals + 1, pair.size()));
    const std::string value = parse_word(raw).value_or(std::string(raw));
    if (equals_ignoring_case(name, "for")) {
      if (std::exchange(has_node, true)) return {};
      hop.address = parse_node(value);
    } else if (equals_ignoring_case(name, "proto")) {
      if (std::exchange(has_scheme, true)) return {};
      hop.scheme = parse_scheme(value);
    }
  }
  return hop;
}

Hops read_forwarded(std::string_view value) {
  Hops hops;
  for (const std::string_view element : last_elements(value, kMayBeQuoted)) {
    hops.push_back(parse_forwarded_element(element));
  }
  return hops;
}

Hops read_x_forwarded(std::string_view addresses, std::string_view schemes) {
  const auto protocols = last_elements(schemes, !kMayBeQuoted);
  auto nodes = last_elements(addresses, !kMayBeQuoted);
  if (nodes.empty()) nodes.emplace_back();  // a proxy that tells the scheme alone
  Hops hops;
  for (const std::string_view node : nodes) {
    Hop hop{.address = parse_node(node), .scheme = std::nullopt};
    // One scheme speaks of the client, whoever wrote it; of several each speaks of its hop.
    const std::size_t index = protocols.size() == 1 ? 0 : hops.size();
    if (index < protocols.size()) hop.scheme = parse_scheme(protocols[index]);
    hops.push_back(hop);
  }
  return hops;
}

bool is_trusted(const IpAddress& address, std::span<const base::IpNetwork> trusted) {
  return std::ranges::any_of(trusted,
                             [&](const base::IpNetwork& each) { return each.contains(address); });
}

// Each hop was written by the one before it, which is trusted.
ForwardedClient walk(const IpAddress& peer, std::span<const base::IpNetwork> trusted,
                     const Hops& hops) {
  ForwardedClient client{.address = peer};
  for (const Hop& hop : hops) {
    client.scheme = hop.scheme;
    if (!hop.address) break;
    client.address = *hop.address;
    if (!is_trusted(client.address, trusted)) break;
  }
  return client;
}

}  // namespace

ForwardedClient find_client(const IpAddress& peer, std::span<const base::IpNetwork> trusted,
                            const ForwardedFields& fields) {
  const ForwardedClient nobody_else{.address = peer};
  if (!is_trusted(peer, trusted)) return nobody_else;
  const bool has_x_fields = fields.x_forwarded_for || fields.x_forwarded_proto;
  const ForwardedClient by_forwarded =
      walk(peer, trusted, read_forwarded(fields.forwarded.value_or("")));
  const ForwardedClient by_x_forwarded = walk(
      peer, trusted,
      read_x_forwarded(fields.x_forwarded_for.value_or(""), fields.x_forwarded_proto.value_or("")));
  if (!fields.forwarded) return by_x_forwarded;
  if (!has_x_fields) return by_forwarded;
  if (by_forwarded.address != by_x_forwarded.address) return nobody_else;
  const bool is_agreed = by_forwarded.scheme == by_x_forwarded.scheme;
  return is_agreed ? by_forwarded : ForwardedClient{.address = by_forwarded.address};
}

}  // namespace bellhop::http
