// Content-Range (RFC 9110 §14.4), of answers and of requests that bring a part of a file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::http {

/// Some bytes of a file, both ends included; first <= last <= kFileBytesMax - 1.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  [[nodiscard]] std::uint64_t length() const { return last - first + 1; }
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A Content-Range in bytes.
struct ContentRange {
  std::optional<ByteRange> range = std::nullopt;     ///< none: `*`, and then there is a size
  std::optional<std::uint64_t> size = std::nullopt;  ///< of the whole file; none: `*`, not known

  /// `bytes a-b/N`, `bytes a-b/*` or `bytes */N`: the value of a Content-Range.
  [[nodiscard]] std::string text() const;

  friend bool operator==(const ContentRange&, const ContentRange&) = default;
};

/// Reads a Content-Range of a request. Without a range it asks how much of a file of that size has
/// arrived. Errors: errors::bad_content_range for another unit, for both parts unknown, for a range
/// that is empty or does not lie inside the size, and for numbers above kFileBytesMax.
[[nodiscard]] base::Result<ContentRange> parse_content_range(std::string_view value);

}  // namespace bellhop::http
