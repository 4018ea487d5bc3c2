#include "proxy/webdav/condition.hpp"

#include <array>

#include "component/xmpp/xml_writer.hpp"

namespace bellhop::webdav {
namespace {

struct ConditionName {
  Condition condition;
  std::string_view name;
};

constexpr std::array kConditionNames{
    ConditionName{Condition::cannot_modify_protected_property, "cannot-modify-protected-property"},
    ConditionName{Condition::lock_token_matches_request_uri, "lock-token-matches-request-uri"},
    ConditionName{Condition::lock_token_submitted, "lock-token-submitted"},
    ConditionName{Condition::no_conflicting_lock, "no-conflicting-lock"},
    ConditionName{Condition::no_external_entities, "no-external-entities"},
    ConditionName{Condition::preserved_live_properties, "preserved-live-properties"},
    ConditionName{Condition::propfind_finite_depth, "propfind-finite-depth"},
    ConditionName{Condition::quota_not_exceeded, "quota-not-exceeded"},
    ConditionName{Condition::sufficient_disk_space, "sufficient-disk-space"},
};

void append_error_element(std::string& out, std::string_view start, Condition condition,
                          std::span<const std::string> hrefs) {
  const std::string_view name = to_string(condition);
  out.append(start).append("<D:").append(name);
  if (hrefs.empty()) {
    out += "/>";
  } else {
    out += '>';
    for (const std::string& href : hrefs) {
      out.append("<D:href>").append(xmpp::escape_text(href)).append("</D:href>");
    }
    out.append("</D:").append(name).append(">");
  }
  out += "</D:error>";
}

}  // namespace

std::string_view to_string(Condition condition) {
  for (const ConditionName& row : kConditionNames) {
    if (row.condition == condition) return row.name;
  }
  return {};
}

void append_error(std::string& out, Condition condition, std::span<const std::string> hrefs) {
  if (condition == Condition::none) return;
  append_error_element(out, "<D:error>", condition, hrefs);
}

std::string error_body(Condition condition, std::span<const std::string> hrefs) {
  if (condition == Condition::none) return {};
  std::string body(kXmlDeclaration);
  append_error_element(body, "<D:error xmlns:D=\"DAV:\">", condition, hrefs);
  return body;
}

}  // namespace bellhop::webdav
