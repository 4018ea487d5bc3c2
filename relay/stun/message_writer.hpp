// Writes a STUN message into memory of the caller (RFC 8489 §5, §14).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "component/base/ip_address.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::stun {

/// Padding is zero (STN-08, and so that nothing of the memory leaks). What does not fit makes the
/// whole message empty: finish() tells. No allocation.
class MessageWriter {
 public:
  /// `buffer` outlives the writer.
  MessageWriter(std::span<std::uint8_t> buffer, MessageClass message_class, Method method,
                const TransactionId& id);

  void add(AttributeType type, Bytes value);
  void add_text(AttributeType type, std::string_view text) { add(type, to_bytes(text)); }
  void add_u32(AttributeType type, std::uint32_t value);
  /// XOR-MAPPED-, XOR-PEER-, XOR-RELAYED-ADDRESS (STN-09).
  void add_xor_address(AttributeType type, const base::IpEndpoint& address);
  /// MAPPED-ADDRESS, ALTERNATE-SERVER.
  void add_address(AttributeType type, const base::IpEndpoint& address);
  /// ERROR-CODE with the reason phrase of the registry, or without (STN-14, STN-17).
  void add_error(ErrorCode code, bool has_reason = false);
  /// ADDRESS-ERROR-CODE (RFC 8656 §18.13).
  void add_address_error(AddressFamily family, ErrorCode code);
  void add_unknown(std::span<const std::uint16_t> types);
  /// Over everything before it, as RFC 8489 §14.5 and §14.6 want it; Integrity::none adds nothing.
  void add_integrity(Integrity integrity, Bytes key);
  /// The last one.
  void add_fingerprint();

  /// The message with its length set; empty: it did not fit.
  [[nodiscard]] Bytes finish();

 private:
  [[nodiscard]] std::uint8_t* room_for(AttributeType type, std::size_t size);

  std::span<std::uint8_t> buffer_;
  std::size_t size_ = 0;
  bool is_full_ = false;
};

/// The reason phrase of RFC 8489 and RFC 8656.
[[nodiscard]] std::string_view reason_of(ErrorCode code);

}  // namespace bellhop::stun
