// STUN messages put together by hand: also those that our writer would never make.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <utility>
#include <vector>

#include "relay/stun/integrity.hpp"
#include "relay/stun/wire.hpp"

namespace bellhop::stun {

using Octets = std::vector<std::uint8_t>;

/// Of 12 bytes that are all different.
inline constexpr TransactionId kTestId{0xB7, 0xE7, 0xA7, 0x01, 0xBC, 0x34,
                                       0xD6, 0x86, 0xFA, 0x87, 0xDF, 0xAE};

inline void append(Octets& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

/// An attribute with `padding` for each byte that is missing to four.
[[nodiscard]] inline Octets attribute(unsigned type, const Octets& value,
                                      std::uint8_t padding = 0) {
  Octets bytes(4);
  store16(bytes.data(), static_cast<std::uint16_t>(type));
  store16(bytes.data() + 2, static_cast<std::uint16_t>(value.size()));
  append(bytes, value);
  bytes.resize(padded(bytes.size()), padding);
  return bytes;
}
[[nodiscard]] inline Octets attribute(AttributeType type, const Octets& value,
                                      std::uint8_t padding = 0) {
  return attribute(static_cast<unsigned>(type), value, padding);
}

/// Sets the length field to what there is.
inline void set_length(Octets& message) {
  store16(message.data() + 2, static_cast<std::uint16_t>(message.size() - kHeaderBytes));
}

[[nodiscard]] inline Octets message_of(std::initializer_list<Octets> attributes,
                                       std::uint16_t type = 0x0001) {
  Octets message(8);
  store16(message.data(), type);
  store32(message.data() + 4, kMagicCookie);
  append(message, kTestId);
  for (const Octets& each : attributes) append(message, each);
  set_length(message);
  return message;
}

/// The message with one more attribute behind it.
[[nodiscard]] inline Octets with(Octets message, const Octets& more) {
  append(message, more);
  set_length(message);
  return message;
}

/// The message with an integrity over all of it.
[[nodiscard]] inline Octets with_integrity(const Octets& message, Integrity kind, Bytes key) {
  const SignedPart part{.key = key, .before = message};
  const IntegrityCode code = integrity_code(kind, part);
  const auto type = kind == Integrity::sha256 ? AttributeType::message_integrity_sha256
                                              : AttributeType::message_integrity;
  return with(message, attribute(type, {code.bytes.begin(),
                                        code.bytes.begin() + static_cast<int>(code.size)}));
}

[[nodiscard]] inline Octets with_fingerprint(Octets message) {
  Octets finished = with(message, attribute(AttributeType::fingerprint, Octets(4)));
  const Bytes before = Bytes(finished).first(message.size());
  store32(finished.data() + message.size() + 4, fingerprint_of(before));
  return finished;
}

/// Type and value of all attributes, whether they count or not, by the slowest way there is; throws
/// std::out_of_range where a message is not well-formed.
[[nodiscard]] inline std::vector<std::pair<unsigned, Octets>> attributes_of(const Octets& message) {
  std::vector<std::pair<unsigned, Octets>> found;
  for (std::size_t at = kHeaderBytes; at < message.size();) {
    const unsigned type = message.at(at) * 256U + message.at(at + 1);
    std::size_t left = message.at(at + 2) * 256U + message.at(at + 3);
    at += 4;
    Octets value;
    for (; left > 0; --left) value.push_back(message.at(at++));
    while (at % 4 != 0) (void)message.at(at++);
    found.emplace_back(type, value);
  }
  return found;
}

}  // namespace bellhop::stun
