// Any text as the target of a request, as Destination and as Host: what is accepted holds nothing
// that a file system or another reader could take for something else, and is the same when written
// and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "component/base/error.hpp"
#include "component/xmpp/utf8.hpp"
#include "proxy/http/authority.hpp"
#include "proxy/http/content_disposition.hpp"
#include "proxy/http/errors.hpp"
#include "proxy/http/percent.hpp"
#include "proxy/http/request_target.hpp"
#include "proxy/http/syntax.hpp"

namespace {

namespace http = bellhop::http;
namespace xmpp = bellhop::xmpp;

bool is_url_text(std::string_view text) {
  for (const char c : text) {
    if (!http::is_visible(c) || c == '"' || c == '<' || c == '>' || c == '\\') return false;
  }
  return true;
}

void check_segment(const std::string& segment) {
  BELLHOP_ASSERT(!segment.empty() && segment.size() <= http::kSegmentBytesMax);
  BELLHOP_ASSERT(segment != "." && segment != ".." && xmpp::is_utf8(segment));
  BELLHOP_ASSERT(segment.find_first_of(std::string_view("/\\\0\r\n\x7F", 6)) == std::string::npos);
  const std::string encoded = http::encode_segment(segment);
  BELLHOP_ASSERT(is_url_text(encoded) && encoded.find('/') == std::string::npos);
  BELLHOP_ASSERT(http::decode_percent(encoded) == segment);
  // Whoever decodes once more does not climb either.
  const std::string twice = http::decode_percent_leniently(segment);
  BELLHOP_ASSERT(twice != "." && twice != "..");
}

void check_target(const http::RequestTarget& target) {
  BELLHOP_ASSERT(target.path.segments.size() <= http::kSegmentsMax);
  for (const std::string& segment : target.path.segments) check_segment(segment);
  if (target.form == http::TargetForm::asterisk) return;
  const auto again = http::parse_request_target(http::make_path(target.path));
  // Escapes make a path longer than it came if it held raw UTF-8.
  if (!again) {
    BELLHOP_ASSERT(again.error().is(http::errors::target_too_long));
    return;
  }
  BELLHOP_ASSERT(again->path == target.path && !again->query);
  BELLHOP_ASSERT(again->form == http::TargetForm::origin);
  if (target.query) BELLHOP_ASSERT(target.query->find_first_of(" #\r\n") == std::string::npos);
}

void check_authority(const http::Authority& authority) {
  const bool is_v6 = authority.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? '[' + authority.host + ']' : authority.host;
  const auto again = http::Authority::parse(host, authority.port);
  BELLHOP_ASSERT(again && *again == authority);
}

void check_file_name(std::string_view text) {
  const std::string safe = http::safe_file_name(text);
  BELLHOP_ASSERT(!safe.empty() && safe.size() <= http::kFileNameBytesMax && xmpp::is_utf8(safe));
  BELLHOP_ASSERT(safe.find_first_of("/\\\r\n") == std::string::npos && safe.front() != '.');
  BELLHOP_ASSERT(http::safe_file_name(safe) == safe);
  const std::string value = http::content_disposition(http::Disposition::attachment, text);
  for (const char c : value) BELLHOP_ASSERT(http::is_visible(c) || c == ' ');
  const std::string_view encoded = std::string_view(value).substr(value.rfind('\'') + 1);
  BELLHOP_ASSERT(http::decode_percent(encoded) == safe);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto target = http::parse_request_target(text);
  if (target) check_target(*target);
  const auto destination = http::parse_destination(text);
  if (destination) {
    check_target(*destination);
    if (destination->form == http::TargetForm::absolute) check_authority(destination->authority);
  }
  // There is one reader for both.
  if (target && destination) BELLHOP_ASSERT(target->path == destination->path);
  if (const auto authority = http::Authority::parse(text, 443)) check_authority(*authority);
  const auto decoded = http::decode_percent(text);
  if (decoded) BELLHOP_ASSERT(*decoded == http::decode_percent_leniently(text));
  BELLHOP_ASSERT(http::decode_percent(http::encode_percent(text, "-._~")) == text);
  check_file_name(text);
  return 0;
}
