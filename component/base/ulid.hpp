// ULIDs: ids that sort by time and are unique across restarts and nodes.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace bellhop::base {

/// 48 bits of milliseconds since 1970, then 80 random bits.
struct Ulid {
  std::array<std::uint8_t, 16> bytes{};

  /// 26 characters of Crockford's base 32.
  [[nodiscard]] std::string text() const;
  /// What text() writes, in upper or lower case; empty: it is none.
  [[nodiscard]] static std::optional<Ulid> parse(std::string_view text);
  friend auto operator<=>(const Ulid&, const Ulid&) = default;
};

/// Makes them. One source per shard: it has a generator of its own. Ids name things; they are no
/// secrets and grant nothing.
class UlidSource {
 public:
  UlidSource();
  [[nodiscard]] Ulid next(std::chrono::system_clock::time_point now);

 private:
  std::mt19937_64 generator_;
};

}  // namespace bellhop::base
