// The tree that TOML becomes: kinds, places, errors, and depth.
#include "config/document.hpp"

#include <gtest/gtest.h>

namespace bellhop::config {
namespace {

Value parsed(std::string_view text) {
  const SourceText source(text);
  auto document = parse_document(source);
  if (const auto* error = std::get_if<SyntaxError>(&document)) {
    ADD_FAILURE() << error->message;
    return {};
  }
  return std::get<Value>(std::move(document));
}

SyntaxError refused(std::string_view text) {
  const SourceText source(text);
  auto document = parse_document(source);
  if (auto* error = std::get_if<SyntaxError>(&document)) return std::move(*error);
  ADD_FAILURE() << "accepted";
  return {};
}

TEST(Document, KeepsEveryKindOfValue) {
  const Value root =
      parsed("a = 'x'\nb = -5\nc = 1.5\nd = true\ne = 1979-05-27\nf = [1]\ng = {h = 1}\n");
  ASSERT_EQ(root.entries.size(), 7U);
  using Kind = Value::Kind;
  const Kind kinds[] = {Kind::text, Kind::integer, Kind::fraction, Kind::boolean,
                        Kind::date, Kind::array,   Kind::table};
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(root.entries[i].value.kind, kinds[i]) << i;
  EXPECT_EQ(root.entries[0].value.text, "x");
  EXPECT_EQ(root.entries[1].value.integer, -5);
  EXPECT_TRUE(root.entries[3].value.boolean);
  EXPECT_EQ(root.entries[5].value.items.at(0).integer, 1);
  EXPECT_EQ(root.entries[6].value.entries.at(0).key, "h");
}

TEST(Document, KnowsThePlacesOfKeysAndValues) {
  const Value root = parsed("# comment\n[z]\n  key = [1,\n    2]\n");
  const Entry& section = root.entries.at(0);
  EXPECT_EQ(section.at, (Position{2, 2}));
  const Entry& entry = section.value.entries.at(0);
  EXPECT_EQ(entry.at, (Position{3, 3}));
  EXPECT_EQ(entry.value.at, (Position{3, 9}));
  EXPECT_EQ(entry.value.items.at(1).at, (Position{4, 5}));
}

TEST(Document, CountsColumnsInCodePoints) {
  const Value root = parsed("'\xC3\xA9\xC3\xA9' = 1");
  EXPECT_EQ(root.entries.at(0).value.at, (Position{1, 8}));
}

TEST(Document, KeepsTheOrderOfTheFile) {
  const Value root = parsed("z = 1\na = 2\nm = 3\n");
  EXPECT_EQ(root.entries.at(0).key, "z");
  EXPECT_EQ(root.entries.at(1).key, "a");
  EXPECT_EQ(root.entries.at(2).key, "m");
}

TEST(Document, ReportsTheFirstSyntaxErrorWithItsPlace) {
  const SyntaxError error = refused("a = 1\nb = = 2\n");
  EXPECT_EQ(error.at.line, 2U);
  EXPECT_EQ(error.at.column, 5U);
  EXPECT_NE(error.message.find("not valid TOML: "), std::string::npos);
}

TEST(Document, RefusesAKeyThatIsWrittenTwice) {
  const SyntaxError error = refused("level = 1\nlevel = 2\n");
  EXPECT_EQ(error.at.line, 2U);
  EXPECT_NE(error.message.find("'level'"), std::string::npos);
}

TEST(Document, QuotesNothingOfASecretInASyntaxError) {
  for (const char* text : {"secret = thunter2", "secret = 0xhunter2", "secret = \"x\" hunter2",
                           "secret hunter2", "secret = 'a\nhunter2 = 1 x"}) {
    EXPECT_EQ(refused(text).message.find("hunter2"), std::string::npos) << text;
  }
}

TEST(Document, RefusesInvalidUtf8) {
  EXPECT_EQ(refused("a = \"\xFF\"").at.line, 1U);
}

// A tree as deep as the file is long would overflow the stack when it is destroyed.
TEST(Document, SurvivesKeysAndValuesOfAnyDepth) {
  std::string key = "a";
  for (int i = 0; i < 300000; ++i) key += ".a";
  EXPECT_EQ(refused(key + " = 1").message, "a key with more than 8 parts");
  EXPECT_EQ(refused('[' + key + ']').message, "a key with more than 8 parts");
  EXPECT_FALSE(refused("a = " + std::string(100000, '[')).message.empty());
  std::string tables = "a.a.a.a.a.a.a.a = 1";
  for (int i = 0; i < 200; ++i) tables = "a.a.a.a.a.a.a.a = {" + tables + '}';
  EXPECT_EQ(parsed(tables).entries.size(), 1U);
}

}  // namespace
}  // namespace bellhop::config
