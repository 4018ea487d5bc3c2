#include "relay/stun/message.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

#include "relay/stun/integrity.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {
namespace {

constexpr std::uint16_t kOptional = 0x8000;  // RFC 8489 §14: may be ignored when not known

constexpr std::array kKnown{
    AttributeType::mapped_address,
    AttributeType::username,
    AttributeType::message_integrity,
    AttributeType::error_code,
    AttributeType::unknown_attributes,
    AttributeType::channel_number,
    AttributeType::lifetime,
    AttributeType::xor_peer_address,
    AttributeType::data,
    AttributeType::realm,
    AttributeType::nonce,
    AttributeType::xor_relayed_address,
    AttributeType::requested_address_family,
    AttributeType::even_port,
    AttributeType::requested_transport,
    AttributeType::dont_fragment,
    AttributeType::message_integrity_sha256,
    AttributeType::password_algorithm,
    AttributeType::userhash,
    AttributeType::xor_mapped_address,
    AttributeType::reservation_token,
    AttributeType::connection_id,
    AttributeType::additional_address_family,
    AttributeType::address_error_code,
    AttributeType::password_algorithms,
    AttributeType::alternate_domain,
    AttributeType::icmp,
    AttributeType::software,
    AttributeType::alternate_server,
    AttributeType::fingerprint,
};

// Types of both ranges are small numbers: one table for each, from the low byte to the place.
constexpr std::size_t kTypesInRange = 0x2B;
using PlaceNumbers = std::array<std::uint8_t, kTypesInRange>;

constexpr PlaceNumbers number_places(std::uint16_t range) {
  PlaceNumbers numbers{};
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    const auto type = static_cast<std::uint16_t>(kKnown[i]);
    if ((type & kOptional) == range) numbers[type & 0x7FFFU] = static_cast<std::uint8_t>(i + 1);
  }
  return numbers;
}

constexpr PlaceNumbers kRequiredPlaces = number_places(0);
constexpr PlaceNumbers kOptionalPlaces = number_places(kOptional);

// 0: not known.
std::size_t place_of(std::uint16_t type) {
  const std::size_t low = type & 0x7FFFU;
  if (low >= kTypesInRange) return 0;
  return (type & kOptional) != 0 ? kOptionalPlaces[low] : kRequiredPlaces[low];
}

// RFC 8489 §5, figure 3: the bits of class and method are mixed.
constexpr Method method_of(std::uint16_t type) {
  return Method((type & 0x000FU) | ((type & 0x00E0U) >> 1) | ((type & 0x3E00U) >> 2));
}
constexpr MessageClass class_of(std::uint16_t type) {
  return MessageClass(((type & 0x0010U) >> 4) | ((type & 0x0100U) >> 7));
}

}  // namespace

std::optional<Message> Message::parse(Bytes bytes) {
  if (bytes.size() < kHeaderBytes) return std::nullopt;
  const std::uint16_t type = load16(bytes.data());
  const std::size_t length = load16(bytes.data() + 2);
  const bool is_header = (type & 0xC000U) == 0 && load32(bytes.data() + 4) == kMagicCookie &&
                         length % 4 == 0 && length == bytes.size() - kHeaderBytes;
  if (!is_header) return std::nullopt;
  Message message;
  message.bytes_ = bytes;
  message.class_ = class_of(type);
  message.method_ = method_of(type);
  std::memcpy(message.id_.data(), bytes.data() + 8, message.id_.size());
  if (!message.read_attributes()) return std::nullopt;
  return message;
}

bool Message::read_attributes() {
  static_assert(kPlaces == kKnown.size() + 1);
  const Bytes body = bytes_.subspan(kHeaderBytes);
  counted_ = body.size();
  // The body is a multiple of four, and so is what an attribute takes: its header is always there,
  // and so is its padding if its value is.
  for (std::size_t at = 0; at < body.size();) {
    const std::uint16_t type = load16(body.data() + at);
    const std::uint16_t size = load16(body.data() + at + 2);
    const std::size_t begin = at + kAttributeHeaderBytes;
    if (size > body.size() - begin) return false;
    const std::size_t end = begin + padded(size);
    if (AttributeType(type) == AttributeType::fingerprint) {
      // RFC 8489 §14.7: the last one, wherever it counts.
      if (end != body.size() || size != 4) return false;
      if (load32(body.data() + begin) != fingerprint_of(bytes_.first(kHeaderBytes + at))) {
        return false;
      }
    }
    read_attribute(type, {.offset = static_cast<std::uint16_t>(begin), .size = size});
    at = end;
  }
  return true;
}

void Message::read_attribute(std::uint16_t type, Place place) {
  const auto known = AttributeType(type);
  const std::size_t begin = place.offset - kAttributeHeaderBytes;
  if (begin >= counted_) {
    // RFC 8489 §14.5, §14.6: what stands behind an integrity is not covered by it. A second
    // MESSAGE-INTEGRITY-SHA256 is not the first one, and so does not count either.
    if (known != AttributeType::message_integrity_sha256 && known != AttributeType::fingerprint) {
      return;
    }
  } else if (known == AttributeType::message_integrity ||
             known == AttributeType::message_integrity_sha256) {
    counted_ = begin;
  }
  const std::size_t number = place_of(type);
  if (number == 0) {
    if ((type & kOptional) == 0) add_unknown(type);
    return;
  }
  // RFC 8489 §14: only the first occurrence needs to be processed.
  if (places_[number].offset == 0) places_[number] = place;
}

void Message::add_unknown(std::uint16_t type) {
  const auto known = unknown();
  if (known.size() == kUnknownMax || std::ranges::find(known, type) != known.end()) return;
  unknown_[unknown_count_++] = type;
}

std::optional<Bytes> Message::find(AttributeType type) const {
  const Place place = places_[place_of(static_cast<std::uint16_t>(type))];
  if (place.offset == 0) return std::nullopt;
  return bytes_.subspan(kHeaderBytes + place.offset, place.size);
}

std::optional<Bytes> Message::find_behind(AttributeType type, Bytes value) const {
  const Bytes body = bytes_.subspan(kHeaderBytes);
  std::size_t at = static_cast<std::size_t>(value.data() - body.data()) + padded(value.size());
  while (at < counted_) {
    const std::size_t size = load16(body.data() + at + 2);
    if (AttributeType(load16(body.data() + at)) == type) {
      return body.subspan(at + kAttributeHeaderBytes, size);
    }
    at += kAttributeHeaderBytes + padded(size);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Message::find_u32(AttributeType type) const {
  const auto value = find(type);
  if (!value || value->size() != 4) return std::nullopt;
  return load32(value->data());
}

std::optional<base::IpEndpoint> Message::find_xor_address(AttributeType type) const {
  const auto value = find(type);
  if (!value) return std::nullopt;
  return read_xor_address(*value);
}

std::optional<base::IpEndpoint> Message::read_xor_address(Bytes value) const {
  if (value.size() < 4) return std::nullopt;
  // RFC 8489 §14.1: the first 8 bits MUST be ignored by receivers.
  const auto family = AddressFamily(value[1]);
  const std::size_t size = family == AddressFamily::ipv4 ? 4 : 16;
  const bool is_known = family == AddressFamily::ipv4 || family == AddressFamily::ipv6;
  if (!is_known || value.size() != 4 + size) return std::nullopt;
  base::IpEndpoint endpoint;
  endpoint.port = static_cast<std::uint16_t>(load16(value.data() + 2) ^ (kMagicCookie >> 16));
  if (family == AddressFamily::ipv4) {
    endpoint.address = base::IpAddress::from_v4(load32(value.data() + 4) ^ kMagicCookie);
    return endpoint;
  }
  // The cookie and the transaction id stand side by side in the header.
  std::array<std::uint8_t, 16> address{};
  for (std::size_t i = 0; i < address.size(); ++i) {
    address[i] = static_cast<std::uint8_t>(value[4 + i] ^ bytes_[4 + i]);
  }
  endpoint.address = base::IpAddress::from_v6(address);
  return endpoint;
}

std::optional<int> Message::error_code() const {
  const auto value = find(AttributeType::error_code);
  if (!value || value->size() < 4) return std::nullopt;
  // RFC 8489 §14.8: the class is 3 to 6, the number 0 to 99; the 21 bits before are reserved.
  const int hundreds = (*value)[2] & 0x07;
  const int number = (*value)[3];
  if (hundreds < 3 || hundreds > 6 || number > 99) return std::nullopt;
  return hundreds * 100 + number;
}

Integrity Message::integrity() const {
  if (has(AttributeType::message_integrity_sha256)) return Integrity::sha256;
  return has(AttributeType::message_integrity) ? Integrity::sha1 : Integrity::none;
}

bool Message::has_integrity_of(Bytes key) const {
  const Integrity kind = integrity();
  if (kind == Integrity::none) return false;
  const auto type = kind == Integrity::sha256 ? AttributeType::message_integrity_sha256
                                              : AttributeType::message_integrity;
  const Place place = places_[place_of(static_cast<std::uint16_t>(type))];
  if (place.size != integrity_bytes(kind)) return false;
  const std::size_t begin = kHeaderBytes + place.offset;
  const SignedPart part{.key = key, .before = bytes_.first(begin - kAttributeHeaderBytes)};
  const IntegrityCode code = integrity_code(kind, part);
  return CRYPTO_memcmp(code.bytes.data(), bytes_.data() + begin, code.size) == 0;
}

}  // namespace bellhop::stun
