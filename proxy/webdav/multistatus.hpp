// The body of 207 Multi-Status, response by response (RFC 4918 §13, §14.16).
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/webdav/condition.hpp"
#include "proxy/webdav/xml_element.hpp"

namespace bellhop::webdav {

/// `name` as an element without content: how a property is named without its value.
[[nodiscard]] std::string empty_element(const XmlName& name);

/// The properties of one response, grouped by what became of them: one `<propstat>` for each status
/// and condition, in order of their first property.
class PropertyResults {
 public:
  /// `property_xml` is the whole property element: from to_xml(), empty_element(), or written with
  /// the prefix D for kDavNamespace. A property stands once in a response; the caller sees to that.
  void add(int status, std::string_view property_xml, Condition condition = Condition::none);

  [[nodiscard]] bool is_empty() const { return groups_.empty(); }
  /// Appends all `<propstat>`; an empty one with 200 if there are no properties.
  void append_to(std::string& out) const;

 private:
  struct Group {
    int status;
    Condition condition;
    std::string properties;
  };

  std::vector<Group> groups_;
};

/// A body that grows; what is written may be taken away and sent at any time. The bound counts all
/// of it, so that a listing of any size is refused before it is in memory.
class Multistatus {
 public:
  /// `bytes_max`: of the whole body, with its frame.
  explicit Multistatus(std::size_t bytes_max);

  /// A response about the resource as a whole, with the condition that `status` stands for, if any,
  /// and the hrefs it speaks of. `href` is percent-encoded (DAV-05); one that has a response
  /// already gets no second one (DAV-12). Errors: errors::response_too_large; nothing is written
  /// then.
  [[nodiscard]] base::Result<void> add_status(std::string_view href, int status,
                                              Condition condition = Condition::none,
                                              std::span<const std::string> condition_hrefs = {});
  /// A response about properties. Otherwise as above.
  [[nodiscard]] base::Result<void> add_properties(std::string_view href,
                                                  const PropertyResults& results);

  /// What was written since the last call.
  [[nodiscard]] std::string take();
  /// The rest, with the end of the body.
  [[nodiscard]] std::string finish() &&;

  /// What the body would have if it was finished now.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t responses() const { return hrefs_.size(); }

 private:
  base::Result<void> add(std::string_view href, std::string_view content);

  std::size_t bytes_max_;
  std::size_t size_;
  std::string out_;
  std::set<std::string, std::less<>> hrefs_;
};

}  // namespace bellhop::webdav
