// Message digests and base64 by OpenSSL, for the few values of XMPP that are made of them.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>
#include <optional>
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

/// HMAC-SHA-256 (RFC 2104): 32 bytes that only the holder of `key` can make of `input`.
[[nodiscard]] inline std::string hmac_sha256(std::string_view key, std::string_view input) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  const auto* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), bytes.data(), &size);
  BELLHOP_ASSERT(done != nullptr);  // as above
  return {bytes.begin(), bytes.begin() + size};
}

/// What to_hex() writes; nothing for anything else, upper case included.
[[nodiscard]] inline std::optional<std::string> from_hex(std::string_view hex) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const auto high = kDigits.find(hex[i]);
    const auto low = kDigits.find(hex[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
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

/// What to_base64() made of some bytes, undone; empty for every other text, also for one that some
/// readers take: blanks, padding left out or in the middle, bits set behind the last byte (RFC 4648
/// §3.5). So each value has one spelling.
[[nodiscard]] inline std::optional<std::string> from_base64(std::string_view text) {
  constexpr auto kSextets = [] {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::int8_t, 256> table{};
    table.fill(-1);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
      table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
    }
    return table;
  }();
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  unsigned held = 0;  // how many low bits of `bits` wait for their byte
  for (const char c : text) {
    const int sextet = kSextets[static_cast<unsigned char>(c)];
    if (sextet < 0) return std::nullopt;
    bits = ((bits << 6) | static_cast<unsigned>(sextet)) & 0x3FFFu;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> held) & 0xFFu);
  }
  if ((bits & ((1u << held) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace bellhop::xmpp
