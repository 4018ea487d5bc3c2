// What libnice, which clients use, makes of a STUN message: the same questions as to our reader.
#pragma once

#include <cstdint>
#include <optional>

#include "component/base/ip_address.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

#ifdef BELLHOP_WITH_LIBNICE
#include <netinet/in.h>
#include <stun/stunagent.h>
#include <sys/socket.h>

#include <cstring>

#include "component/base/error.hpp"

namespace bellhop::fuzz {

/// libnice's reader over bytes that outlive it. RFC 5389: it knows neither MESSAGE-INTEGRITY-SHA256
/// nor what comes with it.
class SecondOpinion {
 public:
  /// Its 16 bits of length wrap beyond this one.
  static constexpr std::size_t kBytesMax = 65535;

  explicit SecondOpinion(stun::Bytes bytes) : bytes_(bytes) {
    stun_agent_init(&agent_, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389, kNoFlags);
    message_.agent = &agent_;
    message_.buffer = const_cast<std::uint8_t*>(bytes.data());  // it only reads
    message_.buffer_len = bytes.size();
  }

  /// One whole message with the cookie, and with attributes that end where it does.
  [[nodiscard]] bool is_message() const {
    const auto size = static_cast<int>(bytes_.size());
    return bytes_.size() >= stun::kHeaderBytes &&
           stun_message_validate_buffer_length(bytes_.data(), bytes_.size(), true) == size &&
           stun_message_has_cookie(&message_);
  }
  // All others need is_message().
  [[nodiscard]] unsigned message_class() const { return stun_message_get_class(&message_); }
  [[nodiscard]] unsigned method() const { return stun_message_get_method(&message_); }

  [[nodiscard]] stun::TransactionId id() const {
    StunTransactionId whole;  // with the cookie
    stun_message_id(&message_, whole);
    stun::TransactionId id;
    std::memcpy(id.data(), whole + 4, id.size());
    return id;
  }

  [[nodiscard]] std::optional<stun::Bytes> find(unsigned type) const {
    std::uint16_t size = 0;
    const void* const value = stun_message_find(&message_, StunAttribute(type), &size);
    if (value == nullptr) return std::nullopt;
    return stun::Bytes(static_cast<const std::uint8_t*>(value), size);
  }

  [[nodiscard]] std::optional<std::uint32_t> find_u32(unsigned type) const {
    std::uint32_t value = 0;
    const auto result = stun_message_find32(&message_, StunAttribute(type), &value);
    if (result != STUN_MESSAGE_RETURN_SUCCESS) return std::nullopt;
    return value;
  }

  [[nodiscard]] std::optional<base::IpEndpoint> find_xor_address(unsigned type) const {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    const auto result = stun_message_find_xor_addr(&message_, StunAttribute(type), &storage, &size);
    if (result != STUN_MESSAGE_RETURN_SUCCESS) return std::nullopt;
    base::IpEndpoint endpoint;
    if (storage.ss_family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, &storage, sizeof v4);
      endpoint.address = base::IpAddress::from_v4(ntohl(v4.sin_addr.s_addr));
      endpoint.port = ntohs(v4.sin_port);
      return endpoint;
    }
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    std::array<std::uint8_t, 16> address{};
    std::memcpy(address.data(), &v6.sin6_addr, address.size());
    endpoint.address = base::IpAddress::from_v6(address);
    endpoint.port = ntohs(v6.sin6_port);
    return endpoint;
  }

  [[nodiscard]] std::optional<int> error_code() const {
    int code = 0;
    if (stun_message_find_error(&message_, &code) != STUN_MESSAGE_RETURN_SUCCESS) {
      return std::nullopt;
    }
    return code;
  }

  /// Takes for granted that the attribute is the last one.
  [[nodiscard]] bool has_right_fingerprint() const {
    return validate(STUN_AGENT_USAGE_USE_FINGERPRINT, {}) != STUN_VALIDATION_BAD_REQUEST;
  }

  /// MESSAGE-INTEGRITY, which must be there with 20 bytes: it reads as many in any case.
  [[nodiscard]] bool has_integrity_of(stun::Bytes key) const {
    const auto status = validate(kNoFlags, key);
    return status == STUN_VALIDATION_SUCCESS || status == STUN_VALIDATION_UNKNOWN_ATTRIBUTE ||
           status == STUN_VALIDATION_UNKNOWN_REQUEST_ATTRIBUTE;
  }

 private:
  static constexpr auto kNoFlags = StunAgentUsageFlags(0);

  static bool give_key(StunAgent*, StunMessage*, std::uint8_t*, std::uint16_t,
                       std::uint8_t** password, std::size_t* size, void* key) {
    const auto& bytes = *static_cast<const stun::Bytes*>(key);
    *password = const_cast<std::uint8_t*>(bytes.data());
    *size = bytes.size();
    return true;
  }

  [[nodiscard]] StunValidationStatus validate(StunAgentUsageFlags flags, stun::Bytes key) const {
    StunAgent agent;
    if (key.empty()) flags = StunAgentUsageFlags(flags | STUN_AGENT_USAGE_IGNORE_CREDENTIALS);
    stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389, flags);
    // Integrity of a response is checked with the key of the request that it answers: there was
    // one.
    StunAgentSavedIds& sent = agent.sent_ids[0];
    sent = {};
    stun_message_id(&message_, sent.id);
    sent.method = stun_message_get_method(&message_);
    sent.key = const_cast<std::uint8_t*>(key.data());
    sent.key_len = key.size();
    sent.valid = !key.empty();
    StunMessage message;
    return stun_agent_validate(&agent, &message, bytes_.data(), bytes_.size(), give_key, &key);
  }

  stun::Bytes bytes_;
  StunAgent agent_{};
  StunMessage message_{};
};

}  // namespace bellhop::fuzz
#endif
