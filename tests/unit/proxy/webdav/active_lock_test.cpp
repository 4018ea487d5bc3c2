// Locks as clients see them.
#include "proxy/webdav/active_lock.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const base::TimePoint kNow = base::TimePoint() + std::chrono::hours(1);

Lock lock_of_juliet() {
  return {.token = "urn:uuid:e71d4fae-5dec-22d6-fea5-00a0c91e6be4",
          .scope = LockScope::exclusive,
          .depth = Depth::infinity,
          .root = {"workspace", "proposal.doc"},
          .root_href = "/workspace/a&b.doc",
          .creator = "juliet@example.org",
          .owner_xml = "<D:owner xmlns:D=\"DAV:\"><D:href>mailto:j</D:href></D:owner>",
          .timeout = seconds(604800),
          .expires_at = kNow + seconds(604800)};
}

// DAV-40, DAV-51, DAV-54: RFC 4918 §9.10.7.
TEST(ActiveLock, AnswersALockWithEverythingAboutIt) {
  const std::vector<ActiveLock> locks{describe(lock_of_juliet(), "juliet@example.org", kNow)};
  const XmlElement prop = parsed(lock_response_body(locks));
  EXPECT_TRUE(prop.is_dav("prop"));
  const XmlElement* discovery = prop.dav_child("lockdiscovery");
  ASSERT_NE(discovery, nullptr);
  const XmlElement* lock = discovery->dav_child("activelock");
  ASSERT_NE(lock, nullptr);
  EXPECT_NE(lock->dav_child("lockscope")->dav_child("exclusive"), nullptr);
  EXPECT_NE(lock->dav_child("locktype")->dav_child("write"), nullptr);
  EXPECT_EQ(lock->dav_child("depth")->text, "infinity");
  EXPECT_EQ(lock->dav_child("owner")->dav_child("href")->text, "mailto:j");
  EXPECT_EQ(lock->dav_child("timeout")->text, "Second-604800");
  EXPECT_EQ(lock->dav_child("locktoken")->dav_child("href")->text,
            "urn:uuid:e71d4fae-5dec-22d6-fea5-00a0c91e6be4");
  EXPECT_EQ(lock->dav_child("lockroot")->dav_child("href")->text, "/workspace/a&b.doc");
}

// DAV-51
TEST(ActiveLock, ShowsItsTokenToTheCreatorOnly) {
  EXPECT_EQ(describe(lock_of_juliet(), "romeo@example.org", kNow).token, "");
  const std::vector<ActiveLock> locks{describe(lock_of_juliet(), "romeo@example.org", kNow)};
  const XmlElement prop = parsed(lock_response_body(locks));
  const XmlElement* lock = prop.dav_child("lockdiscovery")->dav_child("activelock");
  EXPECT_EQ(lock->dav_child("locktoken"), nullptr);
  EXPECT_NE(lock->dav_child("owner"), nullptr);
}

// DAV-43
TEST(ActiveLock, ShowsWhatIsLeftOfItsTime) {
  const Lock lock = lock_of_juliet();
  const auto left = [&lock](base::TimePoint now) { return describe(lock, "x", now).timeout; };
  EXPECT_EQ(left(kNow + milliseconds(1)), seconds(604800));
  EXPECT_EQ(left(kNow + seconds(1)), seconds(604799));
  EXPECT_EQ(left(lock.expires_at - milliseconds(1)), seconds(1));
  EXPECT_EQ(left(lock.expires_at + seconds(5)), seconds(0));
}

TEST(ActiveLock, StandsBesideOthersIfShared) {
  Lock first = lock_of_juliet();
  first.scope = LockScope::shared;
  first.depth = Depth::zero;
  first.owner_xml.clear();
  const std::vector<ActiveLock> locks{describe(first, "x", kNow), describe(first, "x", kNow)};
  const XmlElement prop = parsed(lock_response_body(locks));
  const XmlElement* discovery = prop.dav_child("lockdiscovery");
  ASSERT_EQ(discovery->children.size(), 2U);
  EXPECT_NE(discovery->children[1].dav_child("lockscope")->dav_child("shared"), nullptr);
  EXPECT_EQ(discovery->children[1].dav_child("depth")->text, "0");
  EXPECT_EQ(discovery->children[1].dav_child("owner"), nullptr);
}

}  // namespace
}  // namespace bellhop::webdav
