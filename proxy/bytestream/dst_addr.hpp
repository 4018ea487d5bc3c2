// The name of a bytestream towards SOCKS5: SHA1(SID + requester + target), XEP-0065 §6.3.2.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "component/xmpp/jid.hpp"

namespace bellhop::bytestream {

/// The 20 bytes behind the 40 hexadecimal digits. A capability until both parties are connected:
/// logs show no more than short_text().
class DstAddr {
 public:
  static constexpr std::size_t kHexDigits = 40;

  /// 40 hexadecimal digits in either case; empty for anything else (S5B-25).
  [[nodiscard]] static std::optional<DstAddr> from_hex(std::string_view hex);
  /// `sid` exactly as received; JIDs prepared, full or bare as the activation names them.
  [[nodiscard]] static DstAddr of(std::string_view sid, const xmpp::Jid& requester,
                                  const xmpp::Jid& target);

  /// The first 8 digits: enough to follow a stream through a log, useless to whoever reads it.
  [[nodiscard]] std::string short_text() const;
  [[nodiscard]] std::string hex() const;

  friend bool operator==(const DstAddr&, const DstAddr&) = default;
  [[nodiscard]] const std::array<std::uint8_t, 20>& bytes() const { return bytes_; }

 private:
  std::array<std::uint8_t, 20> bytes_{};
};

}  // namespace bellhop::bytestream

template <>
struct std::hash<bellhop::bytestream::DstAddr> {
  // Clients choose these bytes, and may choose them alike: mix all of them with the library's hash.
  std::size_t operator()(const bellhop::bytestream::DstAddr& address) const noexcept {
    const auto& bytes = address.bytes();
    const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return std::hash<std::string_view>{}(view);
  }
};
