// Methods that change a folder, and locks.
#include "tests/unit/proxy/webdav/folder_fixture.hpp"

namespace bellhop::webdav {
namespace {

using test::FolderTest;
using test::Headers;

Headers to(std::string_view name) {
  return {{"Destination", "/dav/alice@example.org/" + std::string(name)}};
}

std::string set(std::string_view property) {
  return "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop>" + std::string(property) +
         "</D:prop></D:set></D:propertyupdate>";
}

// DAV-25, DAV-07
TEST_F(FolderTest, MakesCollectionsWhereNothingIs) {
  EXPECT_EQ(status("MKCOL", {"d"}), 201);
  EXPECT_EQ(status("MKCOL", {"d"}), 405);
  EXPECT_EQ(status("MKCOL", {"no", "d"}), 409);
  EXPECT_EQ(put({"f"}, 'a'), 201);
  EXPECT_EQ(status("MKCOL", {"f", "d"}), 409);
}

// DAV-28, ROOM-32
TEST_F(FolderTest, PutsFilesNewAndAgain) {
  EXPECT_EQ(put({"f"}, 'a'), 201);
  EXPECT_EQ(put({"f"}, 'b'), 204);
  EXPECT_EQ(put({"no", "f"}, 'a'), 409);
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  EXPECT_EQ(put({"d"}, 'a'), 405);
  const auto asked = ask("PUT", {"g"});
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->needs_file);
  EXPECT_EQ(status("PROPFIND", {"g"}, {{"Depth", "0"}}), 404);
}

TEST_F(FolderTest, TellsWhichFileWasReplaced) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  FolderRequest again = request("PUT", {"f"});
  again.file = opened.add_file('b');
  const auto reply = folders.answer(opened.database, again);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->unused.size(), 1U);
  EXPECT_NE(reply->unused, std::vector{*again.file});
}

// DAV-27
TEST_F(FolderTest, DeletesWithEverythingBelow) {
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  ASSERT_EQ(put({"d", "f"}, 'a'), 201);
  EXPECT_EQ(status("DELETE", {"d"}, {{"Depth", "0"}}), 400);
  EXPECT_EQ(status("DELETE", {"e"}), 404);
  const auto reply = ask("DELETE", {"d"});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 204);
  EXPECT_EQ(reply->unused.size(), 1U);
  EXPECT_EQ(status("DELETE", {}), 403);
}

// DAV-29, DAV-30, DAV-31, DAV-33
TEST_F(FolderTest, CopiesAndMoves) {
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  ASSERT_EQ(put({"d", "f"}, 'a'), 201);
  EXPECT_EQ(status("COPY", {"d"}, to("e")), 201);
  EXPECT_EQ(status("COPY", {"d"}, to("e")), 204);
  Headers keeping = to("e");
  keeping["Overwrite"] = "F";
  EXPECT_EQ(status("COPY", {"d"}, keeping), 412);
  EXPECT_EQ(status("MOVE", {"d"}, to("d/below")), 403);
  EXPECT_EQ(status("MOVE", {"d"}, to("no/where")), 409);
  EXPECT_EQ(status("COPY", {"d"}), 400);
  EXPECT_EQ(status("COPY", {"d"}, {{"Destination", "https://other.example/dav/x"}}), 502);
  EXPECT_EQ(status("COPY", {"d"}, {{"Destination", "/dav/bob@example.org/d"}}), 403);
  EXPECT_EQ(status("MOVE", {"d"}, to("g")), 201);
  EXPECT_EQ(status("PROPFIND", {"d"}, {{"Depth", "0"}}), 404);
  EXPECT_EQ(status("PROPFIND", {"g", "f"}), 207);
  EXPECT_EQ(status("PROPFIND", {"e", "f"}), 207);
  EXPECT_EQ(status("MOVE", {}, to("h")), 403);
}

// A file that its own copy replaces is in use all the time.
TEST_F(FolderTest, KeepsAFileThatIsCopiedOverItsCopy) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  ASSERT_EQ(status("COPY", {"f"}, to("g")), 201);
  const auto reply = ask("COPY", {"f"}, to("g"));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 204);
  EXPECT_TRUE(reply->unused.empty());
  const auto moved = ask("MOVE", {"f"}, to("g"));
  ASSERT_TRUE(moved);
  EXPECT_TRUE(moved->unused.empty());
}

// DAV-23, DAV-24, ROOM-31
TEST_F(FolderTest, SetsPropertiesAllOrNone) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  EXPECT_EQ(status("PROPPATCH", {"f"}, {}, set("<x xmlns='urn:x' a='1'> v </x>")), 207);
  EXPECT_TRUE(contains(ask("PROPFIND", {"f"}), "> v <"));
  const auto refused =
      ask("PROPPATCH", {"f"}, {}, set("<y xmlns='urn:x'/><D:getetag>1</D:getetag>"));
  EXPECT_TRUE(contains(refused, "424"));
  EXPECT_TRUE(contains(refused, "cannot-modify-protected-property"));
  EXPECT_FALSE(contains(ask("PROPFIND", {"f"}), "<y"));
  EXPECT_EQ(status("PROPPATCH", {"g"}, {}, set("<y xmlns='urn:x'/>")), 404);
}

TEST_F(FolderTest, KeepsPropertiesOfTheRootForItsUserAlone) {
  ASSERT_EQ(status("PROPPATCH", {}, {}, set("<mine xmlns='urn:x'/>")), 207);
  FolderRequest other = request("PROPFIND", {}, {{"Depth", "0"}});
  EXPECT_TRUE(contains(folders.answer(opened.database, other), "mine"));
  other.owner = "bob@example.org";
  EXPECT_FALSE(contains(folders.answer(opened.database, other), "mine"));
}

TEST_F(FolderTest, UndoesWhatItWroteBeforeARefusal) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  std::string large = "<x xmlns='urn:x'>";
  large.append(60'000, 'x').append("</x>");
  for (const char* name : {"a", "b", "c", "d"}) {
    std::string one = large;
    one.replace(one.find("urn:x"), 5, std::string("urn:") + name);
    ASSERT_EQ(status("PROPPATCH", {"f"}, {}, set(one)), 207);
  }
  EXPECT_EQ(status("PROPPATCH", {"f"}, {}, set(large)), 507);
  EXPECT_FALSE(contains(ask("PROPFIND", {"f"}), "urn:x"));
}

// DAV-40, DAV-45, DAV-53
TEST_F(FolderTest, ChangesWhatIsLockedWithTheTokenAlone) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  const std::string token = lock({"f"});
  ASSERT_EQ(token.size(), 45U);
  EXPECT_EQ(token.substr(0, 9), "urn:uuid:");
  EXPECT_EQ(token[23], '4');
  EXPECT_EQ(put({"f"}, 'b'), 423);
  EXPECT_EQ(status("DELETE", {"f"}), 423);
  EXPECT_EQ(status("MOVE", {"f"}, to("g")), 423);
  EXPECT_EQ(status("PROPPATCH", {"f"}, {}, set("<y xmlns='urn:x'/>")), 423);
  EXPECT_TRUE(contains(ask("DELETE", {"f"}), "<D:href>/dav/alice@example.org/f</D:href>"));
  EXPECT_EQ(status("COPY", {"f"}, to("g")), 201);
  EXPECT_EQ(put({"f"}, 'b', {{"If", "(<" + token + ">)"}}), 204);
  EXPECT_EQ(status("UNLOCK", {"f"}, {{"Lock-Token", "<" + token + ">"}}), 204);
  EXPECT_EQ(put({"f"}, 'a'), 204);
}

// DAV-44
TEST_F(FolderTest, UnlocksByTheTokenOfTheResource) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  ASSERT_EQ(put({"g"}, 'a'), 201);
  const std::string token = lock({"f"});
  EXPECT_EQ(status("UNLOCK", {"f"}), 400);
  EXPECT_EQ(status("UNLOCK", {"g"}, {{"Lock-Token", "<" + token + ">"}}), 409);
}

// DAV-41
TEST_F(FolderTest, RefusesALockOfACollectionForOneBelow) {
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  ASSERT_EQ(put({"d", "f"}, 'a'), 201);
  (void)lock({"d", "f"});
  const auto reply = ask("LOCK", {"d"}, {}, lock_body());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 207);
  EXPECT_TRUE(contains(reply, "423"));
  EXPECT_TRUE(contains(reply, "424"));
  EXPECT_EQ(status("LOCK", {"d", "f"}, {}, lock_body("shared")), 423);
  EXPECT_EQ(status("DELETE", {"d"}), 207);
}

// DAV-42
TEST_F(FolderTest, RefreshesALock) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  ASSERT_EQ(put({"g"}, 'a'), 201);
  const std::string token = lock({"f"});
  EXPECT_EQ(status("LOCK", {"f"}), 400);
  const auto reply = ask("LOCK", {"f"}, {{"If", "(<" + token + ">)"}, {"Timeout", "Second-1000"}});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_TRUE(reply->fields.empty());
  EXPECT_TRUE(contains(reply, "Second-1000"));
  EXPECT_EQ(status("LOCK", {"g"}, {{"If", "(<" + token + ">)"}}), 412);
}

// DAV-48
TEST_F(FolderTest, LocksANameThatNothingStandsAt) {
  const auto asked = ask("LOCK", {"f"}, {}, lock_body());
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->needs_file);
  FolderRequest again = request("LOCK", {"f"}, {}, lock_body());
  again.file = opened.add_file('e', 0);
  const auto reply = folders.answer(opened.database, again);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 201);
  EXPECT_EQ(status("PROPFIND", {"f"}), 207);
  EXPECT_EQ(status("MKCOL", {"f"}), 405);
  EXPECT_EQ(status("LOCK", {"no", "f"}, {}, lock_body()), 409);
}

// DAV-46, DAV-50
TEST_F(FolderTest, CoversMembersAndEndsWithItsRoot) {
  ASSERT_EQ(status("MKCOL", {"d"}), 201);
  const std::string token = lock({"d"}, {{"Depth", "infinity"}});
  EXPECT_EQ(put({"d", "f"}, 'a'), 423);
  const Headers with{{"If", "</dav/alice@example.org/d/> (<" + token + ">)"}};
  EXPECT_EQ(put({"d", "f"}, 'a', with), 201);
  EXPECT_EQ(status("DELETE", {"d"}, with), 204);
  EXPECT_EQ(folders.locks(), 0U);
}

// REG-03
TEST_F(FolderTest, ForgetsLocksOfAUserWhoIsGone) {
  ASSERT_EQ(put({"f"}, 'a'), 201);
  (void)lock({"f"});
  folders.forget("bob@example.org");
  EXPECT_EQ(folders.locks(), 1U);
  folders.forget("alice@example.org");
  EXPECT_EQ(folders.locks(), 0U);
}

}  // namespace
}  // namespace bellhop::webdav
