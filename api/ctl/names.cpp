#include "api/ctl/names.hpp"

#include "api/ctl/errors.hpp"

namespace bellhop::ctl {

std::string full_name(std::string_view prefix, std::string_view text) {
  std::string name(text.starts_with(prefix) ? std::string_view() : prefix);
  return name.append(text);
}

std::string_view short_name(std::string_view prefix, std::string_view name) {
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string_view bare_jid(std::string_view jid) {
  return jid.substr(0, jid.find('/'));
}

base::Result<std::string> parse_subject(std::string_view text) {
  if (text == "total") return std::string(text);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    if (text.empty() || text == "*") {
      return base::Error(errors::bad_argument,
                         "whom is it for? jid:alice@example.org, domain:example.org, jid:*, "
                         "domain:* or total");
    }
    const bool is_jid = text.find('@') != std::string_view::npos;
    return std::string(is_jid ? "jid:" : "domain:").append(text);
  }
  const std::string_view prefix = text.substr(0, colon);
  const bool is_known = prefix == "jid" || prefix == "domain" || prefix == "session";
  if (is_known && colon + 1 < text.size()) return std::string(text);
  return base::Error(errors::bad_argument,
                     "\"" + std::string(text.substr(0, 256)) +
                         "\" begins with none of jid:, domain: and session:, and is not total");
}

}  // namespace bellhop::ctl
