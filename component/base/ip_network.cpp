#include "component/base/ip_network.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

namespace bellhop::base {
namespace {

constexpr unsigned kAllBits = 128;
constexpr unsigned kMappedBits = 96;  // RFC 4291 §2.5.5.2: what stands before an IPv4 address

IpAddress first_of(const IpAddress& address, unsigned bits) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto kept = std::clamp(static_cast<int>(bits) - static_cast<int>(8 * i), 0, 8);
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xFF00u >> kept));
  }
  return IpAddress::from_v6(bytes);
}

// One spelling: "/08" stays out.
std::optional<unsigned> parse_bits(std::string_view text, unsigned bits_max) {
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data(), end, bits);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0';
  if (error != std::errc() || parsed != end || has_leading_zero || bits > bits_max) {
    return std::nullopt;
  }
  return bits;
}

}  // namespace

IpNetwork::IpNetwork(const IpAddress& address, unsigned bits)
    : address_(first_of(address, bits)), bits_(bits) {}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view literal = text.substr(0, slash);
  const auto address = IpAddress::parse(literal);
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return IpNetwork(*address, kAllBits);
  // A mapped address in IPv6 notation counts its bits from the front of the IPv6 form.
  const bool is_dotted = literal.find(':') == std::string_view::npos;
  const unsigned before = is_dotted ? kMappedBits : 0;
  const auto bits = parse_bits(text.substr(slash + 1), kAllBits - before);
  if (!bits) return std::nullopt;
  return IpNetwork(*address, before + *bits);
}

bool IpNetwork::contains(const IpAddress& address) const {
  const auto& bytes = address.bytes();
  const auto& wanted = address_.bytes();
  const std::size_t whole = bits_ / 8;
  if (!std::equal(bytes.begin(), bytes.begin() + whole, wanted.begin())) return false;
  const unsigned rest = bits_ % 8;
  return rest == 0 || ((bytes[whole] ^ wanted[whole]) >> (8 - rest)) == 0;
}

std::string IpNetwork::text() const {
  if (bits_ == kAllBits) return address_.text();
  // A prefix shorter than that of the mapped form holds more than IPv4 and is written as IPv6.
  const bool is_v4 = address_.is_v4() && bits_ >= kMappedBits;
  return address_.text() + '/' + std::to_string(is_v4 ? bits_ - kMappedBits : bits_);
}

}  // namespace bellhop::base
