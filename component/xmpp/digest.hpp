// Message digests and base64 by OpenSSL, for the few values of XMPP that are made of them.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::xmpp {

/// The binary digest of `input` by `algorithm`, such as EVP_sha1().
[[nodiscard]] inline std::string digest(const EVP_MD* algorithm, std::string_view input) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  const int done = EVP_Digest(input.data(), input.size(), bytes.data(), &size, algorithm, nullptr);
  BELLHOP_ASSERT(done == 1);  // fails only where OpenSSL lacks the algorithm: a broken installation
  return {bytes.begin(), bytes.begin() + size};
}

/// Lower-case hex.
[[nodiscard]] inline std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 0x0Fu];
  }
  return hex;
}

/// RFC 4648 §4: with padding, without line breaks.
[[nodiscard]] inline std::string to_base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = (bits << 8) | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= group.size() ? kAlphabet[(bits >> (18 - 6 * k)) & 0x3Fu] : '=';
    }
  }
  return out;
}

}  // namespace bellhop::xmpp
