#include "config/host_text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

namespace bellhop::config {
namespace {

// RFC 7622 §3: each part of a JID has at most 1023 bytes.
constexpr std::size_t kJidPartBytesMax = 1023;
// RFC 1035 §2.3.4: a name and a label in it.
constexpr std::size_t kHostBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

using Ipv4 = std::array<std::uint8_t, 4>;
using Ipv6 = std::array<std::uint8_t, 16>;

template <typename Address>
std::optional<Address> parse(int family, std::string_view text) {
  // inet_pton reads a C string: a NUL inside would hide what follows it.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  Address address{};
  if (inet_pton(family, std::string(text).c_str(), address.data()) != 1) return std::nullopt;
  return address;
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  return parse<Ipv4>(AF_INET, text);
}
std::optional<Ipv6> parse_ipv6(std::string_view text) {
  return parse<Ipv6>(AF_INET6, text);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_blank_or_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7F;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > kLabelBytesMax) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

bool is_local(const Ipv4& ip) {
  return ip[0] == 0 || ip[0] == 10 || ip[0] == 127 ||  // RFC 1122, RFC 1918
         (ip[0] == 100 && (ip[1] & 0xC0U) == 64) ||    // RFC 6598
         (ip[0] == 169 && ip[1] == 254) ||             // RFC 3927
         (ip[0] == 172 && (ip[1] & 0xF0U) == 16) ||    // RFC 1918
         (ip[0] == 192 && ip[1] == 168);               // RFC 1918
}

bool is_local(const Ipv6& ip) {
  const bool zeros = std::all_of(ip.begin(), ip.begin() + 10, [](auto byte) { return byte == 0; });
  if (zeros && ip[10] == 0xFF && ip[11] == 0xFF) {  // RFC 4291 §2.5.5.2: IPv4-mapped
    return is_local(Ipv4{ip[12], ip[13], ip[14], ip[15]});
  }
  const bool all_zeros =
      zeros && std::all_of(ip.begin() + 10, ip.end() - 1, [](auto byte) { return byte == 0; });
  return (all_zeros && ip[15] <= 1) ||                  // RFC 4291: unspecified, loopback
         (ip[0] == 0xFE && (ip[1] & 0xC0U) == 0x80) ||  // RFC 4291: link-local
         (ip[0] & 0xFEU) == 0xFC;                       // RFC 4193: unique local
}

// A network of either family among those of IPv6, where IPv4 is mapped.
struct Network {
  Ipv6 address{};
  std::size_t bits = 0;
};

std::optional<Network> parse_network(std::string_view text) {
  if (!is_ip_network(text)) return std::nullopt;
  const std::size_t slash = text.find('/');
  const bool has_length = slash != std::string_view::npos;
  Network network;
  const auto ipv4 = parse_ipv4(text.substr(0, slash));
  if (ipv4) {
    network.address[10] = network.address[11] = 0xFF;
    std::copy(ipv4->begin(), ipv4->end(), network.address.begin() + 12);
  } else {
    network.address = *parse_ipv6(text.substr(0, slash));
  }
  const std::size_t whole = ipv4 ? 32 : 128;
  network.bits = 128 - whole;
  network.bits += has_length ? std::stoul(std::string(text.substr(slash + 1))) : whole;
  return network;
}

// Two networks have an address in common if the wider one holds the other.
bool overlap(const Network& a, const Network& b) {
  const std::size_t bits = std::min(a.bits, b.bits);
  for (std::size_t i = 0; i < bits; ++i) {
    const unsigned mask = 0x80U >> (i % 8);
    if (((a.address[i / 8] ^ b.address[i / 8]) & mask) != 0) return false;
  }
  return true;
}

// Host, without brackets, and port of a web URL; empty where there is none.
std::pair<std::string_view, std::string_view> split_authority(std::string_view url) {
  for (const std::string_view scheme :
       {std::string_view("http://"), std::string_view("https://")}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    url = url.substr(0, url.find('/'));
    const bool has_brackets = url.starts_with('[');
    const std::size_t end = has_brackets ? url.find(']') : url.find(':');
    if (has_brackets && end == std::string_view::npos) return {};
    const std::string_view host = has_brackets ? url.substr(1, end - 1) : url.substr(0, end);
    const std::string_view rest = end == std::string_view::npos
                                      ? std::string_view()
                                      : url.substr(end + (has_brackets ? 1 : 0));
    if (has_brackets && !is_ipv6_literal(host)) return {};
    if (rest.empty()) return {host, {}};
    // A colon that nothing follows is no port either: is_port() refuses it.
    return rest.front() == ':' ? std::pair(host, rest.size() > 1 ? rest.substr(1) : rest)
                               : std::pair<std::string_view, std::string_view>();
  }
  return {};
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit) &&
         std::stoi(std::string(text)) >= 1 && std::stoi(std::string(text)) <= 65535;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_ipv4_literal(std::string_view text) {
  return parse_ipv4(text).has_value();
}
bool is_ipv6_literal(std::string_view text) {
  return parse_ipv6(text).has_value();
}

std::string canonical_host(std::string_view host) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (const auto ip = parse_ipv6(host)) {
    return inet_ntop(AF_INET6, ip->data(), text.data(), INET6_ADDRSTRLEN);
  }
  return ascii_lower(host);
}

bool is_host(std::string_view text) {
  if (is_ipv4_literal(text) || is_ipv6_literal(text)) return true;
  if (text.empty() || text.size() > kHostBytesMax) return false;
  std::string_view label;
  for (std::size_t begin = 0; begin <= text.size(); begin += label.size() + 1) {
    label = text.substr(begin, text.find('.', begin) - begin);
    if (!is_label(label)) return false;
  }
  return !std::all_of(label.begin(), label.end(), is_digit);
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > kJidPartBytesMax) return false;
  if (text.front() == '.' || text.back() == '.') return false;
  if (text.find("..") != std::string_view::npos) return false;
  if (text.find_first_of("@/") != std::string_view::npos) return false;
  return std::none_of(text.begin(), text.end(), is_blank_or_control);
}

bool is_bare_jid(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at > kJidPartBytesMax) return false;
  // RFC 7622 §3.3.1: never in a localpart.
  const std::string_view localpart = text.substr(0, at);
  if (localpart.find_first_of("\"&'/:<>") != std::string_view::npos) return false;
  if (std::any_of(localpart.begin(), localpart.end(), is_blank_or_control)) return false;
  return is_domain(text.substr(at + 1));
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (scheme.empty() || !is_letter(scheme.front())) return false;
  const bool scheme_good = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return scheme_good && std::none_of(text.begin(), text.end(), is_blank_or_control);
}

bool is_web_url(std::string_view text) {
  const bool is_visible = std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7F && c != '?' && c != '#' && c != '"';
  });
  if (!is_visible || text.ends_with('/')) return false;
  const auto [host, port] = split_authority(text);
  return is_host(host) && (port.empty() || is_port(port));
}

bool is_loopback_url(std::string_view text) {
  const std::string host = ascii_lower(split_authority(text).first);
  return is_web_url(text) && (is_loopback_literal(host) || host == "localhost");
}

bool is_ip_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  const bool is_v4 = is_ipv4_literal(address);
  if (!is_v4 && !is_ipv6_literal(address)) return false;
  if (slash == std::string_view::npos) return true;
  const std::string_view length = text.substr(slash + 1);
  if (length.empty() || length.size() > 3 || (length.size() > 1 && length.front() == '0')) {
    return false;
  }
  if (!std::all_of(length.begin(), length.end(), is_digit)) return false;
  return std::stoi(std::string(length)) <= (is_v4 ? 32 : 128);
}

bool holds_loopback(std::string_view network) {
  const auto parsed = parse_network(network);
  if (!parsed) return false;
  // To connect to 0.0.0.0 or :: is to connect to loopback.
  constexpr std::array kOwn{"127.0.0.0/8", "0.0.0.0/8", "::1", "::", "::127.0.0.0/104"};
  return std::any_of(kOwn.begin(), kOwn.end(),
                     [&](const char* own) { return overlap(*parsed, *parse_network(own)); });
}

bool is_local_literal(std::string_view text) {
  if (const auto ip = parse_ipv4(text)) return is_local(*ip);
  if (const auto ip = parse_ipv6(text)) return is_local(*ip);
  return false;
}

bool is_loopback_literal(std::string_view text) {
  if (is_ipv4_literal(text)) return text.starts_with("127.");
  return is_ipv6_literal(text) && canonical_host(text) == "::1";
}

bool looks_local(std::string_view host) {
  if (is_ipv4_literal(host) || is_ipv6_literal(host)) return is_local_literal(host);
  const std::string name = ascii_lower(host);
  return name.find('.') == std::string::npos || name.ends_with(".localhost") ||
         name.ends_with(".local") || name.ends_with(".internal");
}

}  // namespace bellhop::config
