#include "proxy/webdav/if_header.hpp"

#include <algorithm>
#include <utility>

#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

using Kind = IfCondition::Kind;

// RFC 4918 §10.4.8: never the token of a lock.
constexpr std::string_view kNoLock = "DAV:no-lock";

// Line breaks come as blanks or not at all; HTTP servers unfold or refuse them.
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool may_stand_in_uri(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F && c != '<' && c != '>';
}

// RFC 9110 §8.8.3, and the blank that RFC 2616 allowed and RFC 4918 §10.4.6 shows.
bool may_stand_in_tag(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte != 0x7F && c != '"';
}

// Reads the header from its front; every function leaves what it refuses.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void skip_blanks() {
    const auto next = std::ranges::find_if_not(rest_, is_blank);
    rest_.remove_prefix(static_cast<std::size_t>(next - rest_.begin()));
  }

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
  [[nodiscard]] bool is_at(char c) const { return rest_.starts_with(c); }

  bool accept(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // RFC 5234 §2.3: without case.
  bool accept_not() {
    const bool is_not = rest_.size() >= 3 && (rest_[0] | 0x20) == 'n' && (rest_[1] | 0x20) == 'o' &&
                        (rest_[2] | 0x20) == 't';
    if (is_not) rest_.remove_prefix(3);
    return is_not;
  }

  // `<…>`, without the brackets.
  std::optional<std::string> accept_bracketed() {
    if (!rest_.starts_with('<')) return std::nullopt;
    const auto end = std::find_if_not(rest_.begin() + 1, rest_.end(), may_stand_in_uri);
    if (end == rest_.end() || *end != '>') return std::nullopt;
    const auto length = static_cast<std::size_t>(end - rest_.begin()) - 1;
    if (length == 0) return std::nullopt;
    std::string inside(rest_.substr(1, length));
    rest_.remove_prefix(length + 2);
    return inside;
  }

  // `["…"]` or `[W/"…"]`, without the square brackets; no blanks between them (§10.4.2).
  std::optional<std::string> accept_tag() {
    if (!accept("[")) return std::nullopt;
    std::string tag;
    if (accept("W/")) tag = "W/";
    if (!rest_.starts_with('"')) return std::nullopt;
    const auto end = std::find_if_not(rest_.begin() + 1, rest_.end(), may_stand_in_tag);
    if (end == rest_.end() || *end != '"') return std::nullopt;
    const auto length = static_cast<std::size_t>(end - rest_.begin()) + 1;
    tag += rest_.substr(0, length);
    rest_.remove_prefix(length);
    if (!accept("]")) return std::nullopt;
    return tag;
  }

 private:
  std::string_view rest_;
};

std::optional<IfCondition> read_condition(Reader& reader) {
  IfCondition condition{.kind = Kind::state_token, .value = {}};
  condition.is_negated = reader.accept_not();
  reader.skip_blanks();
  if (reader.is_at('[')) condition.kind = Kind::entity_tag;
  auto value = condition.kind == Kind::entity_tag ? reader.accept_tag() : reader.accept_bracketed();
  if (!value) return std::nullopt;
  condition.value = std::move(*value);
  return condition;
}

// From behind "(" to behind ")".
std::optional<std::vector<IfCondition>> read_conditions(Reader& reader, std::size_t& room) {
  std::vector<IfCondition> conditions;
  for (;;) {
    reader.skip_blanks();
    if (reader.accept(")")) break;
    auto condition = read_condition(reader);
    if (!condition || room == 0) return std::nullopt;
    --room;
    conditions.push_back(std::move(*condition));
  }
  if (conditions.empty()) return std::nullopt;  // 1*Condition
  return conditions;
}

std::string_view without_weakness(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

bool holds(const IfCondition& condition, const IfState& state) {
  bool is_met = false;
  if (condition.kind == Kind::state_token) {
    is_met = std::ranges::find(state.tokens, condition.value) != state.tokens.end();
  } else {
    is_met =
        !state.etag.empty() && without_weakness(condition.value) == without_weakness(state.etag);
  }
  return is_met != condition.is_negated;
}

}  // namespace

base::Result<IfHeader> parse_if(std::string_view text) {
  if (text.size() > kIfBytesMax) return base::Error(errors::bad_if, "too long");
  IfHeader header;
  Reader reader(text);
  std::size_t room = kIfConditionsMax;
  std::string resource;
  bool needs_list = false;  // a tag is followed by at least one list
  for (reader.skip_blanks(); !reader.is_at_end(); reader.skip_blanks()) {
    if (reader.accept("(")) {
      auto conditions = read_conditions(reader, room);
      if (!conditions) return base::Error(errors::bad_if, "in a list");
      header.lists.push_back({.resource = resource, .conditions = std::move(*conditions)});
      needs_list = false;
      continue;
    }
    auto tag = reader.accept_bracketed();
    // §10.4.2: tagged and untagged lists cannot be mixed.
    const bool is_mixed = !header.lists.empty() && resource.empty();
    if (!tag || needs_list || is_mixed) return base::Error(errors::bad_if, "outside of lists");
    resource = std::move(*tag);
    needs_list = true;
  }
  if (header.lists.empty() || needs_list) return base::Error(errors::bad_if, "a list is missing");
  return header;
}

std::string to_string(const IfHeader& header) {
  std::string out;
  for (const IfList& list : header.lists) {
    if (!out.empty()) out += ' ';
    if (!list.resource.empty()) out.append("<").append(list.resource).append("> ");
    out += '(';
    for (const IfCondition& condition : list.conditions) {
      if (out.back() != '(') out += ' ';
      if (condition.is_negated) out += "Not ";
      const bool is_token = condition.kind == Kind::state_token;
      out += is_token ? '<' : '[';
      out += condition.value;
      out += is_token ? '>' : ']';
    }
    out += ')';
  }
  return out;
}

std::vector<std::string> IfHeader::submitted_tokens() const {
  std::vector<std::string> tokens;
  for (const IfList& list : lists) {
    for (const IfCondition& condition : list.conditions) {
      if (condition.kind == Kind::state_token && condition.value != kNoLock &&
          std::ranges::find(tokens, condition.value) == tokens.end()) {
        tokens.push_back(condition.value);
      }
    }
  }
  return tokens;
}

bool holds(const IfHeader& header, const IfStateLookup& lookup) {
  return std::ranges::any_of(header.lists, [&lookup](const IfList& list) {
    const auto state = lookup(list.resource);
    return state && std::ranges::all_of(list.conditions, [&state](const IfCondition& condition) {
             return holds(condition, *state);
           });
  });
}

base::Result<std::string> refreshed_token(const std::optional<IfHeader>& header) {
  if (!header) return base::Error(errors::bad_if, "a refresh without If");
  std::vector<std::string> tokens = header->submitted_tokens();
  if (tokens.size() != 1) return base::Error(errors::bad_if, "a refresh of one lock at a time");
  return std::move(tokens.front());
}

}  // namespace bellhop::webdav
