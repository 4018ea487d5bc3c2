// At which names a file lies.
#include "proxy/webdav/file_places.hpp"

#include "tests/unit/proxy/webdav/folder_fixture.hpp"

namespace bellhop::webdav {
namespace {

using test::FolderTest;
using test::List;

TEST_F(FolderTest, FindsEachPlaceOfAFile) {
  const files::FileId file = opened.add_file('1');
  const auto places = [&](std::string_view owner = "alice@example.org", std::size_t max = 9) {
    return places_of(opened.database, owner, file, max).value();
  };
  EXPECT_TRUE(places().empty());
  EXPECT_EQ(status("MKCOL", {"d"}), 201);
  EXPECT_EQ(status("MKCOL", {"d", "e"}), 201);
  FolderRequest made = request("PUT", {"d", "a b"});
  made.file = file;
  EXPECT_EQ(folders.answer(opened.database, made)->status, 201);
  EXPECT_EQ(places(), (std::vector<List>{{"d", "a b"}}));
  const test::Headers to{{"Destination", "/dav/alice@example.org/d/e/c"}};
  EXPECT_EQ(status("COPY", {"d", "a b"}, to), 201);
  EXPECT_EQ(places(), (std::vector<List>{{"d", "a b"}, {"d", "e", "c"}}));
  EXPECT_EQ(places("alice@example.org", 1).size(), 1U);
  EXPECT_TRUE(places("bob@example.org").empty());
}

}  // namespace
}  // namespace bellhop::webdav
