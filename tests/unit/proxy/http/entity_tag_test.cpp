// Entity tags, alone and in lists.
#include "proxy/http/entity_tag.hpp"

#include <gtest/gtest.h>

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

EntityTag strong(std::string opaque) {
  return {.opaque = std::move(opaque)};
}

EntityTag weak(std::string opaque) {
  return {.opaque = std::move(opaque), .is_weak = true};
}

TEST(EntityTag, IsReadAsItIsWritten) {
  for (const std::string_view text :
       {"\"\"", "\"xyzzy\"", "W/\"1\"", "\"a,b;c\\\"", "\"\xC3\xA4\""}) {
    const auto tag = EntityTag::parse(text);
    ASSERT_TRUE(tag) << text;
    EXPECT_EQ(tag->text(), text);
  }
  EXPECT_EQ(EntityTag::parse("W/\"1\""), weak("1"));
}

TEST(EntityTag, RefusesWhatIsNone) {
  for (const std::string_view bad :
       {""sv, "xyzzy"sv, "\""sv, "\"a"sv, "a\""sv, "w/\"a\""sv, "W/"sv, "W\"a\""sv, "W/ \"a\""sv,
        "\"a\"b"sv, "\"a b\""sv, "\"a\"\"b\""sv, "\"a\r\n\""sv, "\"\0\""sv, "\"\x7F\""sv, "*"sv}) {
    EXPECT_FALSE(EntityTag::parse(bad)) << bad;
  }
}

TEST(EntityTag, HasAMaximum) {
  EXPECT_TRUE(EntityTag::parse('"' + std::string(kEntityTagBytesMax, 'a') + '"'));
  EXPECT_FALSE(EntityTag::parse('"' + std::string(kEntityTagBytesMax + 1, 'a') + '"'));
}

// The table of RFC 9110 §8.8.3.2.
TEST(EntityTag, ComparesStronglyAndWeakly) {
  EXPECT_FALSE(matches_strongly(weak("1"), weak("1")));
  EXPECT_TRUE(matches_weakly(weak("1"), weak("1")));
  EXPECT_FALSE(matches_strongly(weak("1"), weak("2")));
  EXPECT_FALSE(matches_weakly(weak("1"), weak("2")));
  EXPECT_FALSE(matches_strongly(weak("1"), strong("1")));
  EXPECT_TRUE(matches_weakly(weak("1"), strong("1")));
  EXPECT_TRUE(matches_strongly(strong("1"), strong("1")));
  EXPECT_TRUE(matches_weakly(strong("1"), strong("1")));
}

TEST(EntityTagList, ReadsTagsAndTheAsterisk) {
  const auto any = EntityTagList::parse(" * ");
  ASSERT_TRUE(any);
  EXPECT_TRUE(any->is_any && any->tags.empty());
  const auto list = EntityTagList::parse("\"a\", W/\"b,c\",,\t\"d\\\" ,");
  ASSERT_TRUE(list);
  EXPECT_FALSE(list->is_any);
  EXPECT_EQ(list->tags, (std::vector<EntityTag>{strong("a"), weak("b,c"), strong("d\\")}));
}

TEST(EntityTagList, RefusesWhatIsNone) {
  for (const std::string_view bad : {"", " ", ",", "*, \"a\"", "\"a\", *", "\"a\" \"b\"", "a",
                                     "\"a\", b", "\"a\"; \"b\"", "**"}) {
    EXPECT_FALSE(EntityTagList::parse(bad)) << bad;
  }
}

TEST(EntityTagList, HasAMaximum) {
  std::string value;
  for (std::size_t i = 0; i < kEntityTagsMax; ++i) value += "\"a\",";
  EXPECT_TRUE(EntityTagList::parse(value));
  EXPECT_FALSE(EntityTagList::parse(value + "\"a\""));
  EXPECT_FALSE(EntityTagList::parse("\"a\"" + std::string(1 << 20, ',')));
}

}  // namespace
}  // namespace bellhop::http
