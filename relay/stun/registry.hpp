// Numbers of STUN and TURN: methods, classes, attributes, error codes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bellhop::stun {

/// RFC 8489 §5: bytes of the header; the magic cookie.
inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::uint32_t kMagicCookie = 0x2112A442;

using TransactionId = std::array<std::uint8_t, 12>;

/// RFC 8489 §5: the two class bits of a message type.
enum class MessageClass : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

/// RFC 8489 §18.2, RFC 8656 §17, RFC 6062 §6.1.
enum class Method : std::uint16_t {
  binding = 0x001,
  allocate = 0x003,
  refresh = 0x004,
  send = 0x006,
  data = 0x007,
  create_permission = 0x008,
  channel_bind = 0x009,
  connect = 0x00A,
  connection_bind = 0x00B,
  connection_attempt = 0x00C,
};

/// RFC 8489 §18.3, RFC 8656 §18, RFC 6062 §6.2. Below 0x8000: who does not know it must refuse.
enum class AttributeType : std::uint16_t {
  mapped_address = 0x0001,
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000A,
  channel_number = 0x000C,
  lifetime = 0x000D,
  xor_peer_address = 0x0012,
  data = 0x0013,
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,
  requested_address_family = 0x0017,
  even_port = 0x0018,
  requested_transport = 0x0019,
  dont_fragment = 0x001A,
  message_integrity_sha256 = 0x001C,
  password_algorithm = 0x001D,
  userhash = 0x001E,
  xor_mapped_address = 0x0020,
  reservation_token = 0x0022,
  connection_id = 0x002A,
  additional_address_family = 0x8000,
  address_error_code = 0x8001,
  password_algorithms = 0x8002,
  alternate_domain = 0x8003,
  icmp = 0x8004,
  software = 0x8022,
  alternate_server = 0x8023,
  fingerprint = 0x8028,
};

/// RFC 8489 §14.8, RFC 8656 §19, RFC 6062 §6.3.
enum class ErrorCode : std::uint16_t {
  try_alternate = 300,
  bad_request = 400,
  unauthenticated = 401,
  forbidden = 403,
  unknown_attribute = 420,
  allocation_mismatch = 437,
  stale_nonce = 438,
  address_family_not_supported = 440,
  wrong_credentials = 441,
  unsupported_transport = 442,
  peer_address_family_mismatch = 443,
  connection_already_exists = 446,
  connection_timeout_or_failure = 447,
  allocation_quota_reached = 486,
  server_error = 500,
  insufficient_capacity = 508,
};

/// RFC 8656 §18.8 and RFC 8489 §14.1.
enum class AddressFamily : std::uint8_t { ipv4 = 0x01, ipv6 = 0x02 };

/// RFC 8489 §18.5.
enum class PasswordAlgorithm : std::uint16_t { md5 = 0x0001, sha256 = 0x0002 };

/// Which attribute carries the integrity of a message.
enum class Integrity : std::uint8_t { none, sha1, sha256 };

}  // namespace bellhop::stun
