#include "proxy/http/byte_range.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "proxy/http/syntax.hpp"

namespace bellhop::http {
namespace {

// One range-spec (RFC 9110 §14.1.2) before the size is looked at: at least one part is there.
struct Spec {
  std::optional<std::uint64_t> first;  // none: the last `last` bytes
  std::optional<std::uint64_t> last;   // none: up to the end
};

// RFC 9110 §14.1.1: int-range or suffix-range. Numbers beyond any file are no fault of form.
std::optional<Spec> parse_spec(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, dash);
  const std::string_view behind = text.substr(dash + 1);
  const Spec spec{parse_saturated(before), parse_saturated(behind)};
  const bool is_number_or_empty = (spec.first || before.empty()) && (spec.last || behind.empty());
  if (!is_number_or_empty || (!spec.first && !spec.last)) return std::nullopt;
  // RFC 9110 §14.1.1: a range that ends before it begins is invalid.
  if (spec.first && spec.last && *spec.last < *spec.first) return std::nullopt;
  return spec;
}

// The bytes of a file, which is not empty, that a spec selects; none if it lies behind the end.
std::optional<ByteRange> resolve(const Spec& spec, std::uint64_t size) {
  const std::uint64_t end = size - 1;
  if (!spec.first) {
    if (*spec.last == 0) return std::nullopt;
    return ByteRange{size - std::min(*spec.last, size), end};
  }
  if (*spec.first > end) return std::nullopt;
  return ByteRange{*spec.first, std::min(spec.last.value_or(end), end)};
}

// RFC 9110 §14.2, §17.15: overlapping ranges cost a server more than they give a client.
// DEVIATION: §15.3.7.2 would keep the order in which the ranges were asked for; clients must look
// at the Content-Range of each part anyway, and a file is best read from front to back.
std::vector<ByteRange> merge(std::vector<ByteRange> ranges) {
  std::ranges::sort(ranges, {}, [](const ByteRange& r) { return std::tuple(r.first, r.last); });
  std::vector<ByteRange> merged;
  for (const ByteRange& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().last + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

std::optional<std::vector<Spec>> parse_specs(std::string_view range) {
  const std::size_t equals = range.find('=');
  // RFC 9110 §14.1: the names of units know no case; §14.2: an unknown unit is ignored.
  if (equals == std::string_view::npos || !equals_ignoring_case(range.substr(0, equals), "bytes")) {
    return std::nullopt;
  }
  const auto parts = split(range.substr(equals + 1), ',', kRangesMax);
  if (!parts || parts->empty()) return std::nullopt;
  std::vector<Spec> specs;
  for (const std::string_view part : *parts) {
    const auto spec = parse_spec(part);
    if (!spec) return std::nullopt;
    specs.push_back(*spec);
  }
  return specs;
}

// RFC 9110 §14.1.2: an empty file satisfies a suffix, by all it has, and no other range.
RangeSelection select_of_nothing(const std::vector<Spec>& specs) {
  const bool has_suffix =
      std::ranges::any_of(specs, [](const Spec& spec) { return !spec.first && *spec.last != 0; });
  return {.outcome = has_suffix ? RangeOutcome::whole : RangeOutcome::unsatisfiable};
}

}  // namespace

RangeSelection select_ranges(std::string_view range, std::uint64_t size) {
  BELLHOP_ASSERT(size <= kFileBytesMax);
  const auto specs = parse_specs(trim(range));
  if (!specs) return {};
  if (size == 0) return select_of_nothing(*specs);
  std::vector<ByteRange> ranges;
  for (const Spec& spec : *specs) {
    if (const auto resolved = resolve(spec, size)) ranges.push_back(*resolved);
  }
  if (ranges.empty()) return {.outcome = RangeOutcome::unsatisfiable};
  return {.outcome = RangeOutcome::partial, .ranges = merge(std::move(ranges))};
}

std::string satisfied_range(const ByteRange& range, std::uint64_t size) {
  return ContentRange{.range = range, .size = size}.text();
}

std::string unsatisfied_range(std::uint64_t size) {
  return ContentRange{.size = size}.text();
}

}  // namespace bellhop::http
