// What the values of HTTP fields are made of (RFC 9110 §5.6). No value is trusted to be short.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::http {

/// No field value that is longer is read by anything here; servers usually bound all fields of a
/// request together by as much.
inline constexpr std::size_t kFieldValueBytesMax = 8192;

/// The largest number that is taken for a length or a position in a file.
inline constexpr std::uint64_t kFileBytesMax = INT64_MAX;

[[nodiscard]] constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

[[nodiscard]] constexpr bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 9110 §5.6.2: tchar.
[[nodiscard]] constexpr bool is_token_character(char c) {
  return is_digit(c) || is_alpha(c) ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

/// A visible character of US-ASCII.
[[nodiscard]] constexpr bool is_visible(char c) {
  return c > ' ' && c < '\x7F';
}

/// RFC 9110 §5.6.2: one tchar or more.
[[nodiscard]] bool is_token(std::string_view text);

/// Without the blanks and tabs around it (OWS, RFC 9110 §5.6.3).
[[nodiscard]] std::string_view trim(std::string_view text);

/// Whether the two are alike but for the case of US-ASCII letters.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

/// 1*DIGIT; a number above kFileBytesMax is read as kFileBytesMax + 1. Empty for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_saturated(std::string_view text);

/// 1*DIGIT up to kFileBytesMax; empty for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text);

/// The parts of `text` between the separators that stand outside of quoted strings, trimmed; empty
/// ones are left out (RFC 9110 §5.6.1.2). Views into `text`. Nothing if a quoted string is not
/// closed, if there are more than `parts_max`, or if `text` is longer than kFieldValueBytesMax.
[[nodiscard]] std::optional<std::vector<std::string_view>> split(std::string_view text,
                                                                 char separator,
                                                                 std::size_t parts_max);

/// What a token or a quoted string (RFC 9110 §5.6.4) stands for; nothing if `text` is neither, or
/// holds anything but visible US-ASCII, blank and tab.
[[nodiscard]] std::optional<std::string> parse_word(std::string_view text);

/// `word` as a token if it is one, else as a quoted string. `word` is what parse_word() returns.
[[nodiscard]] std::string write_word(std::string_view word);

}  // namespace bellhop::http
