// Any text as the value of each header field that is read: what is accepted keeps its promises and
// is the same when written and read again.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "component/base/error.hpp"
#include "component/base/ip_network.hpp"
#include "component/xmpp/digest.hpp"
#include "component/xmpp/utf8.hpp"
#include "proxy/http/basic_credentials.hpp"
#include "proxy/http/byte_range.hpp"
#include "proxy/http/conditions.hpp"
#include "proxy/http/content_range.hpp"
#include "proxy/http/entity_tag.hpp"
#include "proxy/http/forwarded.hpp"
#include "proxy/http/http_date.hpp"
#include "proxy/http/media_type.hpp"
#include "proxy/http/multipart_ranges.hpp"
#include "proxy/http/response_head.hpp"
#include "proxy/http/syntax.hpp"
#include "proxy/http/tus.hpp"

namespace {

namespace base = bellhop::base;
namespace http = bellhop::http;
namespace xmpp = bellhop::xmpp;

constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 6 / 15);

void check_syntax(std::string_view text) {
  if (const auto word = http::parse_word(text)) {
    BELLHOP_ASSERT(http::parse_word(http::write_word(*word)) == *word);
  }
  const auto parts = http::split(text, ',', 8);
  BELLHOP_ASSERT(!parts || parts->size() <= 8);
  if (const auto bytes = xmpp::from_base64(text)) BELLHOP_ASSERT(xmpp::to_base64(*bytes) == text);
}

void check_date(std::string_view text) {
  const auto date = http::parse_http_date(text, kNow);
  if (date) BELLHOP_ASSERT(http::parse_http_date(http::format_http_date(*date), kNow) == *date);
}

void check_range(std::string_view text, std::uint64_t size) {
  const http::RangeSelection selection = http::select_ranges(text, size);
  const bool is_partial = selection.outcome == http::RangeOutcome::partial;
  BELLHOP_ASSERT(is_partial == !selection.ranges.empty());
  BELLHOP_ASSERT(selection.ranges.size() <= http::kRangesMax);
  const http::ByteRange* before = nullptr;
  std::uint64_t selected = 0;
  for (const http::ByteRange& range : selection.ranges) {
    BELLHOP_ASSERT(range.first <= range.last && range.last < size);
    BELLHOP_ASSERT(before == nullptr || before->last + 1 < range.first);
    const auto written = http::parse_content_range(http::satisfied_range(range, size));
    BELLHOP_ASSERT(written && written->range == range && written->size == size);
    selected += range.length();
    before = &range;
  }
  const auto layout = http::lay_out_multipart(selection.ranges, size, "a/b", "boundary");
  std::uint64_t head_bytes = layout.tail.size();
  for (const auto& part : layout.parts) head_bytes += part.head.size();
  BELLHOP_ASSERT(layout.length == selected + head_bytes);
}

void check_content_range(std::string_view text) {
  const auto range = http::parse_content_range(text);
  if (!range) return;
  BELLHOP_ASSERT(range->range || range->size);
  if (range->range) {
    BELLHOP_ASSERT(range->range->last < range->size.value_or(http::kFileBytesMax));
  }
  BELLHOP_ASSERT(http::parse_content_range(range->text()).value() == *range);
}

void check_conditions(std::string_view text) {
  if (const auto tag = http::EntityTag::parse(text)) BELLHOP_ASSERT(tag->text() == text);
  const auto list = http::EntityTagList::parse(text);
  const http::Validators current{
      .entity_tag = http::EntityTag{.opaque = "a"}, .last_modified = kNow, .is_date_strong = true};
  for (const http::MethodKind method : {http::MethodKind::retrieval, http::MethodKind::other}) {
    const bool may_change = method == http::MethodKind::other;
    const http::ConditionFields if_match{.if_match = text};
    const auto verdict = http::evaluate_conditions(method, if_match, &current, kNow);
    BELLHOP_ASSERT(list || verdict == http::Verdict::precondition_failed);
    const http::ConditionFields if_none_match{.if_none_match = text};
    const auto none = http::evaluate_conditions(method, if_none_match, nullptr, kNow);
    BELLHOP_ASSERT(
        none == (list || !may_change ? http::Verdict::go_on : http::Verdict::precondition_failed));
    const http::ConditionFields dates{.if_unmodified_since = text, .if_modified_since = text};
    (void)http::evaluate_conditions(method, dates, &current, kNow);
  }
  (void)http::may_send_range(text, current, kNow);
}

void check_media_type(std::string_view text) {
  const auto type = http::MediaType::parse(text);
  if (!type) return;
  BELLHOP_ASSERT(type->text().size() <= http::kMediaTypeBytesMax);
  BELLHOP_ASSERT(http::MediaType::parse(type->text()).value() == *type);
  BELLHOP_ASSERT(http::MediaType::parse(type->essence()).value().text() == type->essence());
  http::ResponseHead head(200);
  BELLHOP_ASSERT(head.add("Content-Type", type->text()).dropped() == 0);
}

void check_tus(std::string_view text) {
  if (const auto metadata = http::parse_upload_metadata(text)) {
    BELLHOP_ASSERT(metadata->pairs.size() <= http::kMetadataPairsMax);
    const std::string written = http::format_upload_metadata(*metadata);
    BELLHOP_ASSERT(http::parse_upload_metadata(written).value() == *metadata);
  }
  if (const auto checksum = http::parse_upload_checksum(text)) {
    const std::string written = http::format_upload_checksum(*checksum);
    BELLHOP_ASSERT(http::parse_upload_checksum(written).value() == *checksum);
  }
  const auto length = http::parse_upload_length(text);
  BELLHOP_ASSERT(!length || *length <= http::kFileBytesMax);
  (void)http::check_tus_version(text);
  (void)http::check_upload_defer_length(text);
}

void check_forwarded(std::string_view text) {
  const std::array trusted{base::IpNetwork::parse("10.0.0.0/8").value()};
  const auto proxy = base::IpAddress::from_v4(0x0A000001);
  const auto stranger = base::IpAddress::from_v4(0xC0000201);
  const http::ForwardedFields fields[] = {
      {.forwarded = text},
      {.x_forwarded_for = text, .x_forwarded_proto = text},
      {.forwarded = text, .x_forwarded_for = text},
  };
  for (const http::ForwardedFields& each : fields) {
    BELLHOP_ASSERT(http::find_client(stranger, trusted, each) == http::ForwardedClient{stranger});
    (void)http::find_client(proxy, trusted, each);
  }
  // Whatever a client writes in front of it, what the proxy appends counts.
  const std::string by_x = std::string(text) + ", 192.0.2.1";
  BELLHOP_ASSERT(http::find_client(proxy, trusted, {.x_forwarded_for = by_x}).address == stranger);
  const std::string by_rfc = std::string(text) + ", for=192.0.2.1";
  BELLHOP_ASSERT(http::find_client(proxy, trusted, {.forwarded = by_rfc}).address == stranger);
}

void check_network(std::string_view text) {
  const auto network = base::IpNetwork::parse(text);
  if (network) BELLHOP_ASSERT(base::IpNetwork::parse(network->text()) == network);
}

void check_credentials(std::string_view text) {
  const auto basic = http::parse_basic(text);
  if (basic) {
    BELLHOP_ASSERT(!basic->user.empty() && basic->user.size() <= http::kUserBytesMax);
    BELLHOP_ASSERT(basic->user.find(':') == std::string::npos && xmpp::is_utf8(basic->user));
    const auto decoded = http::decode_confirmation(*basic);
    BELLHOP_ASSERT(!decoded || xmpp::is_utf8(decoded->user));
  }
  const auto bearer = http::parse_bearer(text);
  BELLHOP_ASSERT(!bearer || (!bearer->empty() && bearer->size() <= http::kBearerTokenBytesMax));
  BELLHOP_ASSERT(!(basic && bearer));
}

// A head with a field made of anything has one line more or none.
void check_head(std::string_view text) {
  http::ResponseHead head(200);
  head.add("A", text).add(text.substr(0, text.size() / 2), text.substr(text.size() / 2));
  std::size_t lines = 0;
  const std::string written = head.text();
  for (const char c : written) lines += c == '\n' ? 1 : 0;
  BELLHOP_ASSERT(lines == 2 + (2 - head.dropped()) && written.size() <= http::kHeadBytesMax);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_syntax(text);
  check_date(text);
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, http::kFileBytesMax}) {
    check_range(text, bytes);
  }
  check_content_range(text);
  check_conditions(text);
  check_media_type(text);
  check_tus(text);
  check_forwarded(text);
  check_network(text);
  check_credentials(text);
  check_head(text);
  return 0;
}
