// What MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256 and FINGERPRINT say (RFC 8489 §14.5 to §14.7).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::stun {

/// Bytes of the code: RFC 8489 §14.5, and §14.6 without truncation.
[[nodiscard]] constexpr std::size_t integrity_bytes(Integrity kind) {
  if (kind == Integrity::none) return 0;
  return kind == Integrity::sha1 ? 20 : 32;
}

/// An HMAC: 20 bytes or 32; none for Integrity::none.
struct IntegrityCode {
  std::array<std::uint8_t, 32> bytes{};
  std::size_t size = 0;

  [[nodiscard]] Bytes view() const { return {bytes.data(), size}; }
};

/// What goes into the code.
struct SignedPart {
  Bytes key;     ///< of any length
  Bytes before;  ///< the message up to the attribute: a header at least
};

/// The length field is taken as if the attribute were the last one, whatever `before` has there.
/// No allocation.
[[nodiscard]] IntegrityCode integrity_code(Integrity kind, const SignedPart& part);

/// Of the message up to the attribute; its length field counts FINGERPRINT already.
[[nodiscard]] std::uint32_t fingerprint_of(Bytes before);

}  // namespace bellhop::stun
