// RFC 4918 §6, §7: who may lock what, and what a lock forbids.
#include "proxy/webdav/lock_table.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

using std::chrono::seconds;

const base::TimePoint kNow = base::TimePoint() + std::chrono::hours(1);
const Path kFolder{"juliet", "folder"};
const Path kFile{"juliet", "folder", "file"};
const Path kDeep{"juliet", "folder", "sub", "deep"};
const Path kElsewhere{"juliet", "folder2"};

Lock exclusive(std::string token, Path root, Depth depth = Depth::infinity) {
  return {.token = std::move(token),
          .scope = LockScope::exclusive,
          .depth = depth,
          .root = std::move(root),
          .creator = "juliet@example.org",
          .timeout = seconds(60)};
}

Lock shared(std::string token, Path root, std::string creator, Depth depth = Depth::infinity) {
  Lock lock = exclusive(std::move(token), std::move(root), depth);
  lock.scope = LockScope::shared;
  lock.creator = std::move(creator);
  return lock;
}

std::vector<std::string> tokens(const std::vector<const Lock*>& locks) {
  std::vector<std::string> found;
  for (const Lock* lock : locks) found.push_back(lock->token);
  return found;
}

using Tokens = std::vector<std::string>;

class LockTableTest : public ::testing::Test {
 protected:
  void take(Lock lock) { ASSERT_EQ(refusal(table.create(std::move(lock), kNow)), ""); }

  Tokens blocking(const LockedChange& change, const Tokens& submitted,
                  std::string_view principal = "juliet@example.org") {
    return tokens(table.blocking(change, {principal, submitted}, kNow));
  }

  LockTable table;
};

// DAV-46
TEST_F(LockTableTest, CoversTheRootAndWithInfiniteDepthAllBelow) {
  take(exclusive("t:folder", kFolder));
  take(exclusive("t:elsewhere", kElsewhere, Depth::zero));
  EXPECT_EQ(tokens(table.covering(kFolder, kNow)), Tokens{"t:folder"});
  EXPECT_EQ(tokens(table.covering(kDeep, kNow)), Tokens{"t:folder"});
  EXPECT_EQ(tokens(table.covering(kElsewhere, kNow)), Tokens{"t:elsewhere"});
  EXPECT_EQ(tokens(table.covering(Path{"juliet", "folder2", "x"}, kNow)), Tokens{});
  EXPECT_EQ(tokens(table.covering(Path{"juliet"}, kNow)), Tokens{});
  EXPECT_EQ(tokens(table.covering(Path{}, kNow)), Tokens{});
  EXPECT_EQ(tokens(table.rooted_in(Path{}, kNow)), (Tokens{"t:folder", "t:elsewhere"}));
  EXPECT_EQ(tokens(table.rooted_in(kFile, kNow)), Tokens{});
  ASSERT_NE(table.find("t:folder", kNow), nullptr);
  EXPECT_EQ(table.find("t:other", kNow), nullptr);
}

TEST_F(LockTableTest, CanLockTheRootOfAll) {
  take(exclusive("t:root", {}));
  EXPECT_EQ(tokens(table.covering(kDeep, kNow)), Tokens{"t:root"});
  EXPECT_EQ(blocking({.path = {}, .changes_membership = true}, {}), Tokens{"t:root"});
}

// DAV-52: RFC 4918 §9.10.5.
TEST_F(LockTableTest, LetsOnlySharedLocksStandSideBySide) {
  take(shared("t:1", kFile, "romeo@example.org"));
  EXPECT_EQ(refusal(table.create(shared("t:2", kFile, "juliet@example.org"), kNow)), "");
  EXPECT_EQ(refusal(table.create(exclusive("t:3", kFile), kNow)), errors::lock_conflict.name);
  take(exclusive("t:4", kElsewhere));
  EXPECT_EQ(refusal(table.create(exclusive("t:5", kElsewhere), kNow)), errors::lock_conflict.name);
  EXPECT_EQ(refusal(table.create(shared("t:6", kElsewhere, "romeo@example.org"), kNow)),
            errors::lock_conflict.name);
  EXPECT_EQ(table.size(), 3U);
}

// DAV-41
TEST_F(LockTableTest, TellsConflictsAboveFromConflictsBelow) {
  take(exclusive("t:file", kFile, Depth::zero));
  const auto below = table.find_conflict(kFolder, LockScope::shared, Depth::infinity, kNow);
  ASSERT_TRUE(below);
  EXPECT_TRUE(below->is_below);
  EXPECT_EQ(below->lock.token, "t:file");
  EXPECT_FALSE(table.find_conflict(kFolder, LockScope::exclusive, Depth::zero, kNow));

  const auto same = table.find_conflict(kFile, LockScope::exclusive, Depth::infinity, kNow);
  ASSERT_TRUE(same);
  EXPECT_FALSE(same->is_below);

  take(exclusive("t:elsewhere", kElsewhere));
  const auto above = table.find_conflict(Path{"juliet", "folder2", "a", "b"}, LockScope::exclusive,
                                         Depth::zero, kNow);
  ASSERT_TRUE(above);
  EXPECT_FALSE(above->is_below);
  EXPECT_EQ(above->lock.token, "t:elsewhere");
}

// DAV-45, DAV-47
TEST_F(LockTableTest, AsksForTheTokenFromTheCreator) {
  take(exclusive("t:file", kFile, Depth::zero));
  EXPECT_EQ(blocking({.path = kFile}, {}), Tokens{"t:file"});
  EXPECT_EQ(blocking({.path = kFile}, {"t:wrong"}), Tokens{"t:file"});
  EXPECT_EQ(blocking({.path = kFile}, {"t:wrong", "t:file"}), Tokens{});
  EXPECT_EQ(blocking({.path = kFile}, {"t:file"}, "romeo@example.org"), Tokens{"t:file"});
  EXPECT_EQ(blocking({.path = kElsewhere}, {}), Tokens{});
}

// DAV-46: RFC 4918 §7.4.
TEST_F(LockTableTest, ProtectsMembershipOfACollectionWithDepthZero) {
  take(exclusive("t:folder", kFolder, Depth::zero));
  EXPECT_EQ(blocking({.path = kFile}, {}), Tokens{});  // its content is free
  EXPECT_EQ(blocking({.path = kFile, .changes_membership = true}, {}), Tokens{"t:folder"});
  EXPECT_EQ(blocking({.path = kFile, .changes_membership = true}, {"t:folder"}), Tokens{});
  EXPECT_EQ(blocking({.path = kDeep, .changes_membership = true}, {}), Tokens{});
  EXPECT_EQ(blocking({.path = kFolder}, {}), Tokens{"t:folder"});  // its own properties
}

// DAV-46
TEST_F(LockTableTest, ProtectsAllMembersWithInfiniteDepthAlsoThoseToCome) {
  take(exclusive("t:folder", kFolder));
  EXPECT_EQ(blocking({.path = kDeep, .changes_membership = true}, {}), Tokens{"t:folder"});
  EXPECT_EQ(blocking({.path = kDeep, .changes_membership = true}, {"t:folder"}), Tokens{});
}

// DAV-45: RFC 4918 §7.4, the collection's token in addition to the member's.
TEST_F(LockTableTest, AsksForEveryLockThatIsConcerned) {
  take(exclusive("t:folder", kFolder, Depth::zero));
  take(exclusive("t:file", kFile, Depth::zero));
  take(exclusive("t:deep", kDeep, Depth::zero));
  const LockedChange remove_file{
      .path = kFile, .changes_membership = true, .includes_members = true};
  EXPECT_EQ(blocking(remove_file, {}), (Tokens{"t:file", "t:folder"}));
  EXPECT_EQ(blocking(remove_file, {"t:file"}), Tokens{"t:folder"});
  EXPECT_EQ(blocking(remove_file, {"t:file", "t:folder"}), Tokens{});
  const LockedChange remove_folder{
      .path = kFolder, .changes_membership = true, .includes_members = true};
  EXPECT_EQ(blocking(remove_folder, {}), (Tokens{"t:folder", "t:file", "t:deep"}));
  EXPECT_EQ(blocking(remove_folder, {"t:folder", "t:file"}), Tokens{"t:deep"});
  EXPECT_EQ(blocking(remove_folder, {"t:folder", "t:file", "t:deep"}), Tokens{});
}

// DAV-45: of several shared locks one is enough.
TEST_F(LockTableTest, LetsAnyHolderOfASharedLockChangeTheResource) {
  take(shared("t:1", kFile, "romeo@example.org"));
  take(shared("t:2", kFile, "juliet@example.org"));
  EXPECT_EQ(blocking({.path = kFile}, {}), Tokens{"t:1"});
  EXPECT_EQ(blocking({.path = kFile}, {"t:1"}), Tokens{"t:1"});
  EXPECT_EQ(blocking({.path = kFile}, {"t:2"}), Tokens{});
  EXPECT_EQ(blocking({.path = kFile}, {"t:1"}, "romeo@example.org"), Tokens{});
}

// DAV-42
TEST_F(LockTableTest, RefreshesALockWithinItsScope) {
  take(exclusive("t:folder", kFolder));
  const auto refreshed =
      table.refresh("t:folder", kDeep, "juliet@example.org", seconds(100), kNow + seconds(59));
  ASSERT_TRUE(refreshed);
  EXPECT_EQ(refreshed->timeout, seconds(100));
  EXPECT_EQ(refreshed->expires_at, kNow + seconds(159));
  EXPECT_NE(table.find("t:folder", kNow + seconds(158)), nullptr);
  EXPECT_EQ(table.find("t:folder", kNow + seconds(159)), nullptr);

  const auto refused = [this](const std::string& token, const Path& path, std::string_view who) {
    return refusal(table.refresh(token, path, who, seconds(1), kNow));
  };
  EXPECT_EQ(refused("t:folder", kElsewhere, "juliet@example.org"), errors::refresh_mismatch.name);
  EXPECT_EQ(refused("t:none", kFolder, "juliet@example.org"), errors::refresh_mismatch.name);
  EXPECT_EQ(refused("t:folder", kFolder, "romeo@example.org"), errors::not_lock_creator.name);
}

// DAV-44
TEST_F(LockTableTest, UnlocksForTheCreatorOrThePrivilegedWithinTheScope) {
  take(exclusive("t:folder", kFolder));
  using Privilege = LockTable::Privilege;
  const auto unlock = [this](const std::string& token, const Path& path, std::string_view who,
                             Privilege privilege) {
    return refusal(table.unlock(token, path, who, privilege, kNow));
  };
  EXPECT_EQ(unlock("t:none", kFolder, "juliet@example.org", Privilege::any_lock),
            errors::unlock_mismatch.name);
  EXPECT_EQ(unlock("t:folder", kElsewhere, "juliet@example.org", Privilege::any_lock),
            errors::unlock_mismatch.name);
  EXPECT_EQ(unlock("t:folder", kFolder, "romeo@example.org", Privilege::creator_only),
            errors::not_lock_creator.name);
  EXPECT_EQ(unlock("t:folder", kDeep, "juliet@example.org", Privilege::creator_only), "");
  EXPECT_TRUE(table.covering(kFolder, kNow).empty());
  EXPECT_EQ(unlock("t:folder", kFolder, "juliet@example.org", Privilege::creator_only),
            errors::unlock_mismatch.name);
  take(exclusive("t:again", kFolder));
  EXPECT_EQ(unlock("t:again", kFolder, "romeo@example.org", Privilege::any_lock), "");
  EXPECT_EQ(table.size(), 0U);
}

// DAV-43: just before and at the moment.
TEST_F(LockTableTest, ForgetsALockWhenItsTimeIsOver) {
  take(exclusive("t:file", kFile));
  const base::TimePoint before = kNow + seconds(60) - base::Duration(1);
  const base::TimePoint over = kNow + seconds(60);
  EXPECT_EQ(table.covering(kFile, before).size(), 1U);
  EXPECT_TRUE(table.expire(before).empty());
  EXPECT_TRUE(table.covering(kFile, over).empty());
  EXPECT_TRUE(table.rooted_in(kFile, over).empty());
  EXPECT_FALSE(table.find_conflict(kFile, LockScope::exclusive, Depth::zero, over));
  EXPECT_EQ(refusal(table.refresh("t:file", kFile, "juliet@example.org", seconds(1), over)),
            errors::refresh_mismatch.name);
  const auto expired = table.expire(over);
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].token, "t:file");
  EXPECT_EQ(table.size(), 0U);
}

// DAV-50: RFC 4918 §6.1 point 8, §7.6.
TEST_F(LockTableTest, DropsTheLocksOfWhatIsGone) {
  take(exclusive("t:folder", kFolder, Depth::zero));
  take(exclusive("t:file", kFile, Depth::zero));
  take(exclusive("t:elsewhere", kElsewhere));
  EXPECT_EQ(table.remove_rooted(kFolder, LockTable::Removal::members_only).size(), 1U);
  EXPECT_EQ(table.find("t:file", kNow), nullptr);
  EXPECT_NE(table.find("t:folder", kNow), nullptr);
  EXPECT_EQ(table.remove_rooted(kFolder, LockTable::Removal::with_root).size(), 1U);
  EXPECT_EQ(table.find("t:folder", kNow), nullptr);
  EXPECT_NE(table.find("t:elsewhere", kNow), nullptr);
}

// DAV-50: locks stay where they are, so what comes below a locked collection joins its lock.
TEST_F(LockTableTest, LeavesLocksWhereTheyAre) {
  take(exclusive("t:folder", kFolder));
  table.remove_rooted(kFile, LockTable::Removal::with_root);
  EXPECT_EQ(tokens(table.covering(kFile, kNow)), Tokens{"t:folder"});
}

TEST(LockTableLimits, CapTheLocksOfOneAndOfAll) {
  LockTable table({.of_creator_max = 2, .total_max = 3});
  const auto create = [&table](const std::string& name, const std::string& who,
                               base::TimePoint now = kNow) {
    return refusal(table.create(shared("t:" + name, {name}, who), now));
  };
  EXPECT_EQ(create("1", "a"), "");
  EXPECT_EQ(create("2", "a"), "");
  EXPECT_EQ(create("3", "a"), errors::locks_of_principal.name);
  EXPECT_EQ(create("4", "b"), "");
  EXPECT_EQ(create("5", "b"), errors::locks_total.name);
  EXPECT_EQ(create("6", "a", kNow + seconds(60)), "");  // the others have expired
  EXPECT_EQ(table.size(), 1U);
}

TEST(LockTablePaths, AreComparedBySegments) {
  EXPECT_TRUE(is_at_or_below(kFile, kFolder));
  EXPECT_TRUE(is_at_or_below(kFolder, kFolder));
  EXPECT_FALSE(is_at_or_below(kElsewhere, kFolder));
  EXPECT_FALSE(is_at_or_below(kFolder, kFile));
  EXPECT_TRUE(is_at_or_below(kFolder, Path{}));
}

}  // namespace
}  // namespace bellhop::webdav
