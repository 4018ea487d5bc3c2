// The body of an answer with several ranges: multipart/byteranges (RFC 9110 §14.6, RFC 2046
// §5.1.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/content_range.hpp"

namespace bellhop::http {

/// RFC 2046 §5.1.1.
inline constexpr std::size_t kBoundaryBytesMax = 70;

/// What a sender writes: for each part its head and then its bytes of the file, at last the tail.
struct MultipartRanges {
  /// Text and the bytes of the file that follow it.
  struct Part {
    std::string head;
    ByteRange range;
  };

  std::string content_type;  ///< of the whole answer; names the boundary
  std::vector<Part> parts;
  std::string tail;
  std::uint64_t length = 0;  ///< of all this together: the Content-Length
};

/// Lays out `ranges`, which are those of select_ranges(), of a file of `size` bytes and of type
/// `media_type` (MediaType::text()). `boundary` is random enough that no file holds it: 1 to
/// kBoundaryBytesMax letters and digits. Whoever breaks these rules is a bug of ours.
[[nodiscard]] MultipartRanges lay_out_multipart(std::span<const ByteRange> ranges,
                                                std::uint64_t size, std::string_view media_type,
                                                std::string_view boundary);

}  // namespace bellhop::http
