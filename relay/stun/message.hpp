// A STUN message as received (RFC 8489 §5, §14): checked once, then looked up without copying.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "component/base/ip_address.hpp"
#include "relay/stun/bytes.hpp"
#include "relay/stun/registry.hpp"

namespace bellhop::stun {

/// A view: the bytes it was parsed from must outlive it. No allocation.
class Message {
 public:
  /// Comprehension-required attributes we do not know that are told back (STN-04); those beyond are
  /// not.
  static constexpr std::size_t kUnknownMax = 16;

  /// Nothing unless `bytes` is exactly one well-formed message: first two bits zero, magic cookie,
  /// length a multiple of 4 and equal to what follows the header, attributes that end where the
  /// message does (STN-01). A FINGERPRINT that is not last or not right: nothing (STN-06).
  [[nodiscard]] static std::optional<Message> parse(Bytes bytes);

  [[nodiscard]] MessageClass message_class() const { return class_; }
  /// May be one that the registry has not.
  [[nodiscard]] Method method() const { return method_; }
  [[nodiscard]] const TransactionId& id() const { return id_; }
  [[nodiscard]] Bytes bytes() const { return bytes_; }

  /// The value of the first attribute of that type which counts (STN-07, STN-08): behind
  /// MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and FINGERPRINT do, behind
  /// MESSAGE-INTEGRITY-SHA256 only FINGERPRINT. Nothing: there is none. May be empty.
  [[nodiscard]] std::optional<Bytes> find(AttributeType type) const;
  [[nodiscard]] bool has(AttributeType type) const { return find(type).has_value(); }
  /// Of every attribute of that type which counts, in order; for XOR-PEER-ADDRESS of
  /// CreatePermission. `visit(Bytes)` returns whether to go on.
  template <typename Visit>
  void for_each(AttributeType type, Visit visit) const {
    for (auto value = find(type); value; value = find_behind(type, *value)) {
      if (!visit(*value)) return;
    }
  }

  /// A value of exactly four bytes, in host order; nothing: missing or of another size.
  [[nodiscard]] std::optional<std::uint32_t> find_u32(AttributeType type) const;
  /// The first XOR-…-ADDRESS of that type; nothing: missing or malformed. An IPv4-mapped IPv6
  /// address comes out as the IPv4 address that it is.
  [[nodiscard]] std::optional<base::IpEndpoint> find_xor_address(AttributeType type) const;
  /// The value of one such attribute: family, port and address as RFC 8489 §14.2 wants them.
  [[nodiscard]] std::optional<base::IpEndpoint> read_xor_address(Bytes value) const;
  /// ERROR-CODE of an error response, for clients; nothing: missing or malformed.
  [[nodiscard]] std::optional<int> error_code() const;

  /// Comprehension-required attributes that we do not know, in order, each once.
  [[nodiscard]] std::span<const std::uint16_t> unknown() const {
    return {unknown_.data(), unknown_count_};
  }

  /// Which integrity attribute counts; with both, SHA-256 (RFC 8489 §9.2.4).
  [[nodiscard]] Integrity integrity() const;
  /// Whether that attribute was made with `key` over what stands before it. Constant time. False
  /// without one. MESSAGE-INTEGRITY-SHA256 must have all its 32 bytes.
  [[nodiscard]] bool has_integrity_of(Bytes key) const;

 private:
  Message() = default;

  // Where the value of an attribute we know lies, counted from the end of the header, so that every
  // place of the longest message fits; 0: there is none.
  struct Place {
    std::uint16_t offset = 0;
    std::uint16_t size = 0;
  };
  // Those of AttributeType; number 0 is for all others, and stays empty.
  static constexpr std::size_t kPlaces = 31;

  [[nodiscard]] bool read_attributes();
  void read_attribute(std::uint16_t type, Place place);
  void add_unknown(std::uint16_t type);
  [[nodiscard]] std::optional<Bytes> find_behind(AttributeType type, Bytes value) const;

  std::array<Place, kPlaces> places_{};
  Bytes bytes_;
  TransactionId id_{};
  MessageClass class_ = MessageClass::request;
  Method method_ = Method::binding;
  std::array<std::uint16_t, kUnknownMax> unknown_{};
  std::size_t unknown_count_ = 0;
  // Where attributes end to count, from the end of the header: the first integrity, or the end.
  std::size_t counted_ = 0;
};

}  // namespace bellhop::stun
