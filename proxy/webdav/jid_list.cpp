#include "proxy/webdav/jid_list.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/element.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

bool is_namespace(std::string_view xmlns) {
  return xmlns == xmpp::ns::kWebdavFiles || xmlns == xmpp::ns::kWebdavFilesMisspelt;
}

}  // namespace

bool is_jid_list(const XmlName& name) {
  return name.local == "jidlist" && is_namespace(name.xmlns);
}

base::Result<JidList> JidList::parse(const XmlElement& property) {
  JidList list;
  for (const XmlElement& child : property.children) {
    if (child.name.local != "jid" || !is_namespace(child.name.xmlns)) continue;
    // XEP-0129 §9: a string; an element within it would be no part of a JID.
    if (!child.children.empty()) return base::Error(errors::bad_jid_list, "not a text");
    auto jid = xmpp::Jid::parse(xmpp::trim(child.text));
    if (!jid) return base::Error(errors::bad_jid_list, jid.error().detail());
    if (std::ranges::find(list.jids_, *jid) != list.jids_.end()) continue;
    if (list.jids_.size() == kJidListMax) return base::Error(errors::bad_jid_list, "too many");
    list.jids_.push_back(std::move(*jid));
  }
  return list;
}

bool JidList::matches(const xmpp::Jid& jid) const {
  return std::ranges::any_of(jids_, [&jid](const xmpp::Jid& entry) {
    return entry == jid || (!entry.has_resource() && entry.text() == jid.bare());
  });
}

std::string JidList::to_xml(std::string_view xmlns) const {
  std::string out = "<jidlist xmlns=\"" + xmpp::escape(xmlns) + "\">";
  for (const xmpp::Jid& jid : jids_) {
    out.append("<jid>").append(xmpp::escape_text(jid.text())).append("</jid>");
  }
  return out + "</jidlist>";
}

}  // namespace bellhop::webdav
