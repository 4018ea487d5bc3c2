// Entity tags (RFC 9110 §8.8.3) and the lists of them in If-Match and If-None-Match.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bellhop::http {

/// Ours are much shorter; a longer one cannot be of ours.
inline constexpr std::size_t kEntityTagBytesMax = 256;
/// Nobody keeps so many versions of one file.
inline constexpr std::size_t kEntityTagsMax = 64;

/// One entity tag.
struct EntityTag {
  std::string opaque;    ///< what stands between the quotes; etagc only (RFC 9110 §8.8.3)
  bool is_weak = false;  ///< W/ before it

  /// `"…"` or `W/"…"`; nothing for anything else, and for more than kEntityTagBytesMax.
  [[nodiscard]] static std::optional<EntityTag> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  friend bool operator==(const EntityTag&, const EntityTag&) = default;
};

/// RFC 9110 §8.8.3.2: alike, and neither is weak.
[[nodiscard]] bool matches_strongly(const EntityTag& a, const EntityTag& b);
/// RFC 9110 §8.8.3.2: alike, weak or not.
[[nodiscard]] bool matches_weakly(const EntityTag& a, const EntityTag& b);

/// The value of If-Match or If-None-Match.
struct EntityTagList {
  bool is_any = false;  ///< `*`; then there are no tags
  std::vector<EntityTag> tags = {};

  /// `*`, or one tag or more. Nothing for anything else, and for more than kEntityTagsMax.
  [[nodiscard]] static std::optional<EntityTagList> parse(std::string_view value);
};

}  // namespace bellhop::http
