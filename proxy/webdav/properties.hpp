// Live properties: RFC 4918 §15, quota (RFC 4331), owner (RFC 3744 §5.1) and jidlist (XEP-0129).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/webdav/active_lock.hpp"
#include "proxy/webdav/jid_list.hpp"
#include "proxy/webdav/proppatch_request.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// What live properties are made of. What GET tells in headers stands here as it stands there
/// (DAV-60); "" and none mean that the resource has no such thing.
struct ResourceFacts {
  std::string href;  ///< percent-encoded; of a collection with "/" at its end (DAV-05)
  bool is_collection = false;
  std::uint64_t size = 0;             ///< bytes; of a file only
  std::string content_type = {};      ///< of a file
  std::string content_language = {};  ///< of a file
  std::string etag = {};              ///< with its quotes
  std::string created = {};           ///< RFC 3339; xmpp::format_date_time() makes it
  std::string modified = {};          ///< as in Last-Modified
  std::optional<std::string> display_name = std::nullopt;
  std::optional<std::uint64_t> quota_used = std::nullopt;
  std::optional<std::uint64_t> quota_available = std::nullopt;
  std::string owner_href = {};  ///< who the resource belongs to, for instance as an xmpp: URI
  std::vector<ActiveLock> locks = {};
  std::optional<JidList> jid_list = std::nullopt;  ///< none also for those who may not see it
};

/// One live property.
struct LiveProperty {
  std::string_view xmlns;
  std::string_view local;
  /// Whether PROPPATCH may set and remove it; the others are protected.
  bool is_settable;
  /// Whether allprop has it: those of RFC 4918 (§9.1; RFC 4331 §3, §4).
  bool is_in_allprop;
  /// Its content as XML; none if the resource does not have it.
  std::optional<std::string> (*content)(const ResourceFacts&);

  [[nodiscard]] XmlName name() const { return {std::string(xmlns), std::string(local)}; }
  /// The whole element, with the prefix D for kDavNamespace; none as above.
  [[nodiscard]] std::optional<std::string> to_xml(const ResourceFacts& facts) const;
};

/// All of them.
[[nodiscard]] std::span<const LiveProperty> live_properties();

/// Null for a dead property. jidlist has two names (WDX-06).
[[nodiscard]] const LiveProperty* find_live_property(const XmlName& name);

/// Whether PROPPATCH may do this, as far as the name and value tell. Any dead property may be set
/// and removed. Errors: errors::protected_property; errors::bad_jid_list;
/// errors::bad_property_value for a displayname or getcontentlanguage that is no text, or no
/// language tag.
[[nodiscard]] base::Result<void> check_instruction(const PropertyInstruction& instruction);

}  // namespace bellhop::webdav
