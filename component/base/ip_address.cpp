#include "component/base/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace bellhop::base {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct V4Range {
  std::uint32_t network;  // host order
  int bits;
};

// IANA IPv4 special-purpose registry: what is not globally reachable, and what is nobody's host
// though routed.
constexpr V4Range kSpecialV4[] = {
    {0x00000000, 8},   // 0.0.0.0/8 this network
    {0x0a000000, 8},   // 10.0.0.0/8 private
    {0x64400000, 10},  // 100.64.0.0/10 shared (carrier NAT)
    {0x7f000000, 8},   // 127.0.0.0/8 loopback
    {0xa9fe0000, 16},  // 169.254.0.0/16 link-local
    {0xac100000, 12},  // 172.16.0.0/12 private, container bridges
    {0xc0000000, 24},  // 192.0.0.0/24 protocol assignments
    {0xc0000200, 24},  // 192.0.2.0/24 documentation
    {0xc01fc400, 24},  // 192.31.196.0/24 AS112, name servers that swallow queries
    {0xc034c100, 24},  // 192.52.193.0/24 multicast tunnels
    {0xc0586300, 24},  // 192.88.99.0/24 6to4 relays
    {0xc0a80000, 16},  // 192.168.0.0/16 private
    {0xc0af3000, 24},  // 192.175.48.0/24 AS112
    {0xc6120000, 15},  // 198.18.0.0/15 benchmarking
    {0xc6336400, 24},  // 198.51.100.0/24 documentation
    {0xcb007100, 24},  // 203.0.113.0/24 documentation
    {0xe0000000, 4},   // 224.0.0.0/4 multicast
    {0xf0000000, 4},   // 240.0.0.0/4 reserved, broadcast
};

struct V6Range {
  std::uint64_t network;  // upper half, host order
  int bits;
};

// The same of IPv6, inside 2000::/3 (the only global unicast space).
constexpr V6Range kSpecialV6[] = {
    {0x2001'0000'0000'0000, 23},  // 2001::/23 protocol assignments, Teredo
    {0x2001'0db8'0000'0000, 32},  // 2001:db8::/32 documentation
    {0x2002'0000'0000'0000, 16},  // 2002::/16 6to4
    {0x2620'004f'8000'0000, 48},  // 2620:4f:8000::/48 AS112
    {0x3fff'0000'0000'0000, 20},  // 3fff::/20 documentation
};

std::uint32_t v4_of(const std::array<std::uint8_t, 16>& bytes) {
  return (std::uint32_t{bytes[12]} << 24) | (std::uint32_t{bytes[13]} << 16) |
         (std::uint32_t{bytes[14]} << 8) | bytes[15];
}

std::uint64_t upper_half_of(const std::array<std::uint8_t, 16>& bytes) {
  std::uint64_t half = 0;
  for (std::size_t i = 0; i < 8; ++i) half = (half << 8) | bytes[i];
  return half;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  // inet_pton() ends at a zero byte; what stands behind it must not go unread.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text.substr(0, INET6_ADDRSTRLEN));
  in_addr v4{};
  if (::inet_pton(AF_INET, copy.c_str(), &v4) == 1) return from_v4(ntohl(v4.s_addr));
  std::array<std::uint8_t, 16> v6{};
  if (::inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) return from_v6(v6);
  return std::nullopt;
}

IpAddress IpAddress::from_v4(std::uint32_t host_order) {
  IpAddress address;
  std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin());
  for (std::size_t i = 0; i < 4; ++i) {
    address.bytes_[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  }
  return address;
}

IpAddress IpAddress::from_v6(const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.bytes_ = bytes;
  return address;
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

std::string IpAddress::text() const {
  char buffer[INET6_ADDRSTRLEN] = {};
  if (is_v4()) {
    ::inet_ntop(AF_INET, &bytes_[12], buffer, sizeof buffer);
  } else {
    ::inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  }
  return buffer;
}

bool IpAddress::is_global() const {
  if (is_v4()) {
    const std::uint32_t address = v4_of(bytes_);
    return std::none_of(std::begin(kSpecialV4), std::end(kSpecialV4), [&](const V4Range& range) {
      return (address >> (32 - range.bits)) == (range.network >> (32 - range.bits));
    });
  }
  if ((bytes_[0] & 0xe0) != 0x20) return false;  // 2000::/3
  const std::uint64_t address = upper_half_of(bytes_);
  return std::none_of(std::begin(kSpecialV6), std::end(kSpecialV6), [&](const V6Range& range) {
    return (address >> (64 - range.bits)) == (range.network >> (64 - range.bits));
  });
}

std::uint32_t IpAddress::v4() const {
  return v4_of(bytes_);
}

IpAddress IpAddress::subscriber() const {
  if (is_v4()) return *this;
  IpAddress network = *this;
  std::fill(network.bytes_.begin() + 8, network.bytes_.end(), std::uint8_t{0});
  return network;
}

std::string IpEndpoint::text() const {
  const std::string host = address.text();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace bellhop::base
