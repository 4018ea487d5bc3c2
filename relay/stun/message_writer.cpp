#include "relay/stun/message_writer.hpp"

#include <algorithm>
#include <iterator>

#include "relay/stun/integrity.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

constexpr std::size_t kLengthMax = 65532;  // RFC 8489 §5: 16 bits, a multiple of 4

// RFC 8489 §5, figure 3: the bits of class and method are mixed.
constexpr std::uint16_t type_of(MessageClass message_class, Method method) {
  const auto kind = static_cast<unsigned>(message_class);
  const auto number = static_cast<unsigned>(method);
  return static_cast<std::uint16_t>((number & 0x00FU) | ((number & 0x070U) << 1) |
                                    ((number & 0xF80U) << 2) | ((kind & 1U) << 4) |
                                    ((kind & 2U) << 7));
}

std::span<const std::uint8_t> address_bytes(const base::IpAddress& address) {
  const std::span<const std::uint8_t> bytes = address.bytes();
  return address.is_v4() ? bytes.last(4) : bytes;
}

void store_address(std::uint8_t* value, const base::IpEndpoint& address) {
  const auto bytes = address_bytes(address.address);
  const auto family = bytes.size() == 4 ? AddressFamily::ipv4 : AddressFamily::ipv6;
  value[0] = 0;
  value[1] = static_cast<std::uint8_t>(family);
  store16(value + 2, address.port);
  std::ranges::copy(bytes, value + 4);
}

// RFC 8489 §14.8: 21 reserved bits, the hundreds, the rest.
void store_error(std::uint8_t* value, ErrorCode code) {
  const auto number = static_cast<unsigned>(code);
  store32(value, ((number / 100) << 8) | (number % 100));
}

// RFC 8489 §14.8, RFC 8656 §19, RFC 6062 §6.3.
struct Reason {
  ErrorCode code;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {
    {ErrorCode::try_alternate, "Try Alternate"},
    {ErrorCode::bad_request, "Bad Request"},
    {ErrorCode::unauthenticated, "Unauthenticated"},
    {ErrorCode::forbidden, "Forbidden"},
    {ErrorCode::unknown_attribute, "Unknown Attribute"},
    {ErrorCode::allocation_mismatch, "Allocation Mismatch"},
    {ErrorCode::stale_nonce, "Stale Nonce"},
    {ErrorCode::address_family_not_supported, "Address Family not Supported"},
    {ErrorCode::wrong_credentials, "Wrong Credentials"},
    {ErrorCode::unsupported_transport, "Unsupported Transport Protocol"},
    {ErrorCode::peer_address_family_mismatch, "Peer Address Family Mismatch"},
    {ErrorCode::connection_already_exists, "Connection Already Exists"},
    {ErrorCode::connection_timeout_or_failure, "Connection Timeout or Failure"},
    {ErrorCode::allocation_quota_reached, "Allocation Quota Reached"},
    {ErrorCode::server_error, "Server Error"},
    {ErrorCode::insufficient_capacity, "Insufficient Capacity"},
};

}  // namespace

MessageWriter::MessageWriter(std::span<std::uint8_t> buffer, MessageClass message_class,
                             Method method, const TransactionId& id)
    : buffer_(buffer), is_full_(buffer.size() < kHeaderBytes) {
  if (is_full_) return;
  store16(buffer_.data(), type_of(message_class, method));
  store16(buffer_.data() + 2, 0);
  store32(buffer_.data() + 4, kMagicCookie);
  std::ranges::copy(id, buffer_.data() + 8);
  size_ = kHeaderBytes;
}

std::uint8_t* MessageWriter::room_for(AttributeType type, std::size_t size) {
  // A multiple of four, so that what fits does with its padding.
  const std::size_t room = (std::min(buffer_.size(), kHeaderBytes + kLengthMax) - size_) / 4 * 4;
  if (is_full_ || room < kAttributeHeaderBytes || size > room - kAttributeHeaderBytes) {
    is_full_ = true;
    return nullptr;
  }
  std::uint8_t* const begin = buffer_.data() + size_;
  std::uint8_t* const value = begin + kAttributeHeaderBytes;
  store16(begin, static_cast<std::uint16_t>(type));
  store16(begin + 2, static_cast<std::uint16_t>(size));
  std::fill(value + size, value + padded(size), std::uint8_t{0});
  size_ += kAttributeHeaderBytes + padded(size);
  return value;
}

void MessageWriter::add(AttributeType type, Bytes value) {
  std::uint8_t* const at = room_for(type, value.size());
  if (at != nullptr) std::ranges::copy(value, at);
}

void MessageWriter::add_u32(AttributeType type, std::uint32_t value) {
  std::uint8_t* const at = room_for(type, 4);
  if (at != nullptr) store32(at, value);
}

void MessageWriter::add_xor_address(AttributeType type, const base::IpEndpoint& address) {
  const std::size_t size = 4 + address_bytes(address.address).size();
  std::uint8_t* const at = room_for(type, size);
  if (at == nullptr) return;
  store_address(at, address);
  // RFC 8489 §14.2: the port with the first half of the cookie; the address with the cookie and the
  // transaction id, which stand side by side in the header.
  const std::uint8_t* const mask = buffer_.data() + 4;
  for (std::size_t i = 2; i < 4; ++i) at[i] ^= mask[i - 2];
  for (std::size_t i = 4; i < size; ++i) at[i] ^= mask[i - 4];
}

void MessageWriter::add_address(AttributeType type, const base::IpEndpoint& address) {
  std::uint8_t* const at = room_for(type, 4 + address_bytes(address.address).size());
  if (at != nullptr) store_address(at, address);
}

void MessageWriter::add_error(ErrorCode code, bool has_reason) {
  const std::string_view reason = has_reason ? reason_of(code) : std::string_view();
  std::uint8_t* const at = room_for(AttributeType::error_code, 4 + reason.size());
  if (at == nullptr) return;
  store_error(at, code);
  std::ranges::copy(to_bytes(reason), at + 4);
}

void MessageWriter::add_address_error(AddressFamily family, ErrorCode code) {
  std::uint8_t* const at = room_for(AttributeType::address_error_code, 4);
  if (at == nullptr) return;
  store_error(at, code);
  at[0] = static_cast<std::uint8_t>(family);
}

void MessageWriter::add_unknown(std::span<const std::uint16_t> types) {
  std::uint8_t* at = room_for(AttributeType::unknown_attributes, 2 * types.size());
  if (at == nullptr) return;
  for (const std::uint16_t type : types) {
    store16(at, type);
    at += 2;
  }
}

void MessageWriter::add_integrity(Integrity integrity, Bytes key) {
  if (integrity == Integrity::none) return;
  const Bytes before = buffer_.first(size_);
  const auto type = integrity == Integrity::sha256 ? AttributeType::message_integrity_sha256
                                                   : AttributeType::message_integrity;
  std::uint8_t* const at = room_for(type, integrity_bytes(integrity));
  if (at == nullptr) return;
  const SignedPart part{.key = key, .before = before};
  const IntegrityCode code = integrity_code(integrity, part);
  std::ranges::copy(code.view(), at);
}

void MessageWriter::add_fingerprint() {
  const Bytes before = buffer_.first(size_);
  std::uint8_t* const at = room_for(AttributeType::fingerprint, 4);
  if (at == nullptr) return;
  // RFC 8489 §14.7: the length must be right already.
  (void)finish();
  store32(at, fingerprint_of(before));
}

Bytes MessageWriter::finish() {
  if (is_full_) return {};
  store16(buffer_.data() + 2, static_cast<std::uint16_t>(size_ - kHeaderBytes));
  return buffer_.first(size_);
}

std::string_view reason_of(ErrorCode code) {
  const auto* const row = std::ranges::find(kReasons, code, &Reason::code);
  return row == std::end(kReasons) ? std::string_view() : row->phrase;
}

}  // namespace bellhop::stun
