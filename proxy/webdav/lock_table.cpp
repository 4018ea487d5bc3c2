#include "proxy/webdav/lock_table.hpp"

#include <algorithm>
#include <utility>

#include "proxy/webdav/errors.hpp"

namespace bellhop::webdav {
namespace {

Path to_path(std::span<const std::string> segments) {
  return {segments.begin(), segments.end()};
}

bool is_live(const Lock& lock, base::TimePoint now) {
  return now < lock.expires_at;
}

bool covers(const Lock& lock, std::span<const std::string> path) {
  if (lock.depth == Depth::infinity) return is_at_or_below(path, lock.root);
  return std::ranges::equal(path, lock.root);
}

// RFC 4918 §9.10.5.
bool are_compatible(LockScope a, LockScope b) {
  return a == LockScope::shared && b == LockScope::shared;
}

bool was_submitted(const Lock& lock, const Submission& submission) {
  // RFC 4918 §6.4: the token alone is not enough.
  return lock.creator == submission.principal &&
         std::ranges::find(submission.tokens, lock.token) != submission.tokens.end();
}

}  // namespace

bool is_at_or_below(std::span<const std::string> path, std::span<const std::string> ancestor) {
  return path.size() >= ancestor.size() &&
         std::ranges::equal(path.first(ancestor.size()), ancestor);
}

std::vector<const Lock*> LockTable::covering(std::span<const std::string> path,
                                             base::TimePoint now) const {
  std::vector<const Lock*> found;
  for (std::size_t depth = 0; depth <= path.size(); ++depth) {
    const auto [begin, end] = by_root_.equal_range(to_path(path.first(depth)));
    for (auto row = begin; row != end; ++row) {
      const Lock& lock = row->second;
      if (is_live(lock, now) && covers(lock, path)) found.push_back(&lock);
    }
  }
  return found;
}

std::vector<const Lock*> LockTable::rooted_in(std::span<const std::string> path,
                                              base::TimePoint now) const {
  std::vector<const Lock*> found;
  for (auto row = by_root_.lower_bound(to_path(path));
       row != by_root_.end() && is_at_or_below(row->first, path); ++row) {
    if (is_live(row->second, now)) found.push_back(&row->second);
  }
  return found;
}

const Lock* LockTable::find(const std::string& token, base::TimePoint now) const {
  const auto found = by_token_.find(token);
  if (found == by_token_.end() || !is_live(found->second->second, now)) return nullptr;
  return &found->second->second;
}

std::optional<LockConflict> LockTable::find_conflict(std::span<const std::string> path,
                                                     LockScope scope, Depth depth,
                                                     base::TimePoint now) const {
  for (const Lock* lock : covering(path, now)) {
    if (!are_compatible(lock->scope, scope)) return LockConflict{*lock, false};
  }
  if (depth != Depth::infinity) return std::nullopt;
  for (const Lock* lock : rooted_in(path, now)) {
    if (!are_compatible(lock->scope, scope)) return LockConflict{*lock, true};
  }
  return std::nullopt;
}

base::Result<void> LockTable::check_room(const std::string& creator) const {
  if (by_token_.size() >= limits_.total_max) return base::Error(errors::locks_total);
  const auto held = of_creator_.find(creator);
  if (held != of_creator_.end() && held->second >= limits_.of_creator_max) {
    return base::Error(errors::locks_of_principal);
  }
  return {};
}

base::Result<Lock> LockTable::create(Lock lock, base::TimePoint now) {
  BELLHOP_ASSERT(lock.depth != Depth::one && !by_token_.contains(lock.token));
  expire(now);  // dead locks must not fill a cap
  if (find_conflict(lock.root, lock.scope, lock.depth, now)) {
    return base::Error(errors::lock_conflict);
  }
  if (auto room = check_room(lock.creator); !room) return room.error();
  lock.expires_at = now + lock.timeout;
  const Row row = by_root_.emplace(lock.root, lock);
  by_token_.emplace(lock.token, row);
  by_expiry_.emplace(lock.expires_at, lock.token);
  ++of_creator_[lock.creator];
  return lock;
}

base::Result<LockTable::Row> LockTable::find_covering(const std::string& token,
                                                      std::span<const std::string> path,
                                                      base::TimePoint now,
                                                      const base::ErrorKind& kind) {
  const auto found = by_token_.find(token);
  if (found == by_token_.end()) return base::Error(kind, "no such lock");
  const Lock& lock = found->second->second;
  if (!is_live(lock, now)) return base::Error(kind, "expired");
  if (!covers(lock, path)) return base::Error(kind, "out of its scope");
  return found->second;
}

base::Result<Lock> LockTable::refresh(const std::string& token, std::span<const std::string> path,
                                      std::string_view principal, std::chrono::seconds timeout,
                                      base::TimePoint now) {
  const auto found = find_covering(token, path, now, errors::refresh_mismatch);
  if (!found) return found.error();
  Lock& lock = (*found)->second;
  if (lock.creator != principal) return base::Error(errors::not_lock_creator);
  const auto [begin, end] = by_expiry_.equal_range(lock.expires_at);
  by_expiry_.erase(std::find_if(begin, end, [&](const auto& row) { return row.second == token; }));
  lock.timeout = timeout;
  lock.expires_at = now + timeout;
  by_expiry_.emplace(lock.expires_at, lock.token);
  return lock;
}

base::Result<Lock> LockTable::unlock(const std::string& token, std::span<const std::string> path,
                                     std::string_view principal, Privilege privilege,
                                     base::TimePoint now) {
  const auto found = find_covering(token, path, now, errors::unlock_mismatch);
  if (!found) return found.error();
  if ((*found)->second.creator != principal && privilege == Privilege::creator_only) {
    return base::Error(errors::not_lock_creator);
  }
  return take_out(*found);
}

// RFC 4918 §7.5: a token for every locked resource that changes. Of several shared locks on one
// resource the holder of any may change it (§6.2).
void LockTable::append_blocking(std::vector<const Lock*>& blocking,
                                std::span<const std::string> path, const Submission& submission,
                                base::TimePoint now) const {
  const auto locks = covering(path, now);
  if (locks.empty()) return;
  const bool is_open = std::ranges::any_of(
      locks, [&submission](const Lock* lock) { return was_submitted(*lock, submission); });
  if (is_open || std::ranges::find(blocking, locks.front()) != blocking.end()) return;
  blocking.push_back(locks.front());
}

std::vector<const Lock*> LockTable::blocking(const LockedChange& change,
                                             const Submission& submission,
                                             base::TimePoint now) const {
  std::vector<const Lock*> blocking;
  append_blocking(blocking, change.path, submission, now);
  // RFC 4918 §7.4: in addition to the lock of the member itself.
  if (change.changes_membership && !change.path.empty()) {
    const std::span<const std::string> path(change.path);
    append_blocking(blocking, path.first(path.size() - 1), submission, now);
  }
  if (change.includes_members) {
    for (const Lock* lock : rooted_in(change.path, now)) {
      append_blocking(blocking, lock->root, submission, now);
    }
  }
  return blocking;
}

std::vector<Lock> LockTable::remove_rooted(std::span<const std::string> path, Removal removal) {
  std::vector<Lock> removed;
  const Path root = to_path(path);
  auto row =
      removal == Removal::with_root ? by_root_.lower_bound(root) : by_root_.upper_bound(root);
  while (row != by_root_.end() && is_at_or_below(row->first, path)) {
    removed.push_back(take_out(row++));
  }
  return removed;
}

std::vector<Lock> LockTable::expire(base::TimePoint now) {
  std::vector<Lock> removed;
  while (!by_expiry_.empty() && by_expiry_.begin()->first <= now) {
    removed.push_back(take_out(by_token_.at(by_expiry_.begin()->second)));
  }
  return removed;
}

Lock LockTable::take_out(Row row) {
  Lock lock = std::move(row->second);
  const auto [begin, end] = by_expiry_.equal_range(lock.expires_at);
  by_expiry_.erase(
      std::find_if(begin, end, [&lock](const auto& entry) { return entry.second == lock.token; }));
  by_token_.erase(lock.token);
  const auto held = of_creator_.find(lock.creator);
  if (--held->second == 0) of_creator_.erase(held);
  by_root_.erase(row);
  return lock;
}

}  // namespace bellhop::webdav
