#include "config/source_text.hpp"

#include <algorithm>
#include <cstdint>

#include "config/host_text.hpp"
#include "config/suggestion.hpp"
#include "config/value_text.hpp"

namespace bellhop::config {
namespace {

constexpr auto kNowhere = std::string_view::npos;
constexpr std::size_t kShownBytesMax = 500;
constexpr std::size_t kKeyPartsMax = 8;

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Past what may stand between a key and its value, so that `secret = ` is still shown.
std::size_t past_separator(std::string_view line, std::size_t offset) {
  const std::size_t value = line.find_first_not_of("\"' \t=:", offset);
  const std::size_t separator = line.find_first_of("=:", offset);
  if (separator == kNowhere || separator > value) return offset;
  return std::min(line.find_first_not_of(" \t", separator + 1), line.size());
}

// Where a secret may begin in a line: after the first word that looks like the key of one. Looking
// at words instead of at syntax also finds `secret: x`, `# secret = x` and `secret "x"`.
std::size_t secret_offset(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t begin = 0; begin < line.size(); begin = end + 1) {
    end = begin;
    while (end < line.size() && is_word_byte(line[end])) ++end;
    const bool in_path = begin > 0 && line[begin - 1] == '/';
    if (!in_path && is_secret_key(line.substr(begin, end - begin))) {
      return past_separator(line, end);
    }
  }
  return kNowhere;
}

}  // namespace

bool is_secret_key(std::string_view key) {
  constexpr std::size_t kSlipsMax = 2;
  constexpr std::string_view kSecret = "secret";
  if (key.size() < kSecret.size() - kSlipsMax) return false;
  const std::string lower = ascii_lower(key);
  if (lower == "secret_file" || lower == "secret_env") return false;
  if (lower.find(kSecret) != std::string::npos || lower.find("passw") != std::string::npos)
    return true;
  return lower == "pass" ||
         (lower.size() <= kSecret.size() + kSlipsMax && edit_distance(lower, kSecret) <= kSlipsMax);
}

// Walks through the text once, knowing just enough of TOML: strings, comments and brackets.
class SourceText::Scanner {
 public:
  void scan(Line& line, std::size_t number) {
    const std::size_t secret = secret_offset(line.text);
    line.hidden_from = in_secret_ ? 0 : secret;
    comment_ = false;
    dots_ = 0;
    for (std::size_t i = 0; i < line.text.size() && !comment_;) {
      if (i >= secret && !in_secret_) begin_secret();
      i += in_string() ? step_in_string(line.text.substr(i)) : step(line.text.substr(i));
      if (dots_ >= kKeyPartsMax && !too_deep_) too_deep_ = Position{number, 1};
    }
    if (in_string() && delimiter_.size() == 1) delimiter_ = {};  // ends with its line at the latest
    if (in_secret_ && !in_string() && depth_ <= secret_depth_) in_secret_ = false;
    // Nothing after the key: what was meant as its value may stand on the next line.
    if (secret == line.text.size() && !comment_) begin_secret();
  }

  [[nodiscard]] std::optional<Position> too_deep() const { return too_deep_; }

 private:
  [[nodiscard]] bool in_string() const { return !delimiter_.empty(); }

  void begin_secret() {
    in_secret_ = true;
    secret_depth_ = depth_;
  }

  // Each step returns how many bytes it took.
  std::size_t step_in_string(std::string_view rest) {
    if (rest.front() == '\\' && delimiter_.front() == '"')
      return std::min<std::size_t>(2, rest.size());
    if (!rest.starts_with(delimiter_)) return 1;
    std::size_t length = delimiter_.size();
    // Up to two quotes may stand directly before the three that end a multi-line string.
    while (delimiter_.size() == 3 && length < 5 && length < rest.size() &&
           rest[length] == delimiter_.front()) {
      ++length;
    }
    delimiter_ = {};
    return length;
  }

  std::size_t step(std::string_view rest) {
    for (const std::string_view opening : {"\"\"\"", "'''", "\"", "'"}) {
      if (!rest.starts_with(opening)) continue;
      delimiter_ = opening;
      return opening.size();
    }
    switch (rest.front()) {
      case '#':
        comment_ = true;
        break;
      case '.':
        ++dots_;
        return 1;
      case '[':
      case '{':
        ++depth_;
        break;
      case ']':
      case '}':
        depth_ -= depth_ > 0 ? 1 : 0;
        break;
      case '=':
      case ',':
        break;
      default:
        return 1;
    }
    dots_ = 0;
    return 1;
  }

  std::string_view delimiter_;  // of the string we are in
  bool comment_ = false;
  std::size_t dots_ = 0;   // in the current key
  std::size_t depth_ = 0;  // of brackets
  bool in_secret_ = false;
  std::size_t secret_depth_ = 0;
  std::optional<Position> too_deep_;
};

SourceText::SourceText(std::string_view text) : text_(text) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  Scanner scanner;
  for (std::size_t begin = 0; begin <= text_.size();) {
    const std::size_t end = std::min(text_.find('\n', begin), text_.size());
    Line line{.text = text_.substr(begin, end - begin)};
    if (line.text.ends_with('\r')) line.text.remove_suffix(1);
    scanner.scan(line, lines_.size() + 1);
    lines_.push_back(line);
    begin = end + 1;
  }
  too_deep_key_ = scanner.too_deep();
}

std::string SourceText::shown_line(std::size_t number) const {
  if (number == 0 || number > lines_.size()) return {};
  const Line& line = lines_[number - 1];
  if (line.text.size() > kShownBytesMax) return {};
  if (line.hidden_from == kNowhere) return printable(line.text);
  return printable(line.text.substr(0, line.hidden_from)) + "(hidden)";
}

bool SourceText::may_quote_secret(std::size_t number) const {
  const auto hides = [this](std::size_t n) {
    return n >= 1 && n <= lines_.size() && lines_[n - 1].hidden_from != kNowhere;
  };
  return hides(number) || (number > 1 && hides(number - 1));
}

}  // namespace bellhop::config
