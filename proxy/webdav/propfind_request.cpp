#include "proxy/webdav/propfind_request.hpp"

#include <algorithm>
#include <array>

#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/xml_document.hpp"

namespace bellhop::webdav {
namespace {

struct KindName {
  std::string_view element;
  PropfindKind kind;
};

constexpr std::array kKindNames{
    KindName{"allprop", PropfindKind::all_properties},
    KindName{"propname", PropfindKind::names_only},
    KindName{"prop", PropfindKind::named},
};

const KindName* find_kind(const XmlElement& element) {
  for (const KindName& row : kKindNames) {
    if (element.is_dav(row.element)) return &row;
  }
  return nullptr;
}

base::Result<void> add_names(std::vector<XmlName>& names, const XmlElement& container) {
  for (const XmlElement& property : container.children) {
    if (std::ranges::find(names, property.name) != names.end()) continue;
    if (names.size() == kPropfindNamesMax) return base::Error(errors::xml_too_complex, "names");
    names.push_back(property.name);
  }
  return {};
}

}  // namespace

base::Result<PropfindRequest> parse_propfind(std::string_view body) {
  if (body.empty()) return PropfindRequest{};  // RFC 4918 §9.1
  const auto root = parse_document(body);
  if (!root) return root.error();
  if (!root->is_dav("propfind")) return base::Error(errors::bad_body, "not a propfind");

  const XmlElement* chosen = nullptr;
  for (const XmlElement& child : root->children) {
    if (find_kind(child) == nullptr) continue;
    if (chosen != nullptr) return base::Error(errors::bad_body, "two kinds of propfind");
    chosen = &child;
  }
  if (chosen == nullptr) return base::Error(errors::bad_body, "an empty propfind");

  PropfindRequest request{.kind = find_kind(*chosen)->kind};
  const XmlElement* container = nullptr;
  if (request.kind == PropfindKind::named) container = chosen;
  // Beside anything but allprop, include is an unexpected element.
  if (request.kind == PropfindKind::all_properties) container = root->dav_child("include");
  if (container != nullptr) {
    if (auto added = add_names(request.names, *container); !added) return added.error();
  }
  return request;
}

}  // namespace bellhop::webdav
