#include "proxy/webdav/lock_request.hpp"

#include <utility>

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {
namespace {

base::Result<LockScope> parse_scope(const XmlElement& lockinfo) {
  const XmlElement* scope = lockinfo.dav_child("lockscope");
  if (scope == nullptr) return base::Error(errors::bad_body, "no lockscope");
  const bool is_exclusive = scope->dav_child("exclusive") != nullptr;
  const bool is_shared = scope->dav_child("shared") != nullptr;
  // RFC 4918 §14.13: one of them.
  if (is_exclusive == is_shared) return base::Error(errors::bad_body, "lockscope");
  return is_exclusive ? LockScope::exclusive : LockScope::shared;
}

}  // namespace

base::Result<LockRequest> parse_lock(std::string_view body) {
  const auto root = parse_document(body);
  if (!root) return root.error();
  if (!root->is_dav("lockinfo")) return base::Error(errors::bad_body, "not a lockinfo");
  const auto scope = parse_scope(*root);
  if (!scope) return scope.error();
  const XmlElement* type = root->dav_child("locktype");
  if (type == nullptr || type->dav_child("write") == nullptr) {
    return base::Error(errors::bad_body, "locktype");
  }
  LockRequest request{.scope = *scope, .owner_xml = {}};
  if (const XmlElement* owner = root->dav_child("owner"); owner != nullptr) {
    // RFC 4918 §14.17: kept as a dead property is.
    const std::string* lang = root->lang();
    request.owner_xml = to_xml(detach(*owner, lang == nullptr ? std::string_view() : *lang));
    if (request.owner_xml.size() > kLockOwnerBytesMax) {
      return base::Error(errors::xml_too_large, "owner");
    }
  }
  return request;
}

}  // namespace bellhop::webdav
