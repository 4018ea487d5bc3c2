#include "api/ctl/text.hpp"

#include <locale.h>  // NOLINT: newlocale() is POSIX, not in <clocale>
#include <wchar.h>   // NOLINT: so is wcwidth()

#include <array>

namespace bellhop::ctl {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct CodePoint {
  char32_t value = 0;
  std::size_t size = 1;  // bytes of the text that it took
  bool is_valid = false;
};

// The number of bytes that a first byte announces, and the smallest value that needs so many.
struct Lead {
  std::size_t size;
  char32_t least;
};

Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, 0};
  if (byte >= 0xC2 && byte < 0xE0) return {2, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return {3, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return {4, 0x10000};
  return {0, 0};
}

// RFC 3629 §3: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint first_of(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text.front());
  const Lead lead = lead_of(byte);
  if (lead.size == 1) return {byte, 1, true};
  if (lead.size == 0 || text.size() < lead.size) return {};
  char32_t value = byte & (0x7FU >> lead.size);
  for (std::size_t i = 1; i < lead.size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return {};
    value = (value << 6U) | (next & 0x3FU);
  }
  if (value < lead.least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) return {};
  return {value, lead.size, true};
}

struct Range {
  char32_t first;
  char32_t last;
};

// C0, DEL and C1; marks of direction (UAX #9 §2), zero-width and separator characters, and tags:
// each makes a terminal show something else than what is there.
constexpr std::array<Range, 9> kRefused{{{0x00, 0x1F},
                                         {0x7F, 0x9F},
                                         {0x061C, 0x061C},
                                         {0x200B, 0x200F},
                                         {0x2028, 0x202E},
                                         {0x2060, 0x206F},
                                         {0xFEFF, 0xFEFF},
                                         {0xFFF9, 0xFFFB},
                                         {0xE0000, 0xE007F}}};

bool is_refused(char32_t value) {
  for (const Range& range : kRefused) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

// wcwidth() asks the thread's locale, which is "C" in scripts; C.UTF-8 is part of the C library.
class Utf8Locale {
 public:
  Utf8Locale()
      : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(locale_ != nullptr ? ::uselocale(locale_) : nullptr) {}
  ~Utf8Locale() {
    if (locale_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(locale_);
  }
  Utf8Locale(const Utf8Locale&) = delete;
  Utf8Locale& operator=(const Utf8Locale&) = delete;

 private:
  locale_t locale_;
  locale_t before_;
};

std::size_t width_of(char32_t value) {
  if (value < 0x80) return 1;
  const int width = ::wcwidth(static_cast<wchar_t>(value));
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  }
  return true;
}

}  // namespace

std::string clean(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    const bool is_shown = point.is_valid && !is_refused(point.value);
    result += is_shown ? text.substr(0, point.size) : kReplacement;
    text.remove_prefix(point.size);
  }
  return result;
}

std::size_t display_width(std::string_view text) {
  if (is_ascii(text)) return text.size();
  const Utf8Locale locale;
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint point = first_of(text);
    width += width_of(point.value);
    text.remove_prefix(point.size);
  }
  return width;
}

std::string cut(std::string_view text, std::size_t columns, std::string_view mark) {
  if (display_width(text) <= columns) return std::string(text);
  const std::size_t mark_width = display_width(mark);
  if (columns < mark_width) return {};
  const Utf8Locale locale;
  std::size_t width = mark_width;
  std::size_t end = 0;
  while (end < text.size()) {
    const CodePoint point = first_of(text.substr(end));
    width += width_of(point.value);
    if (width > columns) break;
    end += point.size;
  }
  return std::string(text.substr(0, end)).append(mark);
}

std::string paint(std::string_view text, Tone tone) {
  constexpr std::array<std::string_view, 6> kCodes{"", "1", "32", "33", "31", "2"};
  const std::string_view code = kCodes[static_cast<std::size_t>(tone)];
  if (code.empty() || text.empty()) return std::string(text);
  std::string result = "\x1B[";
  result.append(code).append("m").append(text).append("\x1B[0m");
  return result;
}

}  // namespace bellhop::ctl
