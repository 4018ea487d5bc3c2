// IP addresses and endpoints as values, without sockets.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bellhop::base {

/// An IPv4 or IPv6 address; IPv4 is kept in its mapped form ::ffff:a.b.c.d.
class IpAddress {
 public:
  /// A literal without brackets or zone; empty for anything else.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] static IpAddress from_v4(std::uint32_t host_order);
  [[nodiscard]] static IpAddress from_v6(const std::array<std::uint8_t, 16>& bytes);

  [[nodiscard]] bool is_v4() const;
  /// The last four bytes in host order: the whole of an IPv4 address, and where many IPv6 addresses
  /// that embed one have it.
  [[nodiscard]] std::uint32_t v4() const;
  /// RFC 5952 text; IPv4 in dotted form.
  [[nodiscard]] std::string text() const;
  /// Whether the public internet may route to it: not private, loopback, link-local, shared, unique
  /// local, multicast, documentation, unspecified or otherwise in one of IANA's special-purpose
  /// registries, nor of their infrastructure that everybody reaches (AS112, 6to4 relays).
  [[nodiscard]] bool is_global() const;
  /// What one subscriber usually has: the IPv4 address, or the /64 of an IPv6 address.
  [[nodiscard]] IpAddress subscriber() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// An address and a TCP or UDP port.
struct IpEndpoint {
  IpAddress address;
  std::uint16_t port = 0;
  /// `a.b.c.d:port` or `[v6]:port`.
  [[nodiscard]] std::string text() const;
};

}  // namespace bellhop::base

template <>
struct std::hash<bellhop::base::IpAddress> {
  std::size_t operator()(const bellhop::base::IpAddress& address) const noexcept {
    const auto& bytes = address.bytes();
    const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return std::hash<std::string_view>{}(view);
  }
};
