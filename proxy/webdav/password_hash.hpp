// Passwords as they are kept: scrypt (RFC 7914) with a salt and a cost of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/secret.hpp"

namespace bellhop::webdav {

/// RFC 7914 §2. The default takes some 200 ms and 16 MiB, as guessing should.
struct HashCost {
  std::uint32_t log2_n = 14;
  std::uint32_t r = 8;
  std::uint32_t p = 5;
  friend bool operator==(const HashCost&, const HashCost&) = default;
};

/// What one hash may cost, whatever the database says.
inline constexpr HashCost kHashCostMax{.log2_n = 17, .r = 16, .p = 16};

/// One password, hashed. Slow by intent; any thread.
class PasswordHash {
 public:
  /// With a new salt. None if OpenSSL has no memory for it.
  [[nodiscard]] static std::optional<PasswordHash> make(const config::Secret& password,
                                                        const HashCost& cost = {});
  /// Reads what text() writes; none for anything else, and for a cost above kHashCostMax.
  [[nodiscard]] static std::optional<PasswordHash> parse(std::string_view text);

  /// `scrypt$<log2 N>$<r>$<p>$<salt>$<key>`, the last two in base64.
  [[nodiscard]] std::string text() const;
  /// In constant time, as far as the outcome goes.
  [[nodiscard]] bool matches(const config::Secret& password) const;
  [[nodiscard]] const HashCost& cost() const { return cost_; }

 private:
  PasswordHash(HashCost cost, std::string salt, std::string key)
      : cost_(cost), salt_(std::move(salt)), key_(std::move(key)) {}

  HashCost cost_;
  std::string salt_;
  std::string key_;
};

}  // namespace bellhop::webdav
