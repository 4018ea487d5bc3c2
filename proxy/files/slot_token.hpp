// The permission to upload one file, as text that only this store can make.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/secret.hpp"
#include "proxy/files/file_facts.hpp"

namespace bellhop::files {

/// What a token says. The rest of the slot (owner, name, type) stands in the index under the id.
struct SlotClaims {
  FileId id;
  std::uint64_t size = 0;
  friend bool operator==(const SlotClaims&, const SlotClaims&) = default;
};

/// Makes and reads tokens, so that a forged one costs a hash and no look into the index. A token
/// does not say when it lapses: that can be put off while an upload goes on, so the index knows.
class SlotTokens {
 public:
  static constexpr std::size_t kSecretBytes = 32;
  static constexpr std::size_t kTokenBytesMax = 128;

  /// `secret` has kSecretBytes; kept in the store, so that tokens outlive a restart.
  explicit SlotTokens(config::Secret secret);

  /// Letters, digits, `-` and `_`.
  [[nodiscard]] std::string make(const SlotClaims& claims) const;
  /// Nothing unless make() of the same secret wrote it. Takes the same time for any forgery.
  [[nodiscard]] std::optional<SlotClaims> read(std::string_view token) const;

 private:
  [[nodiscard]] std::string tag(std::string_view claims) const;

  config::Secret secret_;
};

}  // namespace bellhop::files
