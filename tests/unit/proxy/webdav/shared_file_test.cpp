// Which files of a folder others may read.
#include "proxy/webdav/shared_file.hpp"

#include "tests/unit/proxy/webdav/folder_fixture.hpp"

namespace bellhop::webdav {
namespace {

using test::FolderTest;
using test::List;

class SharedFileTest : public FolderTest {
 protected:
  SharedFileTest() {
    EXPECT_EQ(put({"a"}, '1'), 201);
    EXPECT_EQ(status("MKCOL", {"d"}), 201);
  }
  int share(List names, const std::string& jids,
            const std::string& xmlns = "http://www.xmpp.org/extensions/xep-0129.html#ns") {
    const std::string list = "<jidlist xmlns='" + xmlns + "'>" + jids + "</jidlist>";
    return status(
        "PROPPATCH", std::move(names), {},
        "<propertyupdate xmlns='DAV:'><set><prop>" + list + "</prop></set></propertyupdate>");
  }
  bool may_read(List names, std::string_view guest) {
    const FolderPath path{"alice@example.org", std::move(names)};
    const auto found = find_shared(opened.database, path, xmpp::Jid::parse(guest).value());
    EXPECT_TRUE(found);
    return found->has_value();
  }
};

// WDX-03
TEST_F(SharedFileTest, IsNobodysUntilItHasAList) {
  EXPECT_FALSE(may_read({"a"}, "bob@example.org"));
  EXPECT_TRUE(may_read({"a"}, "alice@example.org/phone"));
  EXPECT_EQ(share({"a"}, ""), 207);
  EXPECT_FALSE(may_read({"a"}, "bob@example.org"));
}

// WDX-04, WDX-05, WDX-06
TEST_F(SharedFileTest, IsForThoseOnItsListInEitherSpelling) {
  EXPECT_EQ(share({"a"}, "<jid>bob@example.org</jid><jid>carol@example.net/home</jid>"), 207);
  EXPECT_TRUE(may_read({"a"}, "bob@example.org"));
  EXPECT_TRUE(may_read({"a"}, "bob@example.org/phone"));
  EXPECT_TRUE(may_read({"a"}, "carol@example.net/home"));
  EXPECT_FALSE(may_read({"a"}, "carol@example.net"));
  EXPECT_FALSE(may_read({"a"}, "carol@example.net/work"));
  EXPECT_EQ(
      share({"a"}, "<jid>dave@example.org</jid>", "http://www.xmpp.org/extensions/xep-0129#ns"),
      207);
  EXPECT_TRUE(may_read({"a"}, "dave@example.org"));
  EXPECT_FALSE(may_read({"a"}, "bob@example.org"));
}

TEST_F(SharedFileTest, IsAFileThatIsThere) {
  EXPECT_EQ(share({"d"}, "<jid>bob@example.org</jid>"), 207);
  EXPECT_FALSE(may_read({"d"}, "bob@example.org"));
  EXPECT_FALSE(may_read({}, "bob@example.org"));
  EXPECT_FALSE(may_read({"no"}, "bob@example.org"));
  EXPECT_FALSE(may_read({"no"}, "alice@example.org/phone"));
  EXPECT_FALSE(may_read({"a", "b"}, "bob@example.org"));
}

}  // namespace
}  // namespace bellhop::webdav
