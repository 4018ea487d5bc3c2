#include "proxy/webdav/active_lock.hpp"

#include <algorithm>

#include "component/xmpp/xml_writer.hpp"
#include "proxy/webdav/condition.hpp"

namespace bellhop::webdav {
namespace {

void append_href(std::string& out, std::string_view element, std::string_view href) {
  out.append("<D:").append(element).append("><D:href>").append(xmpp::escape_text(href));
  out.append("</D:href></D:").append(element).append(">");
}

void append_active_lock(std::string& out, const ActiveLock& lock) {
  const std::string_view scope = lock.scope == LockScope::exclusive ? "exclusive" : "shared";
  out.append("<D:activelock><D:lockscope><D:").append(scope);
  out.append("/></D:lockscope><D:locktype><D:write/></D:locktype><D:depth>");
  out.append(to_string(lock.depth)).append("</D:depth>").append(lock.owner_xml);
  out.append("<D:timeout>").append(format_timeout(lock.timeout)).append("</D:timeout>");
  if (!lock.token.empty()) append_href(out, "locktoken", lock.token);
  append_href(out, "lockroot", lock.root_href);
  out += "</D:activelock>";
}

}  // namespace

ActiveLock describe(const Lock& lock, std::string_view principal, base::TimePoint now) {
  using std::chrono::seconds;
  // Rounded up, so that a fresh lock shows what was granted.
  const auto left = std::chrono::ceil<seconds>(lock.expires_at - now);
  return {.scope = lock.scope,
          .depth = lock.depth,
          .owner_xml = lock.owner_xml,
          .timeout = std::max(left, seconds(0)),
          .token = lock.creator == principal ? lock.token : std::string(),
          .root_href = lock.root_href};
}

std::string active_locks_xml(std::span<const ActiveLock> locks) {
  std::string out;
  for (const ActiveLock& lock : locks) append_active_lock(out, lock);
  return out;
}

std::string_view supported_locks_xml() {
  return "<D:lockentry><D:lockscope><D:exclusive/></D:lockscope>"
         "<D:locktype><D:write/></D:locktype></D:lockentry>"
         "<D:lockentry><D:lockscope><D:shared/></D:lockscope>"
         "<D:locktype><D:write/></D:locktype></D:lockentry>";
}

std::string lock_response_body(std::span<const ActiveLock> locks) {
  std::string body(kXmlDeclaration);
  body += "<D:prop xmlns:D=\"DAV:\"><D:lockdiscovery>";
  body += active_locks_xml(locks);
  return body + "</D:lockdiscovery></D:prop>\n";
}

}  // namespace bellhop::webdav
