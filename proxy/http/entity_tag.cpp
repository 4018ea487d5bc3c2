#include "proxy/http/entity_tag.hpp"

#include <algorithm>
#include <utility>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

// RFC 9110 §8.8.3: etagc, which a backslash belongs to; it escapes nothing.
constexpr bool is_tag_character(char c) {
  return (is_visible(c) && c != '"') || static_cast<unsigned char>(c) >= 0x80;
}

// Takes one tag off the front. Tags hold commas, and backslashes that mean nothing, so that a list
// of them is not one of quoted strings.
std::optional<EntityTag> take(std::string_view& rest) {
  EntityTag tag;
  tag.is_weak = rest.starts_with("W/");  // RFC 9110 §8.8.3: case-sensitive
  if (tag.is_weak) rest.remove_prefix(2);
  if (!rest.starts_with('"')) return std::nullopt;
  const std::size_t end = rest.find('"', 1);
  if (end == std::string_view::npos || end - 1 > kEntityTagBytesMax) return std::nullopt;
  tag.opaque = rest.substr(1, end - 1);
  if (!std::ranges::all_of(tag.opaque, is_tag_character)) return std::nullopt;
  rest.remove_prefix(end + 1);
  return tag;
}

}  // namespace

std::optional<EntityTag> EntityTag::parse(std::string_view text) {
  auto tag = take(text);
  return text.empty() ? tag : std::nullopt;
}

std::string EntityTag::text() const {
  return (is_weak ? "W/\"" : "\"") + opaque + '"';
}

bool matches_strongly(const EntityTag& a, const EntityTag& b) {
  return !a.is_weak && !b.is_weak && a.opaque == b.opaque;
}

bool matches_weakly(const EntityTag& a, const EntityTag& b) {
  return a.opaque == b.opaque;
}

std::optional<EntityTagList> EntityTagList::parse(std::string_view value) {
  EntityTagList list;
  std::string_view rest = trim(value.substr(0, kFieldValueBytesMax + 1));
  if (rest.size() > kFieldValueBytesMax) return std::nullopt;
  list.is_any = rest == "*";
  if (list.is_any) return list;
  // RFC 9110 §5.6.1.2: empty elements are passed over.
  for (bool is_behind_comma = true; !rest.empty(); rest = trim(rest)) {
    if (rest.front() == ',') {
      rest.remove_prefix(1);
      is_behind_comma = true;
      continue;
    }
    auto tag = is_behind_comma ? take(rest) : std::nullopt;
    if (!tag || list.tags.size() == kEntityTagsMax) return std::nullopt;
    list.tags.push_back(std::move(*tag));
    is_behind_comma = false;
  }
  return list.tags.empty() ? std::nullopt : std::optional(std::move(list));
}

}  // namespace bellhop::http
