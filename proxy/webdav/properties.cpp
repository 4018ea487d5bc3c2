#include "proxy/webdav/properties.hpp"

#include <algorithm>
#include <array>

#include "component/xmpp/element.hpp"
#include "component/xmpp/xml_writer.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

using Content = std::optional<std::string>;

Content text_or_none(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return xmpp::escape_text(text);
}

Content number_or_none(const std::optional<std::uint64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

Content creation_date(const ResourceFacts& facts) {
  return text_or_none(facts.created);
}
Content display_name(const ResourceFacts& facts) {
  if (!facts.display_name) return std::nullopt;
  return xmpp::escape_text(*facts.display_name);
}
Content content_language(const ResourceFacts& facts) {
  return text_or_none(facts.content_language);
}
// An empty file has one: clients take its absence for an unknown size.
Content content_length(const ResourceFacts& facts) {
  if (facts.is_collection) return std::nullopt;
  return std::to_string(facts.size);
}
Content content_type(const ResourceFacts& facts) {
  return text_or_none(facts.content_type);
}
Content entity_tag(const ResourceFacts& facts) {
  return text_or_none(facts.etag);
}
Content last_modified(const ResourceFacts& facts) {
  return text_or_none(facts.modified);
}
Content lock_discovery(const ResourceFacts& facts) {
  return active_locks_xml(facts.locks);
}
Content resource_type(const ResourceFacts& facts) {
  return std::string(facts.is_collection ? "<D:collection/>" : "");
}
Content supported_lock(const ResourceFacts&) {
  return std::string(supported_locks_xml());
}
Content quota_available(const ResourceFacts& facts) {
  return number_or_none(facts.quota_available);
}
Content quota_used(const ResourceFacts& facts) {
  return number_or_none(facts.quota_used);
}
Content owner(const ResourceFacts& facts) {
  if (facts.owner_href.empty()) return std::nullopt;
  return "<D:href>" + xmpp::escape_text(facts.owner_href) + "</D:href>";
}
// LiveProperty::to_xml() writes the whole element; here it only matters whether there is one.
Content jid_list(const ResourceFacts& facts) {
  if (!facts.jid_list) return std::nullopt;
  return std::string();
}

constexpr std::string_view kDav = kDavNamespace;

constexpr std::array kLiveProperties{
    // xmlns, local name, settable, in allprop
    LiveProperty{kDav, "creationdate", false, true, creation_date},
    LiveProperty{kDav, "displayname", true, true, display_name},
    LiveProperty{kDav, "getcontentlanguage", true, true, content_language},
    LiveProperty{kDav, "getcontentlength", false, true, content_length},
    LiveProperty{kDav, "getcontenttype", false, true, content_type},
    LiveProperty{kDav, "getetag", false, true, entity_tag},
    LiveProperty{kDav, "getlastmodified", false, true, last_modified},
    LiveProperty{kDav, "lockdiscovery", false, true, lock_discovery},
    LiveProperty{kDav, "resourcetype", false, true, resource_type},
    LiveProperty{kDav, "supportedlock", false, true, supported_lock},
    LiveProperty{kDav, "quota-available-bytes", false, false, quota_available},
    LiveProperty{kDav, "quota-used-bytes", false, false, quota_used},
    LiveProperty{kDav, "owner", false, false, owner},
    LiveProperty{xmpp::ns::kWebdavFiles, "jidlist", true, false, jid_list},
};

// RFC 5646 §2.1, as far as a name's shape goes; Content-Language may list several.
bool is_language_list(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == ',' || c == ' ';
  });
}

}  // namespace

std::optional<std::string> LiveProperty::to_xml(const ResourceFacts& facts) const {
  const Content inside = content(facts);
  if (!inside) return std::nullopt;
  if (xmlns == xmpp::ns::kWebdavFiles) return facts.jid_list->to_xml();
  std::string out = "<D:";
  out.append(local);
  if (inside->empty()) return out + "/>";
  return out.append(">").append(*inside).append("</D:").append(local).append(">");
}

std::span<const LiveProperty> live_properties() {
  return kLiveProperties;
}

const LiveProperty* find_live_property(const XmlName& name) {
  if (is_jid_list(name)) return &kLiveProperties.back();
  const auto found = std::ranges::find_if(kLiveProperties, [&name](const LiveProperty& row) {
    return row.local == name.local && row.xmlns == name.xmlns;
  });
  return found == kLiveProperties.end() ? nullptr : &*found;
}

base::Result<void> check_instruction(const PropertyInstruction& instruction) {
  const XmlElement& property = instruction.property;
  const LiveProperty* live = find_live_property(property.name);
  if (live == nullptr) return {};
  // RFC 4918 §15, RFC 4331 §3 and §4: 403.
  if (!live->is_settable) return base::Error(errors::protected_property);
  if (instruction.action == PropertyInstruction::Action::remove) return {};
  if (is_jid_list(property.name)) {
    if (auto list = JidList::parse(property); !list) return list.error();
    return {};
  }
  // RFC 4918 §15.2, §15.3: text only.
  if (!property.children.empty()) return base::Error(errors::bad_property_value, "elements");
  const bool is_language = live->local == "getcontentlanguage";
  if (is_language && !is_language_list(xmpp::trim(property.text))) {
    return base::Error(errors::bad_property_value, "language");
  }
  return {};
}

}  // namespace bellhop::webdav
