// The property `jidlist`: who may read a file (XEP-0129 §4).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/xmpp/jid.hpp"
#include "component/xmpp/namespaces.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// How many JIDs one list may name.
inline constexpr std::size_t kJidListMax = 512;

/// Whether it is the name of this property, in its namespace or in the misspelt one (WDX-06).
[[nodiscard]] bool is_jid_list(const XmlName& name);

/// The JIDs that may read a file besides its owner, each once, in the order they were given. A file
/// without this property may be read by its owner only, and so may one whose list is empty.
class JidList {
 public:
  /// Reads the property element; other elements than `jid` are ignored, blanks around a JID too.
  /// Errors: errors::bad_jid_list for one that is not valid (WDX-04) and for more than kJidListMax.
  [[nodiscard]] static base::Result<JidList> parse(const XmlElement& property);

  /// Whether the list has this very JID or its bare form. Of a bare and a full JID of one user the
  /// bare one decides (XEP-0129 §4): it lets every resource in.
  [[nodiscard]] bool matches(const xmpp::Jid& jid) const;
  [[nodiscard]] const std::vector<xmpp::Jid>& jids() const { return jids_; }

  /// The property element; `xmlns` is one of the two namespaces.
  [[nodiscard]] std::string to_xml(std::string_view xmlns = xmpp::ns::kWebdavFiles) const;

  friend bool operator==(const JidList&, const JidList&) = default;

 private:
  std::vector<xmpp::Jid> jids_;
};

}  // namespace bellhop::webdav
