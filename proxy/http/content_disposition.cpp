#include "proxy/http/content_disposition.hpp"

#include <algorithm>

#include "component/xmpp/utf8.hpp"
#include "proxy/http/percent.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

constexpr std::string_view kNameless = "file";
// No extension that means something is longer; dot included.
constexpr std::size_t kExtensionBytesMax = 16;

struct CodePoints {
  char32_t first;
  char32_t last;
};

// Characters that are not seen themselves, and make a name look like another one.
constexpr CodePoints kHidden[] = {
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL, C1
    {0x00AD, 0x00AD},    // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200B},    // zero width space; the joiners behind it are part of words and emoji
    {0x200E, 0x200F},    // marks of direction
    {0x2028, 0x202E},    // separators of lines, embeddings and overrides of direction
    {0x2060, 0x206F},    // word joiner, isolates, deprecated formatting
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // annotations
    {0xFFFE, 0xFFFF},    // no characters
    {0xE0000, 0xE001F},  // tags that nothing uses; those behind them make flags
};

bool is_hidden(char32_t c) {
  return std::ranges::any_of(
      kHidden, [c](const CodePoints& range) { return c >= range.first && c <= range.last; });
}

// What stays of the characters themselves.
std::string clean(std::string_view name) {
  std::string cleaned;
  while (!name.empty()) {
    const xmpp::Utf8Character next = xmpp::decode_utf8(name);
    const std::string_view bytes = name.substr(0, next.bytes);
    name.remove_prefix(next.bytes);
    if (!next.is_valid || bytes == "/" || bytes == "\\") {
      cleaned += '_';
    } else if (!is_hidden(next.code_point)) {
      cleaned += bytes;
    }
  }
  return cleaned;
}

// Some systems drop blanks and dots at the end, which would let another extension appear.
std::string_view without_ends(std::string_view name) {
  while (name.starts_with(' ')) name.remove_prefix(1);
  while (name.ends_with(' ') || name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  const bool is_extension =
      dot != std::string_view::npos && dot > 0 && name.size() - dot <= kExtensionBytesMax;
  return is_extension ? name.substr(dot) : std::string_view();
}

// Cut in front of the extension, between two characters.
std::string shorten(std::string_view name) {
  if (name.size() <= kFileNameBytesMax) return std::string(name);
  const std::string_view extension = extension_of(name);
  std::size_t end = kFileNameBytesMax - extension.size();
  while ((static_cast<unsigned char>(name[end]) & 0xC0u) == 0x80) --end;
  const std::string cut = std::string(name.substr(0, end)) + std::string(extension);
  return std::string(without_ends(cut));
}

// The `filename` that old readers look at. RFC 6266 appendix D: they differ about escapes, so that
// there are none to be read, neither by `\` nor by `%`.
std::string ascii_fallback(std::string_view name) {
  std::string fallback;
  while (!name.empty()) {
    const std::size_t bytes = xmpp::decode_utf8(name).bytes;
    const char c = name.front();
    const bool is_plain = (is_visible(c) || c == ' ') && c != '"' && c != '%';
    fallback += is_plain ? c : '_';
    name.remove_prefix(bytes);
  }
  return fallback;
}

}  // namespace

std::string safe_file_name(std::string_view name) {
  // Whoever sends megabytes as a name gets its beginning back.
  const std::string cleaned = clean(name.substr(0, kFieldValueBytesMax));
  std::string safe = shorten(without_ends(cleaned));
  if (safe.empty()) return std::string(kNameless);
  if (safe.front() == '.') safe.front() = '_';  // no hidden files
  return safe;
}

std::string content_disposition(Disposition disposition, std::string_view name) {
  // RFC 8187 §3.2.1: attr-char, beside letters and digits.
  constexpr std::string_view kAttributeCharacters = "!#$&+-.^_`|~";
  const std::string safe = safe_file_name(name);
  std::string value = disposition == Disposition::in_place ? "inline" : "attachment";
  value += "; filename=\"" + ascii_fallback(safe) + '"';
  value += "; filename*=UTF-8''" + encode_percent(safe, kAttributeCharacters);
  return value;
}

}  // namespace bellhop::http
