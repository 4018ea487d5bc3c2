// How operators name files: not by their ids, which are the permission to fetch them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/secret.hpp"
#include "proxy/files/file_id.hpp"

namespace bellhop::files {

/// A handle is the id as one enciphered block (AES-128), so that one is made of the other without
/// a table, and only by this store. Immutable; any thread.
class FileHandles {
 public:
  static constexpr std::size_t kSecretBytes = 16;

  /// `secret` has kSecretBytes; kept in the store, so that handles outlive a restart.
  explicit FileHandles(config::Secret secret);

  /// FileId::kTextBytes letters, digits, `-` and `_`.
  [[nodiscard]] std::string make(const FileId& id) const;
  /// The id of what make() wrote; an id of nothing for another text of that form; none for any
  /// other text.
  [[nodiscard]] std::optional<FileId> read(std::string_view handle) const;

 private:
  [[nodiscard]] FileId ciphered(const FileId& block, bool is_encrypting) const;

  config::Secret secret_;
};

}  // namespace bellhop::files
