#include "proxy/http/syntax.hpp"

#include <algorithm>

namespace bellhop::http {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Where the quoted string that begins at `begin` ends: behind its closing quote. Nothing if it is
// not closed.
std::optional<std::size_t> end_of_quoted(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;  // RFC 9110 §5.6.4: the next one is meant literally
  }
  return std::nullopt;
}

// The next separator outside of quoted strings, or the end.
std::optional<std::size_t> end_of_part(std::string_view text, std::size_t begin, char separator) {
  std::size_t i = begin;
  while (i < text.size() && text[i] != separator) {
    if (text[i] != '"') {
      ++i;
      continue;
    }
    const auto end = end_of_quoted(text, i);
    if (!end) return std::nullopt;
    i = *end;
  }
  return i;
}

}  // namespace

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_character);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::uint64_t> parse_saturated(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    const bool fits = number <= (kFileBytesMax - digit) / 10;
    number = fits ? 10 * number + digit : kFileBytesMax + 1;
  }
  return number;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  const auto number = parse_saturated(text);
  return number && *number <= kFileBytesMax ? number : std::nullopt;
}

std::optional<std::vector<std::string_view>> split(std::string_view text, char separator,
                                                   std::size_t parts_max) {
  if (text.size() > kFieldValueBytesMax) return std::nullopt;
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = end_of_part(text, begin, separator);
    if (!end) return std::nullopt;
    const std::string_view part = trim(text.substr(begin, *end - begin));
    if (!part.empty()) parts.push_back(part);
    if (parts.size() > parts_max) return std::nullopt;
    begin = *end + 1;
  }
  return parts;
}

std::optional<std::string> parse_word(std::string_view text) {
  if (is_token(text)) return std::string(text);
  if (!text.starts_with('"') || end_of_quoted(text, 0) != text.size()) return std::nullopt;
  std::string word;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    if (!is_visible(text[i]) && !is_blank(text[i])) return std::nullopt;
    word += text[i];
  }
  return word;
}

std::string write_word(std::string_view word) {
  if (is_token(word)) return std::string(word);
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace bellhop::http
