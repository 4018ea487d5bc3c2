// Media types (RFC 9110 §8.3.1), and which of them a browser may show in place.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/error.hpp"

namespace bellhop::http {

/// RFC 6838 §4.2 gives names 127 characters, so that this holds any type without parameters.
inline constexpr std::size_t kMediaTypeBytesMax = 255;
inline constexpr std::size_t kMediaTypeParametersMax = 8;

/// The type of a file that nobody named (RFC 9110 §8.3).
inline constexpr std::string_view kOctetStream = "application/octet-stream";

/// A media type in its one spelling: names in lower case, one blank before each parameter.
class MediaType {
 public:
  /// Errors: errors::bad_media_type for what is none, for a parameter that stands twice, and for
  /// more than kMediaTypeBytesMax or kMediaTypeParametersMax, read or written.
  [[nodiscard]] static base::Result<MediaType> parse(std::string_view text);

  /// `type/subtype`, without parameters.
  [[nodiscard]] std::string_view essence() const {
    return std::string_view(text_).substr(0, essence_bytes_);
  }
  /// With its parameters, whose values keep their case: safe as the value of a field.
  [[nodiscard]] const std::string& text() const { return text_; }

  friend bool operator==(const MediaType&, const MediaType&) = default;

 private:
  MediaType() = default;

  std::string text_;
  std::size_t essence_bytes_ = 0;
};

/// Whether type and subtype are alike; parameters do not count (HUP-22).
[[nodiscard]] bool is_same_type(const MediaType& a, const MediaType& b);

/// Whether a browser may show a file of this essence in place of saving it: raster images, audio,
/// video and plain text, which cannot run anything (HUP-26). A closed list: everything else is an
/// attachment, above all HTML, XML, SVG and PDF.
[[nodiscard]] bool is_inline(std::string_view essence);

}  // namespace bellhop::http
