#include "component/policy/subject.hpp"

#include "component/policy/errors.hpp"
#include "component/xmpp/jid.hpp"

namespace bellhop::policy {

Subject Subject::of_jid(std::string_view bare_jid) {
  return {Type::jid, std::string(bare_jid)};
}

Subject Subject::of_domain(std::string_view domain) {
  return {Type::domain, std::string(domain)};
}

base::Result<Subject> Subject::parse(std::string_view text) {
  if (text == "total") return Subject{Type::total, {}};
  if (text == "jid:*") return Subject{Type::each_jid, {}};
  if (text == "domain:*") return Subject{Type::each_domain, {}};
  if (text == "session:*") return Subject{Type::each_session, {}};
  const auto colon = text.find(':');
  const std::string_view type = text.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (type != "jid" && type != "domain") {
    return base::Error(errors::bad_subject,
                       "use jid:USER@DOMAIN, domain:DOMAIN, jid:*, domain:* or total");
  }
  const auto jid = xmpp::Jid::parse(text.substr(colon + 1));
  if (!jid) return base::Error(errors::bad_subject, "not an address");
  if (jid->has_resource()) return base::Error(errors::bad_subject, "an address without resource");
  if (type == "jid") return of_jid(jid->text());
  if (jid->has_local()) return base::Error(errors::bad_subject, "a domain has no user part");
  return of_domain(jid->text());
}

std::string Subject::text() const {
  switch (type) {
    case Type::jid:
      return "jid:" + key;
    case Type::domain:
      return "domain:" + key;
    case Type::each_jid:
      return "jid:*";
    case Type::each_domain:
      return "domain:*";
    case Type::each_session:
      return "session:*";
    case Type::total:
      break;
  }
  return "total";
}

std::string_view domain_of(std::string_view bare_jid) {
  const auto at = bare_jid.find('@');
  return at == std::string_view::npos ? bare_jid : bare_jid.substr(at + 1);
}

}  // namespace bellhop::policy
