// A user's tree in the database.
#include "proxy/webdav/folder_tree.hpp"

#include "proxy/webdav/errors.hpp"
#include "tests/unit/proxy/webdav/opened_database.hpp"

namespace bellhop::webdav {
namespace {

using List = std::vector<std::string>;

class FolderTreeTest : public ::testing::Test {
 protected:
  Node at(const List& names) {
    auto node = tree.find(names);
    EXPECT_TRUE(node && *node);
    return node && *node ? **node : Node{};
  }
  bool has(const List& names) { return tree.find(names).value().has_value(); }

  test::OpenedDatabase opened;
  FolderTree tree{opened.database, "alice@example.org"};
};

TEST_F(FolderTreeTest, HasARootFromTheStart) {
  EXPECT_TRUE(at({}).is_collection());
  EXPECT_TRUE(tree.members(at({})).value().empty());
  EXPECT_FALSE(has({"a"}));
}

// DAV-08
TEST_F(FolderTreeTest, KnowsFilesWithTheirFacts) {
  const auto file = opened.add_file('a', 7);
  ASSERT_TRUE(tree.add(List{"docs"}, std::nullopt, 5));
  ASSERT_TRUE(tree.add(List{"docs", "a.txt"}, file, 6));
  const Node node = at({"docs", "a.txt"});
  EXPECT_EQ(node.file, file);
  EXPECT_EQ(node.size, 7U);
  EXPECT_EQ(node.type, "text/plain");
  EXPECT_EQ(node.entity_tag, '"' + std::string(32, 'a') + '"');
  EXPECT_EQ(node.created, 6);
  EXPECT_EQ(node.modified, 1'000);
  EXPECT_EQ(at({"docs"}).modified, 6);
  EXPECT_FALSE(has({"docs", "a.txt", "below"}));
}

TEST_F(FolderTreeTest, ComparesNamesByteForByte) {
  ASSERT_TRUE(tree.add(List{"Name"}, std::nullopt, 1));
  ASSERT_TRUE(tree.add(List{"name"}, std::nullopt, 1));
  ASSERT_TRUE(tree.add(List{"n\xC3\xA9"}, std::nullopt, 1));
  EXPECT_FALSE(has({"ne\xCC\x81"}));
  EXPECT_FALSE(has({"%"}));
  EXPECT_EQ(tree.members(at({})).value().size(), 3U);
}

TEST_F(FolderTreeTest, IsOfOneUserAlone) {
  ASSERT_TRUE(tree.add(List{"mine"}, std::nullopt, 1));
  FolderTree other(opened.database, "bob@example.org");
  EXPECT_FALSE(other.find(List{"mine"}).value());
}

TEST_F(FolderTreeTest, TakesNothingWithoutAParent) {
  const auto refused = tree.add(List{"no", "where"}, std::nullopt, 1);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().is(errors::parent_missing));
}

TEST_F(FolderTreeTest, GivesBackTheFileThatWasReplaced) {
  const auto first = opened.add_file('a');
  const auto second = opened.add_file('b');
  ASSERT_TRUE(tree.add(List{"a"}, first, 1));
  EXPECT_EQ(tree.replace(at({"a"}), second, 2).value(), std::vector{first});
  EXPECT_EQ(at({"a"}).file, second);
}

// DAV-30
TEST_F(FolderTreeTest, CopiesShareTheirFileUntilTheLastIsGone) {
  const auto file = opened.add_file('a');
  ASSERT_TRUE(tree.add(List{"d"}, std::nullopt, 1));
  ASSERT_TRUE(tree.add(List{"d", "a"}, file, 1));
  ASSERT_TRUE(tree.set_property(at({"d", "a"}), {{"urn:x", "p"}, "<p/>"}));
  ASSERT_TRUE(tree.copy(at({"d"}), List{"e"}, FolderTree::Extent::with_members, 2));
  EXPECT_EQ(at({"e", "a"}).file, file);
  EXPECT_EQ(tree.properties(at({"e", "a"})).value().size(), 1U);
  EXPECT_TRUE(tree.remove(at({"d"}), 3).value().empty());
  EXPECT_FALSE(has({"d"}));
  EXPECT_EQ(tree.remove(at({"e"}), 3).value(), std::vector{file});
}

// DAV-29: Depth 0
TEST_F(FolderTreeTest, CopiesACollectionAlone) {
  ASSERT_TRUE(tree.add(List{"d"}, std::nullopt, 1));
  ASSERT_TRUE(tree.add(List{"d", "e"}, std::nullopt, 1));
  ASSERT_TRUE(tree.copy(at({"d"}), List{"f"}, FolderTree::Extent::alone, 2));
  EXPECT_TRUE(tree.members(at({"f"})).value().empty());
}

// DAV-31
TEST_F(FolderTreeTest, MovesATreeWithPropertiesAndCreationDate) {
  ASSERT_TRUE(tree.add(List{"d"}, std::nullopt, 1));
  ASSERT_TRUE(tree.add(List{"d", "e"}, std::nullopt, 1));
  ASSERT_TRUE(tree.set_property(at({"d"}), {{"urn:x", "p"}, "<p/>"}));
  ASSERT_TRUE(tree.move(at({"d"}), List{"f"}, 9));
  EXPECT_FALSE(has({"d"}));
  EXPECT_TRUE(has({"f", "e"}));
  EXPECT_EQ(at({"f"}).created, 1);
  EXPECT_EQ(tree.properties(at({"f"})).value().size(), 1U);
}

TEST_F(FolderTreeTest, NestsNoDeeperThanItsMaximum) {
  List names;
  for (std::size_t i = 0; i < kLevelsMax; ++i) {
    names.push_back("d");
    ASSERT_TRUE(tree.add(names, std::nullopt, 1)) << i;
  }
  names.push_back("d");
  const auto deeper = tree.add(names, std::nullopt, 1);
  ASSERT_FALSE(deeper);
  EXPECT_TRUE(deeper.error().is(errors::too_deep));
  ASSERT_TRUE(tree.add(List{"e"}, std::nullopt, 1));
  const auto moved = tree.move(at({"d"}), List{"e", "d"}, 1);
  ASSERT_FALSE(moved);
  EXPECT_TRUE(moved.error().is(errors::too_deep));
  const auto copied = tree.copy(at({"d"}), List{"e", "d"}, FolderTree::Extent::with_members, 1);
  ASSERT_FALSE(copied);
  EXPECT_TRUE(copied.error().is(errors::too_deep));
}

// DAV-24
TEST_F(FolderTreeTest, KeepsPropertiesUpToTheirMaximum) {
  ASSERT_TRUE(tree.add(List{"d"}, std::nullopt, 1));
  const Node node = at({"d"});
  for (std::size_t i = 0; i < kPropertiesMax; ++i) {
    ASSERT_TRUE(tree.set_property(node, {{"urn:x", "p" + std::to_string(i)}, "<p/>"}));
  }
  EXPECT_TRUE(tree.check_properties(node));
  ASSERT_TRUE(tree.set_property(node, {{"urn:x", "more"}, "<p/>"}));
  EXPECT_FALSE(tree.check_properties(node));
  ASSERT_TRUE(tree.remove_property(node, {"urn:x", "more"}));
  ASSERT_TRUE(tree.set_property(node, {{"urn:x", "p0"}, std::string(kPropertyBytesMax, 'x')}));
  EXPECT_FALSE(tree.check_properties(node));
}

TEST_F(FolderTreeTest, DoesNotSeeFilesThatTheStoreHasLost) {
  const auto file = opened.add_file('a');
  ASSERT_TRUE(tree.add(List{"a"}, file, 1));
  files::FileIndex index(opened.database);
  ASSERT_TRUE(index.remove(file).value());
  EXPECT_FALSE(has({"a"}));
  EXPECT_TRUE(tree.members(at({})).value().empty());
  EXPECT_TRUE(tree.add(List{"a"}, std::nullopt, 2));
  EXPECT_TRUE(at({"a"}).is_collection());
}

TEST_F(FolderTreeTest, FindsFilesThatNoNodeHas) {
  const auto named = opened.add_file('a');
  const auto left = opened.add_file('b');
  ASSERT_TRUE(tree.add(List{"a"}, named, 1));
  EXPECT_EQ(FolderTree::orphans(opened.database).value(), std::vector{left});
}

}  // namespace
}  // namespace bellhop::webdav
