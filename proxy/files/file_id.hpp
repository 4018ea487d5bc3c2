// The names of stored files: random, so that knowing one is the permission to fetch it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bellhop::files {

/// HUP-09: 128 bits of randomness. Names the file in URLs, in the index and on disk; nothing of it
/// is made of what a stranger sent.
struct FileId {
  static constexpr std::size_t kTextBytes = 22;

  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] static FileId random();
  /// What text() writes; nothing for anything else.
  [[nodiscard]] static std::optional<FileId> parse(std::string_view text);
  /// kTextBytes characters of A-Z, a-z, 0-9, `-` and `_`.
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const FileId&, const FileId&) = default;
};

}  // namespace bellhop::files

template <>
struct std::hash<bellhop::files::FileId> {
  // Random already: any eight bytes spread as well as a hash of all.
  std::size_t operator()(const bellhop::files::FileId& id) const noexcept {
    std::size_t value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8) | id.bytes[i];
    return value;
  }
};
