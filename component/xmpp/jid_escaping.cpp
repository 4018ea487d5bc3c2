#include "component/xmpp/jid_escaping.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "component/xmpp/errors.hpp"

namespace bellhop::xmpp {
namespace {

struct Escape {
  char plain;
  std::string_view code;  // the two digits after the backslash
};

// XEP-0106 §3.2. Lower case only, because nodeprep folds a localpart to it.
constexpr std::array kEscapes{
    Escape{' ', "20"}, Escape{'"', "22"}, Escape{'&', "26"}, Escape{'\'', "27"}, Escape{'/', "2f"},
    Escape{':', "3a"}, Escape{'<', "3c"}, Escape{'>', "3e"}, Escape{'@', "40"},  Escape{'\\', "5c"},
};

const Escape* find_plain(char c) {
  const auto* found = std::ranges::find(kEscapes, c, &Escape::plain);
  return found == kEscapes.end() ? nullptr : found;
}

// The escape whose code stands right behind the backslash at `at`.
const Escape* find_code(std::string_view text, std::size_t at) {
  const auto* found = std::ranges::find(kEscapes, text.substr(at + 1, 2), &Escape::code);
  return found == kEscapes.end() ? nullptr : found;
}

}  // namespace

base::Result<std::string> escape_localpart(std::string_view text) {
  if (text.empty()) return base::Error(errors::jid_malformed, "nothing to escape");
  if (text.front() == ' ' || text.back() == ' ') {
    return base::Error(errors::jid_malformed, "a localpart may not begin or end with a space");
  }
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const Escape* escape = find_plain(text[i]);
    // XEP-0106 §4.2 rule 3: a backslash is escaped only in front of one of the codes.
    if (text[i] == '\\' && find_code(text, i) == nullptr) escape = nullptr;
    if (escape == nullptr) {
      out += text[i];
    } else {
      out += '\\';
      out += escape->code;
    }
  }
  return out;
}

std::string unescape_localpart(std::string_view localpart) {
  std::string out;
  out.reserve(localpart.size());
  for (std::size_t i = 0; i < localpart.size(); ++i) {
    const Escape* escape = localpart[i] == '\\' ? find_code(localpart, i) : nullptr;
    const bool at_an_end = i == 0 || i + 3 == localpart.size();
    if (escape == nullptr || (escape->plain == ' ' && at_an_end)) {
      out += localpart[i];
    } else {
      out += escape->plain;
      i += 2;
    }
  }
  return out;
}

}  // namespace bellhop::xmpp
