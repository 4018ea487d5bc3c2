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

struct Phrase {
  int status;
  std::string_view text;
};

// RFC 9110 §15 and RFC 4918 §11: what a Multi-Status may hold.
constexpr std::array kPhrases{
    Phrase{200, "OK"},
    Phrase{201, "Created"},
    Phrase{204, "No Content"},
    Phrase{400, "Bad Request"},
    Phrase{401, "Unauthorized"},
    Phrase{403, "Forbidden"},
    Phrase{404, "Not Found"},
    Phrase{405, "Method Not Allowed"},
    Phrase{409, "Conflict"},
    Phrase{412, "Precondition Failed"},
    Phrase{413, "Content Too Large"},
    Phrase{415, "Unsupported Media Type"},
    Phrase{422, "Unprocessable Content"},
    Phrase{423, "Locked"},
    Phrase{424, "Failed Dependency"},
    Phrase{429, "Too Many Requests"},
    Phrase{500, "Internal Server Error"},
    Phrase{502, "Bad Gateway"},
    Phrase{503, "Service Unavailable"},
    Phrase{507, "Insufficient Storage"},
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

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return {};
}

}  // namespace bellhop::webdav
