#include "proxy/webdav/multistatus.hpp"

#include <algorithm>
#include <utility>

#include "component/xmpp/xml_writer.hpp"
#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

constexpr std::string_view kBegin = "<D:multistatus xmlns:D=\"DAV:\">";
constexpr std::string_view kEnd = "</D:multistatus>\n";

// RFC 4918 §14.28: a status line as in HTTP.
void append_status(std::string& out, int status) {
  out.append("<D:status>HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(reason_phrase(static_cast<unsigned>(status))).append("</D:status>");
}

}  // namespace

std::string empty_element(const XmlName& name) {
  if (name.xmlns == kDavNamespace) return "<D:" + name.local + "/>";
  if (name.xmlns.empty()) return '<' + name.local + "/>";
  return '<' + name.local + " xmlns=\"" + xmpp::escape(name.xmlns) + "\"/>";
}

void PropertyResults::add(int status, std::string_view property_xml, Condition condition) {
  const auto group = std::ranges::find_if(groups_, [&](const Group& candidate) {
    return candidate.status == status && candidate.condition == condition;
  });
  if (group != groups_.end()) {
    group->properties += property_xml;
  } else {
    groups_.push_back(
        {.status = status, .condition = condition, .properties = std::string(property_xml)});
  }
}

// RFC 4918 §14.22: prop, status, error.
void PropertyResults::append_to(std::string& out) const {
  if (groups_.empty()) {
    // A prop that names nothing; §14.24 wants a propstat all the same.
    out += "<D:propstat><D:prop/>";
    append_status(out, 200);
    out += "</D:propstat>";
  }
  for (const Group& group : groups_) {
    out.append("<D:propstat><D:prop>").append(group.properties).append("</D:prop>");
    append_status(out, group.status);
    append_error(out, group.condition);
    out += "</D:propstat>";
  }
}

Multistatus::Multistatus(std::size_t bytes_max)
    : bytes_max_(bytes_max), out_(std::string(kXmlDeclaration).append(kBegin)) {
  size_ = out_.size() + kEnd.size();
}

base::Result<void> Multistatus::add_status(std::string_view href, int status, Condition condition,
                                           std::span<const std::string> condition_hrefs) {
  std::string content;
  append_status(content, status);
  append_error(content, condition, condition_hrefs);
  return add(href, content);
}

base::Result<void> Multistatus::add_properties(std::string_view href,
                                               const PropertyResults& results) {
  std::string content;
  results.append_to(content);
  return add(href, content);
}

base::Result<void> Multistatus::add(std::string_view href, std::string_view content) {
  if (hrefs_.contains(href)) return {};
  constexpr std::string_view kHead = "<D:response><D:href>";
  constexpr std::string_view kMiddle = "</D:href>";
  constexpr std::string_view kTail = "</D:response>";
  const std::string escaped = xmpp::escape_text(href);
  const std::size_t more =
      kHead.size() + escaped.size() + kMiddle.size() + content.size() + kTail.size();
  if (size_ > bytes_max_ || more > bytes_max_ - size_) {
    return base::Error(errors::response_too_large);
  }
  out_.append(kHead).append(escaped).append(kMiddle).append(content).append(kTail);
  size_ += more;
  hrefs_.emplace(href);
  return {};
}

std::string Multistatus::take() {
  return std::exchange(out_, {});
}

std::string Multistatus::finish() && {
  out_ += kEnd;
  return std::move(out_);
}

}  // namespace bellhop::webdav
