// The target of a request, and Destination of WebDAV: text that strangers write and files are found
// by. There is one reader for both, which decodes once and refuses whatever could mean two things.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "proxy/http/authority.hpp"

namespace bellhop::http {

/// RFC 9110 §4.1 asks for 8000 at the least.
inline constexpr std::size_t kTargetBytesMax = 8192;
/// Deeper trees are nobody's files.
inline constexpr std::size_t kSegmentsMax = 64;
/// A name of the usual file systems, in UTF-8, decoded.
inline constexpr std::size_t kSegmentBytesMax = 255;

/// A decoded path. Each segment is valid UTF-8, 1 to kSegmentBytesMax bytes without control
/// characters, `/` and `\`, and no dot segment, not even behind further layers of encoding.
struct Path {
  std::vector<std::string> segments = {};  ///< none: the root
  bool has_trailing_slash = false;  ///< names a collection (RFC 4918 §5.2); true of the root

  friend bool operator==(const Path&, const Path&) = default;
};

/// RFC 9112 §3.2; authority-form is for CONNECT, which nobody may use here.
enum class TargetForm : std::uint8_t { origin, absolute, asterisk };

/// A request target that was read.
struct RequestTarget {
  TargetForm form = TargetForm::origin;
  std::string scheme = {};   ///< of absolute-form, in lower case
  Authority authority = {};  ///< of absolute-form
  Path path = {};            ///< empty of asterisk-form
  /// What follows the question mark, as it came: visible US-ASCII, without `#`.
  std::optional<std::string> query = std::nullopt;
};

/// Reads origin-form, absolute-form of http and https, and `*`, which is for OPTIONS alone
/// (RFC 9112 §3.2.4). Empty segments (`//`) are passed over. Errors: errors::target_too_long,
/// errors::bad_authority, errors::bad_target for the rest: a bad escape, NUL and other control
/// characters, invalid UTF-8, `/` and `\` behind an escape, `\` itself, dot segments, a fragment,
/// more than kSegmentsMax segments or kSegmentBytesMax bytes in one.
[[nodiscard]] base::Result<RequestTarget> parse_request_target(std::string_view target);

/// Reads Destination (RFC 4918 §10.3) or the URI of a tagged list (§10.4.2): Simple-ref, of any
/// scheme, so that the caller can tell another server (502) from a mistake (400). The same errors;
/// a path that begins with `//` is refused too, because others read a host there.
[[nodiscard]] base::Result<RequestTarget> parse_destination(std::string_view value);

/// One segment for a URL: all but the unreserved characters of RFC 3986 §2.3 and some delimiters of
/// pchar (§3.3) percent-encoded, in upper case.
[[nodiscard]] std::string encode_segment(std::string_view segment);

/// The path as it stands in a URL: parse_request_target() gives it back. Collections end in `/`
/// (DAV-05).
[[nodiscard]] std::string make_path(const Path& path);

}  // namespace bellhop::http
