// Any bytes as the value of a WebDAV header: an If header that is accepted has one form, whose
// meaning is the same, and what is granted stays within the policy.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "proxy/webdav/dav_headers.hpp"
#include "proxy/webdav/errors.hpp"
#include "proxy/webdav/if_header.hpp"

namespace {

namespace webdav = bellhop::webdav;

template <typename T>
void check_refusal(const bellhop::base::Result<T>& result) {
  if (!result) BELLHOP_ASSERT(webdav::errors::find_row(result.error().kind()) != nullptr);
}

std::size_t conditions(const webdav::IfHeader& header) {
  std::size_t count = 0;
  for (const webdav::IfList& list : header.lists) {
    BELLHOP_ASSERT(!list.conditions.empty());
    count += list.conditions.size();
  }
  return count;
}

// The Request-URI has the first token and the tag of the examples; tagged resources are unmapped
// or, if their tag ends in '!', foreign.
std::optional<webdav::IfState> look_up(const webdav::IfHeader& header, std::string_view resource) {
  if (resource.ends_with('!')) return std::nullopt;
  webdav::IfState state;
  if (!resource.empty()) return state;
  state.etag = "\"e\"";
  const auto tokens = header.submitted_tokens();
  if (!tokens.empty()) state.tokens.push_back(tokens.front());
  return state;
}

void check_if(std::string_view text) {
  const auto header = webdav::parse_if(text);
  check_refusal(header);
  if (!header) return;
  BELLHOP_ASSERT(!header->lists.empty() && conditions(*header) <= webdav::kIfConditionsMax);
  const bool is_tagged = !header->lists.front().resource.empty();
  BELLHOP_ASSERT(std::ranges::all_of(header->lists, [is_tagged](const webdav::IfList& list) {
    return list.resource.empty() != is_tagged;
  }));
  // A tag is written before each of its lists, which may take it beyond the limit.
  const std::string written = webdav::to_string(*header);
  const auto again = webdav::parse_if(written);
  BELLHOP_ASSERT(written.size() > webdav::kIfBytesMax ? !again : (again && *again == *header));

  const auto look = [&header](std::string_view resource) { return look_up(*header, resource); };
  const bool holds = webdav::holds(*header, look);
  if (again) BELLHOP_ASSERT(webdav::holds(*again, look) == holds);
  BELLHOP_ASSERT(!webdav::holds(*header, [](std::string_view) { return std::nullopt; }));
  const auto tokens = header->submitted_tokens();
  BELLHOP_ASSERT(std::ranges::find(tokens, "DAV:no-lock") == tokens.end());
  BELLHOP_ASSERT(webdav::refreshed_token(*header).has_value() == (tokens.size() == 1));
}

void check_others(std::string_view text) {
  const webdav::TimeoutPolicy policy;
  const auto granted = webdav::grant_timeout(text, policy);
  BELLHOP_ASSERT(granted >= policy.min && granted <= policy.max);
  BELLHOP_ASSERT(webdav::grant_timeout(webdav::format_timeout(granted), policy) == granted);

  const auto token = webdav::parse_lock_token(text);
  check_refusal(token);
  if (token) {
    BELLHOP_ASSERT(!token->empty() && token->size() <= webdav::kStateTokenBytesMax);
    BELLHOP_ASSERT(token->find_first_of("<> \r\n") == std::string::npos);
    BELLHOP_ASSERT(*webdav::parse_lock_token('<' + *token + '>') == *token);
    // As a condition it is submitted, unless it is the one that is no lock.
    const auto header = webdav::parse_if("(<" + *token + ">)");
    BELLHOP_ASSERT(header &&
                   header->submitted_tokens().size() == (*token == "DAV:no-lock" ? 0U : 1U));
  }
  const auto depth = webdav::parse_depth(text, webdav::DepthRule::any);
  check_refusal(depth);
  if (depth) {
    BELLHOP_ASSERT(*webdav::parse_depth(webdav::to_string(*depth), webdav::DepthRule::any) ==
                   *depth);
  }
  check_refusal(webdav::parse_overwrite(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_if(text);
  check_others(text);
  return 0;
}
