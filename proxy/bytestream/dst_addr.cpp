#include "proxy/bytestream/dst_addr.hpp"

#include <openssl/sha.h>

#include "component/xmpp/digest.hpp"

namespace bellhop::bytestream {
namespace {

std::optional<std::uint8_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

std::optional<DstAddr> DstAddr::from_hex(std::string_view hex) {
  if (hex.size() != kHexDigits) return std::nullopt;
  DstAddr address;
  for (std::size_t i = 0; i < address.bytes_.size(); ++i) {
    const auto high = digit(hex[2 * i]);
    const auto low = digit(hex[2 * i + 1]);
    if (!high || !low) return std::nullopt;
    address.bytes_[i] = static_cast<std::uint8_t>(*high << 4 | *low);
  }
  return address;
}

DstAddr DstAddr::of(std::string_view sid, const xmpp::Jid& requester, const xmpp::Jid& target) {
  std::string input;
  input.reserve(sid.size() + requester.text().size() + target.text().size());
  input.append(sid).append(requester.text()).append(target.text());
  DstAddr address;
  static_assert(sizeof address.bytes_ == SHA_DIGEST_LENGTH);
  ::SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(), address.bytes_.data());
  return address;
}

std::string DstAddr::short_text() const {
  return hex().substr(0, 8);
}

std::string DstAddr::hex() const {
  return xmpp::to_hex({reinterpret_cast<const char*>(bytes_.data()), bytes_.size()});
}

}  // namespace bellhop::bytestream
