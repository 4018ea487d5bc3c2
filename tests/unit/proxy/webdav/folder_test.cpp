// Conditions of requests, and PROPFIND.
#include "proxy/webdav/folder.hpp"

#include "tests/unit/proxy/webdav/folder_fixture.hpp"

namespace bellhop::webdav {
namespace {

using test::FolderTest;
using test::Headers;

// DAV-05
TEST_F(FolderTest, ListsMembersWithPathsOfOneForm) {
  ASSERT_EQ(status("MKCOL", {"caf\xC3\xA9"}), 201);
  ASSERT_EQ(put({"a b.txt"}, 'a'), 201);
  const auto reply = ask("PROPFIND", {}, {{"Depth", "1"}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 207);
  EXPECT_TRUE(contains(reply, "<D:href>/dav/alice@example.org/</D:href>"));
  EXPECT_TRUE(contains(reply, "<D:href>/dav/alice@example.org/caf%C3%A9/</D:href>"));
  EXPECT_TRUE(contains(reply, "<D:href>/dav/alice@example.org/a%20b.txt</D:href>"));
  EXPECT_TRUE(contains(reply, "<D:getcontentlength>3</D:getcontentlength>"));
}

// DAV-20
TEST_F(FolderTest, TellsOfOneResourceAtDepthZeroAndRefusesInfinity) {
  ASSERT_EQ(put({"a"}, 'a'), 201);
  const auto reply = ask("PROPFIND", {}, {{"Depth", "0"}});
  EXPECT_FALSE(contains(reply, "example.org/a<"));
  EXPECT_EQ(status("PROPFIND", {}), 403);
  EXPECT_EQ(status("PROPFIND", {}, {{"Depth", "2"}}), 400);
  EXPECT_EQ(status("PROPFIND", {"a"}), 207);  // has no members
  EXPECT_EQ(status("PROPFIND", {"b"}, {{"Depth", "0"}}), 404);
}

// DAV-06
TEST_F(FolderTest, SaysWhereACollectionReallyIs) {
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  const auto reply = ask("PROPFIND", {"d"}, {{"Depth", "0"}});
  ASSERT_TRUE(reply && reply->fields.size() == 1);
  EXPECT_EQ(reply->fields[0].second, "/dav/alice@example.org/d/");
}

// DAV-32, DAV-49
TEST_F(FolderTest, ChangesNothingOnAConditionThatFails) {
  ASSERT_EQ(put({"a"}, 'a'), 201);
  const std::string tag = '"' + std::string(32, 'a') + '"';
  EXPECT_EQ(status("DELETE", {"a"}, {{"If", "([\"other\"])"}}), 412);
  EXPECT_EQ(status("DELETE", {"a"}, {{"If", "(<urn:x"}}), 400);
  EXPECT_EQ(status("DELETE", {"a"}, {{"If-Match", "\"other\""}}), 412);
  EXPECT_EQ(put({"a"}, 'b', {{"If-None-Match", "*"}}), 412);
  EXPECT_EQ(put({"b"}, 'b', {{"If-Match", "*"}}), 412);
  const Headers good{{"If", "<https://files.example.org/dav/alice@example.org/a> ([" + tag + "])"}};
  EXPECT_EQ(status("PROPFIND", {"a"}, good), 207);
  const Headers foreign{
      {"If", "<https://other.example.org/dav/alice@example.org/a> ([" + tag + "])"}};
  EXPECT_EQ(status("DELETE", {"a"}, foreign), 412);
  EXPECT_EQ(status("DELETE", {"a"}, {{"If-Match", tag}}), 204);
}

// DAV-04
TEST_F(FolderTest, TakesNoBodyWhereNoneIsExpected) {
  EXPECT_EQ(status("MKCOL", {"d"}, {}, "<x/>"), 415);
  EXPECT_EQ(status("DELETE", {"d"}, {}, "<x/>"), 415);
  EXPECT_EQ(status("PROPFIND", {"d"}), 404);
}

TEST_F(FolderTest, ReadsUrlsOfFoldersAlone) {
  using Segments = std::vector<std::string>;
  const auto path = to_folder_path(Segments{"dav", "Alice@Example.org", "A"});
  ASSERT_TRUE(path);
  EXPECT_EQ(path->owner, "alice@example.org");
  EXPECT_EQ(path->names, Segments{"A"});
  EXPECT_FALSE(to_folder_path(Segments{"dav"}));
  EXPECT_FALSE(to_folder_path(Segments{"f", "alice@example.org"}));
  EXPECT_FALSE(to_folder_path(Segments{"dav", "@"}));
}

}  // namespace
}  // namespace bellhop::webdav
