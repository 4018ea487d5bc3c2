// The STUN that the TURN load program speaks (RFC 8489, RFC 8656): as little as its work needs, and
// nothing of Bellhop's own codec, so that the two prove each other.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct evp_mac_ctx_st;

namespace bellhop::bench {

using StunBytes = std::span<const std::uint8_t>;
using TransactionId = std::array<std::uint8_t, 12>;

/// RFC 8489 §5: bytes of a STUN header. RFC 8656 §12.4: bytes in front of channel data.
inline constexpr std::size_t stun_header_bytes = 20;
inline constexpr std::size_t channel_header_bytes = 4;
/// RFC 8656 §12: the first channel number.
inline constexpr std::uint16_t first_channel = 0x4000;

/// RFC 8656 §17; of STUN's methods those that are asked for.
enum class StunMethod : std::uint16_t {
  binding = 0x001,
  allocate = 0x003,
  refresh = 0x004,
  create_permission = 0x008,
  channel_bind = 0x009,
};

enum class StunAttribute : std::uint16_t {
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  channel_number = 0x000C,
  lifetime = 0x000D,
  xor_peer_address = 0x0012,
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,
  requested_transport = 0x0019,
  software = 0x8022,
};

/// Makes MESSAGE-INTEGRITY with the key of RFC 8489 §9.2.2, MD5(user:realm:password). Not copied,
/// because OpenSSL's context within is used again for each message.
class StunSigner {
 public:
  static constexpr std::size_t bytes = 20;

  /// Throws std::runtime_error if OpenSSL lacks MD5, SHA-1 or HMAC.
  StunSigner(std::string_view user, std::string_view realm, std::string_view password);
  [[nodiscard]] std::array<std::uint8_t, bytes> sign(StunBytes message);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

/// One request, attribute by attribute.
class StunRequest {
 public:
  StunRequest(StunMethod method, const TransactionId& id);

  StunRequest& text(StunAttribute type, std::string_view value);
  StunRequest& number(StunAttribute type, std::uint32_t value);
  /// XOR-PEER-ADDRESS (RFC 8489 §14.2), IPv4.
  StunRequest& peer(const sockaddr_in& address);
  /// MESSAGE-INTEGRITY over all before it; nothing may follow.
  StunRequest& sign(StunSigner& signer);
  [[nodiscard]] StunBytes bytes() const { return bytes_; }

 private:
  std::uint8_t* add(StunAttribute type, std::size_t size);
  void set_length(std::size_t bytes_after_header);

  std::vector<std::uint8_t> bytes_;
};

/// What an answer says. The texts are views into the bytes it was read from.
struct StunAnswer {
  TransactionId id{};
  std::uint16_t method = 0;
  int error = 0;  ///< 0: success
  std::string_view realm, nonce;
  std::optional<sockaddr_in> relayed;
  std::optional<std::uint32_t> lifetime;
  std::size_t integrity_at = 0;  ///< offset of MESSAGE-INTEGRITY; 0: there is none
};

/// Nothing unless the bytes are one success or error response, whole and well-formed.
[[nodiscard]] std::optional<StunAnswer> read_answer(StunBytes bytes);

/// Whether the answer carries the MESSAGE-INTEGRITY that `signer` makes over these bytes.
[[nodiscard]] bool is_signed(StunBytes bytes, const StunAnswer& answer, StunSigner& signer);

/// Writes the four bytes in front of channel data of that size.
void write_channel_header(std::uint8_t* to, std::uint16_t channel, std::size_t size);

/// The data of one ChannelData message over UDP; nothing if it is not of that channel or shorter
/// than it says.
[[nodiscard]] std::optional<StunBytes> read_channel_data(StunBytes bytes, std::uint16_t channel);

}  // namespace bellhop::bench
