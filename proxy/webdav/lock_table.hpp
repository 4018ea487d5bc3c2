// All write locks and what they forbid (RFC 4918 §6, §7). No I/O, time comes from outside; control
// shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "component/base/clock.hpp"
#include "component/base/error.hpp"
#include "proxy/webdav/dav_headers.hpp"
#include "proxy/webdav/lock_request.hpp"

namespace bellhop::webdav {

/// A resource by its decoded segments, the root of all first; whose tree it is must be among them.
using Path = std::vector<std::string>;

/// Whether `path` is `ancestor` or below it.
[[nodiscard]] bool is_at_or_below(std::span<const std::string> path,
                                  std::span<const std::string> ancestor);

/// One lock. `root` is directly locked; with Depth::infinity everything below it is, too (§6.1).
struct Lock {
  std::string token;  ///< a URI, unique for all time (DAV-53); the caller makes it
  LockScope scope = LockScope::exclusive;
  Depth depth = Depth::infinity;  ///< never Depth::one
  Path root = {};
  std::string root_href = {};  ///< the URL that was locked, percent-encoded (§14.12)
  std::string creator = {};    ///< the principal, as one text always
  std::string owner_xml = {};  ///< as LockRequest has it
  std::chrono::seconds timeout{};
  base::TimePoint expires_at = {};  ///< set by the table
};

/// A lock that another one cannot stand beside.
struct LockConflict {
  Lock lock;
  /// Its root is below the resource that was asked for: the answer is a 207 (DAV-41). Otherwise it
  /// covers that very resource: 423.
  bool is_below;
};

/// What a request is about to change.
struct LockedChange {
  Path path;
  /// It appears in its collection, vanishes from it, or both (§7.4).
  bool changes_membership = false;
  /// Everything below it changes as well: DELETE, MOVE, and what an overwriting COPY replaces.
  bool includes_members = false;
};

/// Who asks, and the tokens of the If header.
struct Submission {
  std::string_view principal;
  std::span<const std::string> tokens;
};

/// Locks by root and by token. Expired locks are never seen; expire() frees their memory.
class LockTable {
 public:
  /// Caps on memory: locks are for anyone who may write.
  struct Limits {
    std::size_t of_creator_max = 256;
    std::size_t total_max = 10'000;
  };

  LockTable() = default;
  explicit LockTable(Limits limits) : limits_(limits) {}

  /// What forbids such a lock (DAV-41, DAV-52); one at `path` or above comes before one below.
  [[nodiscard]] std::optional<LockConflict> find_conflict(std::span<const std::string> path,
                                                          LockScope scope, Depth depth,
                                                          base::TimePoint now) const;
  /// Adds a lock that lives for `lock.timeout`. Errors: errors::lock_conflict, locks_of_principal,
  /// locks_total; nothing changes then. Write access is the caller's to check (§6.4); creating a
  /// lock changes nothing that needs a token, except where it creates a resource (DAV-48).
  [[nodiscard]] base::Result<Lock> create(Lock lock, base::TimePoint now);
  /// Starts the time of a lock again. Errors: errors::refresh_mismatch if it does not cover `path`;
  /// errors::not_lock_creator (DAV-42, DAV-47).
  [[nodiscard]] base::Result<Lock> refresh(const std::string& token,
                                           std::span<const std::string> path,
                                           std::string_view principal, std::chrono::seconds timeout,
                                           base::TimePoint now);
  /// Who may end locks of others, such as the owner of the tree (§6.4).
  enum class Privilege : std::uint8_t { creator_only, any_lock };
  /// Ends a lock as a whole. Errors: errors::unlock_mismatch if it does not cover `path`;
  /// errors::not_lock_creator (DAV-44).
  [[nodiscard]] base::Result<Lock> unlock(const std::string& token,
                                          std::span<const std::string> path,
                                          std::string_view principal, Privilege privilege,
                                          base::TimePoint now);

  /// Locks whose scope `path` is in, mapped or not; outermost root first. The pointers hold until
  /// the table changes.
  [[nodiscard]] std::vector<const Lock*> covering(std::span<const std::string> path,
                                                  base::TimePoint now) const;
  /// Locks rooted at `path` or below it.
  [[nodiscard]] std::vector<const Lock*> rooted_in(std::span<const std::string> path,
                                                   base::TimePoint now) const;
  /// Null: no such lock.
  [[nodiscard]] const Lock* find(const std::string& token, base::TimePoint now) const;

  /// The locks that forbid a change (DAV-45 to DAV-47): for each resource that would change and is
  /// locked, unless one of its locks was submitted by its creator, the first of them. Empty: go on.
  [[nodiscard]] std::vector<const Lock*> blocking(const LockedChange& change,
                                                  const Submission& submission,
                                                  base::TimePoint now) const;

  /// How much of a tree loses its locks.
  enum class Removal : std::uint8_t {
    with_root,     ///< the resource is gone: DELETE, source of MOVE (§6.1 point 8)
    members_only,  ///< it was replaced, and its own lock covers what came (§7.6)
  };
  /// Takes out the locks rooted there (DAV-50). Locks of collections above go on covering the rest.
  std::vector<Lock> remove_rooted(std::span<const std::string> path, Removal removal);
  /// Takes out what has expired.
  std::vector<Lock> expire(base::TimePoint now);

  /// Locks not yet taken out.
  [[nodiscard]] std::size_t size() const { return by_token_.size(); }

 private:
  // Ordered by segments: what is below a path follows it at once. Several only if shared.
  using ByRoot = std::multimap<Path, Lock>;
  using Row = ByRoot::iterator;

  [[nodiscard]] base::Result<Row> find_covering(const std::string& token,
                                                std::span<const std::string> path,
                                                base::TimePoint now, const base::ErrorKind& kind);
  void append_blocking(std::vector<const Lock*>& blocking, std::span<const std::string> path,
                       const Submission& submission, base::TimePoint now) const;
  [[nodiscard]] base::Result<void> check_room(const std::string& creator) const;
  Lock take_out(Row row);

  Limits limits_;
  ByRoot by_root_;
  std::unordered_map<std::string, Row> by_token_;
  std::multimap<base::TimePoint, std::string> by_expiry_;  // tokens
  std::unordered_map<std::string, std::size_t> of_creator_;
};

}  // namespace bellhop::webdav
