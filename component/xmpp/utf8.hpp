// UTF-8, one character at a time (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace bellhop::xmpp {

/// What decode_utf8() found.
struct Utf8Character {
  char32_t code_point;  ///< meaningless if invalid
  std::size_t bytes;    ///< what it occupies; 1 for a byte that begins no valid character
  bool is_valid;        ///< false also for surrogates, overlong forms and values above U+10FFFF
};

namespace utf8_detail {

/// What the first byte of a character says about it.
struct Form {
  std::size_t bytes;  ///< 0: not a first byte
  char32_t payload;   ///< bits of the first byte
  char32_t at_least;  ///< anything lower is overlong
};

constexpr Form form_of(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if (first >= 0xC2 && first < 0xE0) return {2, first & 0x1Fu, 0x80};
  if (first >= 0xE0 && first < 0xF0) return {3, first & 0x0Fu, 0x800};
  if (first >= 0xF0 && first < 0xF5) return {4, first & 0x07u, 0x10000};
  return {0, 0, 0};
}

}  // namespace utf8_detail

/// The first character of `text`, which must not be empty.
[[nodiscard]] constexpr Utf8Character decode_utf8(std::string_view text) {
  constexpr Utf8Character kInvalid{.code_point = 0, .bytes = 1, .is_valid = false};
  const auto form = utf8_detail::form_of(static_cast<unsigned char>(text.front()));
  if (form.bytes == 0 || form.bytes > text.size()) return kInvalid;
  char32_t code_point = form.payload;
  for (std::size_t i = 1; i < form.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0u) != 0x80) return kInvalid;
    code_point = (code_point << 6) | (byte & 0x3Fu);
  }
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  if (code_point < form.at_least || is_surrogate || code_point > 0x10FFFF) return kInvalid;
  return {.code_point = code_point, .bytes = form.bytes, .is_valid = true};
}

/// Whether all of `text` is valid.
[[nodiscard]] constexpr bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character next = decode_utf8(text);
    if (!next.is_valid) return false;
    text.remove_prefix(next.bytes);
  }
  return true;
}

}  // namespace bellhop::xmpp
