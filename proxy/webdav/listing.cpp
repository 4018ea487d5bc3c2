#include "proxy/webdav/listing.hpp"

#include "component/xmpp/xml_writer.hpp"
#include "proxy/http/request_target.hpp"

namespace bellhop::webdav {
namespace {

std::string row_of(std::string_view href, const Node& node) {
  const std::string_view slash = node.is_collection() ? "/" : "";
  std::string url(href);
  url.append(http::encode_segment(node.name)).append(slash);
  std::string row = "<tr><td><a href=\"";
  row.append(xmpp::escape(url)).append("\">");
  row.append(xmpp::escape_text(node.name)).append(slash).append("</a></td><td>");
  if (!node.is_collection()) row.append(std::to_string(node.size));
  return row.append("</td></tr>\n");
}

}  // namespace

std::string listing_page(std::string_view title, std::string_view href,
                         std::span<const Node> members) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>";
  page.append(xmpp::escape_text(title)).append("</title></head><body>\n<h1>");
  page.append(xmpp::escape_text(title)).append("</h1>\n<table>\n");
  std::size_t shown = 0;
  for (const Node& member : members) {
    std::string row = row_of(href, member);
    if (page.size() + row.size() > kListingBytesMax) break;
    page += row;
    ++shown;
  }
  page += "</table>\n";
  if (shown < members.size()) {
    page.append("<p>").append(std::to_string(members.size() - shown)).append(" more</p>\n");
  }
  return page.append("</body></html>\n");
}

}  // namespace bellhop::webdav
