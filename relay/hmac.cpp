#include "relay/hmac.hpp"

#include "relay/digest.hpp"

namespace bellhop::relay {
namespace {

Piece piece(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Code<20> hmac_sha1(std::string_view key, std::string_view text) {
  Code<20> code{};
  hmac<Sha1>(piece(key), {piece(text)}, code.data());
  return code;
}

Code<32> hmac_sha256(std::string_view key, std::string_view text) {
  Code<32> code{};
  hmac<Sha256>(piece(key), {piece(text)}, code.data());
  return code;
}

}  // namespace bellhop::relay
