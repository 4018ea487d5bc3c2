#include "proxy/http/media_type.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "config/host_text.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

using config::ascii_lower;

constexpr std::array<std::string_view, 37> kInline{
    // Images that are made of pixels.
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    // Sound; not audio/mpegurl and its like, which are lists of addresses.
    "audio/3gpp",
    "audio/aac",
    "audio/ac3",
    "audio/aiff",
    "audio/amr",
    "audio/flac",
    "audio/m4a",
    "audio/mp3",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/opus",
    "audio/vorbis",
    "audio/wav",
    "audio/wave",
    "audio/webm",
    "audio/x-aac",
    "audio/x-flac",
    "audio/x-m4a",
    "audio/x-wav",
    // Moving images.
    "video/3gpp",
    "video/3gpp2",
    "video/mp4",
    "video/mpeg",
    "video/ogg",
    "video/quicktime",
    "video/webm",
    "video/x-m4v",
    "video/x-matroska",
    "video/x-msvideo",
    // Read as it is; X-Content-Type-Options keeps browsers from seeing more in it.
    "text/plain",
};

struct Parameter {
  std::string name;
  std::string value;
};

std::optional<Parameter> parse_parameter(std::string_view text) {
  // RFC 9110 §5.6.6: no blanks around the sign.
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
  auto value = parse_word(text.substr(equals + 1));
  if (!value) return std::nullopt;
  return Parameter{ascii_lower(text.substr(0, equals)), std::move(*value)};
}

bool is_essence(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_token(text.substr(0, slash)) &&
         is_token(text.substr(slash + 1));
}

base::Error malformed(const char* detail) {
  return {errors::bad_media_type, detail};
}

}  // namespace

base::Result<MediaType> MediaType::parse(std::string_view text) {
  if (text.size() > kMediaTypeBytesMax) return malformed("too long");
  text = trim(text);
  const std::string_view essence = trim(text.substr(0, text.find(';')));
  if (!is_essence(essence)) return malformed("no type and subtype");
  const auto parts = split(text.substr(essence.size()), ';', kMediaTypeParametersMax);
  if (!parts) return malformed("bad or too many parameters");
  MediaType type;
  type.text_ = ascii_lower(essence);
  type.essence_bytes_ = essence.size();
  std::vector<std::string> names;
  for (const std::string_view part : *parts) {
    auto parameter = parse_parameter(part);
    if (!parameter) return malformed("bad parameter");
    if (std::ranges::find(names, parameter->name) != names.end()) return malformed("named twice");
    type.text_ += "; " + parameter->name + '=' + write_word(parameter->value);
    names.push_back(std::move(parameter->name));
  }
  // Blanks may have been added.
  if (type.text_.size() > kMediaTypeBytesMax) return malformed("too long");
  return type;
}

bool is_same_type(const MediaType& a, const MediaType& b) {
  return a.essence() == b.essence();
}

bool is_inline(std::string_view essence) {
  return std::ranges::find(kInline, essence) != kInline.end();
}

}  // namespace bellhop::http
