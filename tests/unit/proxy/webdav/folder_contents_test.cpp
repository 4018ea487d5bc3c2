// Files of folders, found and removed without a program.
#include "proxy/webdav/folder_contents.hpp"

#include "proxy/files/errors.hpp"
#include "tests/unit/proxy/webdav/served_folder.hpp"

namespace bellhop::webdav {
namespace {

using files::FileId;
using test::ServedFolder;

class FolderContentsTest : public ServedFolder {
 protected:
  FolderContentsTest() {
    register_alice();
    EXPECT_EQ(ask("MKCOL", "d").status, 201);
    EXPECT_EQ(ask("PUT", "d/a%20b", "", "hello").status, 201);
  }
  std::vector<FileId> stored() {
    std::vector<FileId> ids;
    const auto listed = run(store().list(std::string(test::kAlice), std::nullopt, 99));
    for (const auto& facts : listed.value()) ids.push_back(facts.id);
    return ids;
  }
  std::vector<files::FolderPlace> places() {
    return run(contents().places_of(std::string(test::kAlice), stored())).value();
  }
  // "removed", or why not.
  std::string remove(const FileId& id, std::string owner = std::string(test::kAlice)) {
    const auto removed = run(contents().remove(std::move(owner), id));
    return removed ? "removed" : std::string(removed.error().kind().name);
  }
};

TEST_F(FolderContentsTest, SayWhereFilesAre) {
  ASSERT_EQ(places().size(), 1U);
  EXPECT_EQ(places()[0].path, "/d/a b");
  EXPECT_EQ(places()[0].href, "/dav/alice@example.org/d/a%20b");
  EXPECT_EQ(places()[0].others, 0U);
  EXPECT_EQ(ask("COPY", "d", "Destination: /dav/alice@example.org/e\r\n").status, 201);
  ASSERT_EQ(places().size(), 1U);
  EXPECT_EQ(places()[0].others, 1U);
}

TEST_F(FolderContentsTest, GoWithAllTheirNamesAndProperties) {
  EXPECT_EQ(ask("COPY", "d", "Destination: /dav/alice@example.org/e\r\n").status, 201);
  EXPECT_EQ(remove(stored().front()), "removed");
  EXPECT_EQ(ask("GET", "d/a%20b").status, 404);
  EXPECT_EQ(ask("GET", "e/a%20b").status, 404);
  EXPECT_EQ(ask("GET", "d/").status, 200);
  EXPECT_TRUE(stored().empty());
  EXPECT_EQ(run(store().use_of(std::string(test::kAlice))).bytes, 0U);
}

TEST_F(FolderContentsTest, GoInSeveralStepsIfTheyHaveManyNames) {
  const std::size_t copies = FolderContents::kPlacesMax + 3;
  for (std::size_t i = 0; i < copies; ++i) {
    const std::string to = "Destination: /dav/alice@example.org/c" + std::to_string(i) + "\r\n";
    EXPECT_EQ(ask("COPY", "d/a%20b", to).status, 201);
  }
  EXPECT_EQ(places()[0].others, FolderContents::kPlacesMax - 1) << "as far as counted";
  EXPECT_EQ(remove(stored().front()), "removed");
  EXPECT_EQ(ask("GET", "c" + std::to_string(copies - 1)).status, 404);
}

TEST_F(FolderContentsTest, StayWhileAProgramHasLockedThem) {
  const std::string_view body =
      "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope>"
      "<D:locktype><D:write/></D:locktype></D:lockinfo>";
  const auto locked = ask("LOCK", "d/a%20b", "", body);
  EXPECT_EQ(locked.status, 200);
  EXPECT_EQ(remove(stored().front()), "file-in-use");
  EXPECT_EQ(ask("GET", "d/a%20b").body, "hello");
}

TEST_F(FolderContentsTest, AreTheirOwnersAlone) {
  EXPECT_EQ(remove(stored().front(), "bob@example.org"), "no-such-file");
  EXPECT_EQ(remove(FileId::random()), "no-such-file");
  EXPECT_EQ(ask("GET", "d/a%20b").body, "hello");
}

}  // namespace
}  // namespace bellhop::webdav
