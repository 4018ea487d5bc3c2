// Nonces that nobody has to remember (RFC 8489 §9.2, TURN-A04, TURN-A05).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "component/base/clock.hpp"
#include "component/base/ip_address.hpp"

namespace bellhop::turn {

/// What the nonce cookie promises: bits of RFC 8489 §18.1.
struct SecurityFeatures {
  bool password_algorithms = true;
  bool username_anonymity = false;
};

/// Says when it was made, for which source, and that it was made here: a time stamp and a truncated
/// HMAC-SHA-256 over it and the client's address and port. The key is drawn at start. Any thread.
class NonceSource {
 public:
  /// `obMatJos2`, 4 characters of features, 16 of time stamp and code.
  static constexpr std::size_t kBytes = 29;
  using Text = std::array<char, kBytes>;

  NonceSource(SecurityFeatures features, std::chrono::seconds lifetime);

  [[nodiscard]] Text make(const base::IpEndpoint& client, base::TimePoint now) const;
  /// False: foreign, altered, of another source, or too old. All of them are answered 438.
  [[nodiscard]] bool is_valid(std::string_view nonce, const base::IpEndpoint& client,
                              base::TimePoint now) const;
  [[nodiscard]] const SecurityFeatures& features() const { return features_; }

 private:
  SecurityFeatures features_;
  std::chrono::seconds lifetime_;
  std::array<std::uint8_t, 32> key_{};
};

}  // namespace bellhop::turn
