// How much of the store is taken, and by whom.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "component/base/error.hpp"
#include "component/policy/policy.hpp"

namespace bellhop::files {

/// Bytes and files of a user, of a domain or of all: what is stored and what is expected.
struct StorageUse {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  friend bool operator==(const StorageUse&, const StorageUse&) = default;
};

/// Reserves before anything is written, so that no number of requests at once goes over a quota by
/// a byte. Rows of users without files vanish. No I/O; one thread.
class StorageLedger {
 public:
  /// What is there already, without asking.
  void load(std::string_view owner, const StorageUse& use) { change(owner, use, true); }
  /// Takes room for one more file of this many bytes, or says whose quota is in the way:
  /// errors::file_too_large, stored_*, files_*. Nothing is taken then.
  [[nodiscard]] base::Result<void> reserve(std::string_view owner, std::uint64_t bytes,
                                           const policy::Policy& policy);
  /// Gives back a file's room: it was deleted, has expired, or never came.
  void release(std::string_view owner, std::uint64_t bytes) { change(owner, {bytes, 1}, false); }

  /// Takes room for more bytes of a file that has `size`. Errors: as reserve(), but no files_*.
  [[nodiscard]] base::Result<void> grow(std::string_view owner, std::uint64_t size,
                                        std::uint64_t more, const policy::Policy& policy);
  /// Gives back bytes of a file that stays.
  void shrink(std::string_view owner, std::uint64_t bytes) { change(owner, {bytes, 0}, false); }
  /// What quotas leave a user; none: there is no quota.
  [[nodiscard]] std::optional<std::uint64_t> available_bytes(std::string_view owner,
                                                             const policy::Policy& policy) const;

  [[nodiscard]] StorageUse of_jid(std::string_view owner) const;
  [[nodiscard]] StorageUse of_domain(std::string_view domain) const;
  [[nodiscard]] const StorageUse& total() const { return total_; }
  /// Nothing of subjects that are no JID, no domain and not everybody.
  [[nodiscard]] StorageUse of(const policy::Subject& subject) const;
  /// How many users have files.
  [[nodiscard]] std::size_t owners() const { return by_jid_.size(); }
  /// Those with the most bytes, the highest first.
  [[nodiscard]] std::vector<std::pair<std::string, StorageUse>> largest(
      std::size_t count_max) const;
  /// The largest file that this user may upload, as far as rules for single files go.
  [[nodiscard]] static std::uint64_t file_bytes_max(std::string_view owner,
                                                    const policy::Policy& policy);

 private:
  [[nodiscard]] base::Result<void> check(std::string_view owner, const StorageUse& more,
                                         const policy::Policy& policy) const;

  using Uses = std::unordered_map<std::string, StorageUse>;

  void change(std::string_view owner, const StorageUse& use, bool is_taken);
  static void change(Uses& uses, std::string_view key, const StorageUse& use, bool is_taken);

  Uses by_jid_;
  Uses by_domain_;
  StorageUse total_;
};

}  // namespace bellhop::files
