// Page tokens: where the next page of a list begins, in a form that callers can only give back.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "component/base/error.hpp"
#include "config/secret.hpp"

namespace bellhop::admin {

/// Makes and reads page tokens. A token holds the key of the last row of a page, so a list goes on
/// behind it whatever has come or gone since; the key is readable, but not changeable: HMAC-SHA256
/// binds it to the request it was made for and to this object's secret. Tokens of another process
/// are refused. Immutable; may be used by several threads.
class PageTokens {
 public:
  static constexpr std::size_t kKeyBytesMax = 4096;
  static constexpr std::size_t kSecretBytes = 32;

  /// With a random secret. Throws std::runtime_error if OpenSSL has no randomness: start-up only.
  PageTokens();
  /// With a secret of kSecretBytes.
  explicit PageTokens(config::Secret secret);

  /// A token in the alphabet of URLs (RFC 4648 §5), never empty. `key` has at most kKeyBytesMax;
  /// `query` is all that chooses and orders the rows: method, filter and order, joined so that two
  /// different requests never give one text.
  [[nodiscard]] std::string make(std::string_view key, std::string_view query) const;

  /// The key of a token that make() returned for this `query`. Errors: errors::bad_page_token for
  /// everything else, an empty text too; the time it takes says nothing about the secret.
  [[nodiscard]] base::Result<std::string> read(std::string_view token,
                                               std::string_view query) const;

 private:
  [[nodiscard]] std::string tag(std::string_view key, std::string_view query) const;

  config::Secret secret_;
};

}  // namespace bellhop::admin
