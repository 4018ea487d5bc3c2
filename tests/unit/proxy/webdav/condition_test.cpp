// The bodies of errors.
#include "proxy/webdav/condition.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/proxy/webdav/parsed.hpp"

namespace bellhop::webdav {
namespace {

// DAV-10: RFC 4918 §16.
TEST(Condition, IsAnElementOfAnErrorBodyWithItsHrefs) {
  const std::vector<std::string> hrefs{"/workspace/webdav/", "/a&b"};
  const XmlElement error = parsed(error_body(Condition::lock_token_submitted, hrefs));
  EXPECT_TRUE(error.is_dav("error"));
  ASSERT_EQ(error.children.size(), 1U);
  EXPECT_TRUE(error.children[0].is_dav("lock-token-submitted"));
  ASSERT_EQ(error.children[0].children.size(), 2U);
  EXPECT_TRUE(error.children[0].children[0].is_dav("href"));
  EXPECT_EQ(error.children[0].children[0].text, "/workspace/webdav/");
  EXPECT_EQ(error.children[0].children[1].text, "/a&b");
}

// DAV-09, QTA-02: RFC 4331 §6.
TEST(Condition, NamesFullQuotaAndFullDisk) {
  EXPECT_EQ(error_body(Condition::quota_not_exceeded),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
            "<D:error xmlns:D=\"DAV:\"><D:quota-not-exceeded/></D:error>");
  EXPECT_TRUE(
      parsed(error_body(Condition::sufficient_disk_space)).dav_child("sufficient-disk-space") !=
      nullptr);
}

// DAV-10
TEST(Condition, HasTheNamesOfTheSpecification) {
  EXPECT_EQ(to_string(Condition::cannot_modify_protected_property),
            "cannot-modify-protected-property");
  EXPECT_EQ(to_string(Condition::lock_token_matches_request_uri), "lock-token-matches-request-uri");
  EXPECT_EQ(to_string(Condition::no_conflicting_lock), "no-conflicting-lock");
  EXPECT_EQ(to_string(Condition::no_external_entities), "no-external-entities");
  EXPECT_EQ(to_string(Condition::preserved_live_properties), "preserved-live-properties");
  EXPECT_EQ(to_string(Condition::propfind_finite_depth), "propfind-finite-depth");
}

TEST(Condition, IsNothingWhereTheStatusSaysItAll) {
  EXPECT_EQ(error_body(Condition::none), "");
  std::string out = "x";
  append_error(out, Condition::none);
  EXPECT_EQ(out, "x");
}

TEST(Condition, KnowsThePhraseOfEachStatusInBodies) {
  EXPECT_EQ(reason_phrase(423), "Locked");
  EXPECT_EQ(reason_phrase(424), "Failed Dependency");
  EXPECT_EQ(reason_phrase(507), "Insufficient Storage");
  EXPECT_EQ(reason_phrase(999), "");
}

}  // namespace
}  // namespace bellhop::webdav
