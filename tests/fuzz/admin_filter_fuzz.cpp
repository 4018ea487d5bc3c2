// Any text as a filter: what is refused says where, what is accepted obeys logic on every row.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "api/admin/errors.hpp"
#include "api/admin/filter.hpp"
#include "component/base/error.hpp"

namespace {

using bellhop::admin::Filter;

constexpr std::array<Filter::Field, 3> kFields{{
    {"kind", Filter::Type::text},
    {"requester", Filter::Type::text},
    {"size", Filter::Type::number},
}};

struct Row {
  std::string_view kind;
  std::string_view requester;
  std::uint64_t size;

  Filter::Value operator()(std::size_t field) const {
    BELLHOP_ASSERT(field < kFields.size());
    if (field == 2) return size;
    return field == 0 ? kind : requester;
  }
};

constexpr std::array<Row, 3> kRows{{
    {"socks5", "alice@example.org/laptop", 1500},
    {"", "", 0},
    {"upload", "bob\\40example.net@bellhop.example.org", ~std::uint64_t{0}},
}};

/// A larger filter made of an accepted one is accepted too, unless it breaks a maximum.
template <typename Expect>
void check_larger(const std::string& text, const Expect& expect) {
  const auto larger = Filter::parse(text, kFields);
  if (!larger) {
    const std::string detail = larger.error().detail();
    BELLHOP_ASSERT(detail.find("longer than") != std::string::npos ||
                   detail.find("more than") != std::string::npos);
    return;
  }
  for (const Row& row : kRows) BELLHOP_ASSERT(larger->matches(row) == expect(row));
}

void check_accepted(std::string_view text, const Filter& filter) {
  if (filter.is_empty()) {
    for (const Row& row : kRows) BELLHOP_ASSERT(filter.matches(row));
    return;
  }
  const std::string group = "(" + std::string(text) + ")";
  check_larger(group, [&](const Row& row) { return filter.matches(row); });
  check_larger("NOT " + group, [&](const Row& row) { return !filter.matches(row); });
  check_larger("-" + group, [&](const Row& row) { return !filter.matches(row); });
  check_larger(group + " OR size = 0",
               [&](const Row& row) { return filter.matches(row) || row.size == 0; });
  check_larger("kind:* " + group,
               [&](const Row& row) { return !row.kind.empty() && filter.matches(row); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto filter = Filter::parse(text, kFields);
  if (filter) {
    check_accepted(text, *filter);
    return 0;
  }
  const auto error = filter.error();
  BELLHOP_ASSERT(error.is(bellhop::admin::errors::bad_filter));
  BELLHOP_ASSERT(error.detail().starts_with("column ") && error.detail().size() <= 256);
  for (const char c : error.detail()) BELLHOP_ASSERT(c >= ' ' && c <= '~');
  return 0;
}
