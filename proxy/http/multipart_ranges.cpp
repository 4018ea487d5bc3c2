#include "proxy/http/multipart_ranges.hpp"

#include <algorithm>

#include "component/base/error.hpp"
#include "proxy/http/byte_range.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= kBoundaryBytesMax &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || is_alpha(c); });
}

}  // namespace

MultipartRanges lay_out_multipart(std::span<const ByteRange> ranges, std::uint64_t size,
                                  std::string_view media_type, std::string_view boundary) {
  BELLHOP_ASSERT(is_boundary(boundary));
  BELLHOP_ASSERT(size <= kFileBytesMax && ranges.size() <= kRangesMax);
  MultipartRanges layout;
  layout.content_type = "multipart/byteranges; boundary=" + std::string(boundary);
  const std::string delimiter = "--" + std::string(boundary);
  for (const ByteRange& range : ranges) {
    BELLHOP_ASSERT(range.first <= range.last && range.last < size);
    // RFC 2046 §5.1.1: the line break before a delimiter belongs to it, not to the part.
    std::string head = layout.parts.empty() ? "" : "\r\n";
    head += delimiter + "\r\nContent-Type: " + std::string(media_type) +
            "\r\nContent-Range: " + satisfied_range(range, size) + "\r\n\r\n";
    layout.length += head.size() + range.length();
    layout.parts.push_back({.head = std::move(head), .range = range});
  }
  layout.tail = "\r\n" + delimiter + "--\r\n";
  layout.length += layout.tail.size();
  return layout;
}

}  // namespace bellhop::http
