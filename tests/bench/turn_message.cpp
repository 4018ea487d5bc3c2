#include "tests/bench/turn_message.hpp"

#include <arpa/inet.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace bellhop::bench {
namespace {

constexpr std::uint32_t magic_cookie = 0x2112A442;  // RFC 8489 §5
constexpr std::uint16_t class_bits = 0x0110;        // RFC 8489 §5: C1 and C0
constexpr std::uint16_t success_bits = 0x0100;
constexpr std::uint16_t error_bits = 0x0110;
constexpr std::size_t attribute_header_bytes = 4;

std::size_t padded(std::size_t size) {
  return (size + 3) & ~std::size_t{3};
}

void write_u16(std::uint8_t* to, std::size_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8U);
  to[1] = static_cast<std::uint8_t>(value);
}

void write_u32(std::uint8_t* to, std::uint32_t value) {
  write_u16(to, value >> 16U);
  write_u16(to + 2, value & 0xFFFFU);
}

std::uint16_t read_u16(StunBytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

std::uint32_t read_u32(StunBytes bytes, std::size_t at) {
  return std::uint32_t{read_u16(bytes, at)} << 16U | read_u16(bytes, at + 2);
}

std::string_view as_text(StunBytes value) {
  return {reinterpret_cast<const char*>(value.data()), value.size()};
}

std::optional<sockaddr_in> read_address(StunBytes value) {
  if (value.size() != 8 || value[1] != 0x01) return std::nullopt;  // RFC 8489 §14.1: IPv4
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(read_u16(value, 2) ^ (magic_cookie >> 16U)));
  address.sin_addr.s_addr = htonl(read_u32(value, 4) ^ magic_cookie);
  return address;
}

void take(StunAnswer& answer, StunAttribute type, StunBytes value, std::size_t at) {
  switch (type) {
    case StunAttribute::error_code:
      if (value.size() >= 4) answer.error = (value[2] & 7) * 100 + value[3];
      break;
    case StunAttribute::realm:
      answer.realm = as_text(value);
      break;
    case StunAttribute::nonce:
      answer.nonce = as_text(value);
      break;
    case StunAttribute::xor_relayed_address:
      answer.relayed = read_address(value);
      break;
    case StunAttribute::lifetime:
      if (value.size() == 4) answer.lifetime = read_u32(value, 0);
      break;
    case StunAttribute::message_integrity:
      if (value.size() == StunSigner::bytes) answer.integrity_at = at;
      break;
    default:
      break;
  }
}

}  // namespace

void StunSigner::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

StunSigner::StunSigner(std::string_view user, std::string_view realm, std::string_view password) {
  std::string text(user);
  text.append(":").append(realm).append(":").append(password);
  std::array<std::uint8_t, 16> key{};
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  context_.reset(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);  // the context holds it
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  if (!context_ ||
      EVP_Digest(text.data(), text.size(), key.data(), nullptr, EVP_md5(), nullptr) != 1 ||
      EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) != 1) {
    throw std::runtime_error("OpenSSL lacks MD5, SHA-1 or HMAC");
  }
}

std::array<std::uint8_t, StunSigner::bytes> StunSigner::sign(StunBytes message) {
  std::array<std::uint8_t, bytes> code{};
  std::size_t size = 0;
  // Without a key EVP_MAC_init(3) keeps the one it has.
  if (EVP_MAC_init(context_.get(), nullptr, 0, nullptr) != 1 ||
      EVP_MAC_update(context_.get(), message.data(), message.size()) != 1 ||
      EVP_MAC_final(context_.get(), code.data(), &size, code.size()) != 1) {
    throw std::runtime_error("OpenSSL makes no HMAC");
  }
  return code;
}

StunRequest::StunRequest(StunMethod method, const TransactionId& id) : bytes_(stun_header_bytes) {
  write_u16(bytes_.data(), static_cast<std::uint16_t>(method));
  write_u32(bytes_.data() + 4, magic_cookie);
  std::copy(id.begin(), id.end(), bytes_.begin() + 8);
}

std::uint8_t* StunRequest::add(StunAttribute type, std::size_t size) {
  const std::size_t at = bytes_.size();
  bytes_.resize(at + attribute_header_bytes + padded(size));
  write_u16(bytes_.data() + at, static_cast<std::uint16_t>(type));
  write_u16(bytes_.data() + at + 2, size);
  set_length(bytes_.size() - stun_header_bytes);
  return bytes_.data() + at + attribute_header_bytes;
}

void StunRequest::set_length(std::size_t bytes_after_header) {
  write_u16(bytes_.data() + 2, bytes_after_header);
}

StunRequest& StunRequest::text(StunAttribute type, std::string_view value) {
  std::memcpy(add(type, value.size()), value.data(), value.size());
  return *this;
}

StunRequest& StunRequest::number(StunAttribute type, std::uint32_t value) {
  write_u32(add(type, 4), value);
  return *this;
}

StunRequest& StunRequest::peer(const sockaddr_in& address) {
  std::uint8_t* value = add(StunAttribute::xor_peer_address, 8);
  value[1] = 0x01;
  write_u16(value + 2, ntohs(address.sin_port) ^ (magic_cookie >> 16U));
  write_u32(value + 4, ntohl(address.sin_addr.s_addr) ^ magic_cookie);
  return *this;
}

StunRequest& StunRequest::sign(StunSigner& signer) {
  // RFC 8489 §14.5: the length counts MESSAGE-INTEGRITY, the code covers what stands before it.
  const std::size_t covered = bytes_.size();
  std::uint8_t* value = add(StunAttribute::message_integrity, StunSigner::bytes);
  const auto code = signer.sign(StunBytes(bytes_).first(covered));
  std::copy(code.begin(), code.end(), value);
  return *this;
}

std::optional<StunAnswer> read_answer(StunBytes bytes) {
  if (bytes.size() < stun_header_bytes || read_u32(bytes, 4) != magic_cookie) return std::nullopt;
  if (read_u16(bytes, 2) != bytes.size() - stun_header_bytes) return std::nullopt;
  const std::uint16_t type = read_u16(bytes, 0);
  const bool is_error = (type & class_bits) == error_bits;
  if (type > 0x3FFF || (!is_error && (type & class_bits) != success_bits)) return std::nullopt;
  StunAnswer answer;
  answer.method = static_cast<std::uint16_t>(type & ~class_bits);
  std::copy_n(bytes.begin() + 8, answer.id.size(), answer.id.begin());
  for (std::size_t at = stun_header_bytes; at < bytes.size();) {
    if (bytes.size() - at < attribute_header_bytes) return std::nullopt;
    const std::size_t size = read_u16(bytes, at + 2);
    const std::size_t value_at = at + attribute_header_bytes;
    if (bytes.size() - value_at < padded(size)) return std::nullopt;
    take(answer, StunAttribute{read_u16(bytes, at)}, bytes.subspan(value_at, size), at);
    at = value_at + padded(size);
  }
  if (is_error != (answer.error != 0)) return std::nullopt;
  return answer;
}

bool is_signed(StunBytes bytes, const StunAnswer& answer, StunSigner& signer) {
  if (answer.integrity_at == 0) return false;
  std::vector<std::uint8_t> covered(
      bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(answer.integrity_at));
  const std::size_t end = answer.integrity_at + attribute_header_bytes + StunSigner::bytes;
  write_u16(covered.data() + 2, end - stun_header_bytes);
  const auto code = signer.sign(covered);
  return std::equal(
      code.begin(), code.end(),
      bytes.begin() + static_cast<std::ptrdiff_t>(answer.integrity_at) + attribute_header_bytes);
}

void write_channel_header(std::uint8_t* to, std::uint16_t channel, std::size_t size) {
  write_u16(to, channel);
  write_u16(to + 2, size);
}

std::optional<StunBytes> read_channel_data(StunBytes bytes, std::uint16_t channel) {
  if (bytes.size() < channel_header_bytes || read_u16(bytes, 0) != channel) return std::nullopt;
  const std::size_t size = read_u16(bytes, 2);
  // RFC 8656 §12.5: over UDP there may be padding behind the data.
  if (bytes.size() - channel_header_bytes < size) return std::nullopt;
  return bytes.subspan(channel_header_bytes, size);
}

}  // namespace bellhop::bench
