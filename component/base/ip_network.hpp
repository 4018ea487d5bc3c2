// A range of IP addresses with a common prefix.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "component/base/ip_address.hpp"

namespace bellhop::base {

/// A network in the notation of RFC 4632 §3.1 and RFC 4291 §2.3. An IPv4 network holds the mapped
/// form of its addresses too, because IpAddress makes no difference.
class IpNetwork {
 public:
  /// `address/bits`, or an address alone, which is a network of one. Bits behind the prefix are
  /// cleared. Empty for anything else: more bits than the address has, signs, blanks.
  [[nodiscard]] static std::optional<IpNetwork> parse(std::string_view text);

  [[nodiscard]] bool contains(const IpAddress& address) const;
  /// The one spelling of this network; of a single address without a slash.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const IpNetwork&, const IpNetwork&) = default;

 private:
  IpNetwork(const IpAddress& address, unsigned bits);

  IpAddress address_;  // its first
  unsigned bits_;      // of the 128 of the mapped form
};

}  // namespace bellhop::base
