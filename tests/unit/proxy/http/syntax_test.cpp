// Tokens, numbers, lists and quoted strings.
#include "proxy/http/syntax.hpp"

#include <gtest/gtest.h>

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;
using Parts = std::vector<std::string_view>;

TEST(HttpSyntax, KnowsTheCharactersOfTokens) {
  std::string allowed;
  for (int c = 0; c < 256; ++c) {
    if (is_token_character(static_cast<char>(c))) allowed += static_cast<char>(c);
  }
  EXPECT_EQ(allowed,
            "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~");
  EXPECT_TRUE(is_token("x-y"));
  EXPECT_FALSE(is_token(""));
  EXPECT_FALSE(is_token("x y"));
  EXPECT_FALSE(is_token("x\0"sv));
}

TEST(HttpSyntax, TrimsBlanksAndTabsAndNothingElse) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\r\na\n"), "\r\na\n");
}

TEST(HttpSyntax, ComparesWithoutRegardToTheCaseOfAsciiOnly) {
  EXPECT_TRUE(equals_ignoring_case("Bytes", "bYTES"));
  EXPECT_FALSE(equals_ignoring_case("bytes", "bytes "));
  EXPECT_FALSE(equals_ignoring_case("\xC3\x84", "\xC3\xA4"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
}

TEST(HttpSyntax, ReadsNumbersUpToTheLargestFile) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("007"), 7U);
  EXPECT_EQ(parse_number("9223372036854775807"), kFileBytesMax);
  EXPECT_EQ(parse_number("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_number("18446744073709551617"), std::nullopt);
  EXPECT_EQ(parse_number(std::string(1000, '9')), std::nullopt);
  for (const std::string_view bad :
       {""sv, "-1"sv, "+1"sv, " 1"sv, "1 "sv, "1a"sv, "0x1"sv, "1.0"sv, "1\0"sv}) {
    EXPECT_EQ(parse_number(bad), std::nullopt) << bad;
    EXPECT_EQ(parse_saturated(bad), std::nullopt) << bad;
  }
}

TEST(HttpSyntax, SaturatesNumbersBeyondTheLargestFile) {
  EXPECT_EQ(parse_saturated("9223372036854775807"), kFileBytesMax);
  EXPECT_EQ(parse_saturated("9223372036854775808"), kFileBytesMax + 1);
  EXPECT_EQ(parse_saturated("92233720368547758080"), kFileBytesMax + 1);
  EXPECT_EQ(parse_saturated(std::string(1000, '9')), kFileBytesMax + 1);
}

TEST(HttpSyntax, SplitsListsAndPassesOverEmptyElements) {
  EXPECT_EQ(split("a, b ,,\tc,", ',', 8), (Parts{"a", "b", "c"}));
  EXPECT_EQ(split("", ',', 8), Parts());
  EXPECT_EQ(split(" , ,", ',', 8), Parts());
}

TEST(HttpSyntax, SplitsOutsideOfQuotedStringsOnly) {
  EXPECT_EQ(split("a=\"b,c\", d", ',', 8), (Parts{"a=\"b,c\"", "d"}));
  EXPECT_EQ(split("\"a\\\",b\",c", ',', 8), (Parts{"\"a\\\",b\"", "c"}));
  EXPECT_EQ(split("a,\"b", ',', 8), std::nullopt);
  EXPECT_EQ(split("\"\\", ',', 8), std::nullopt);
}

TEST(HttpSyntax, SplitsNoMoreThanItWasAskedFor) {
  EXPECT_TRUE(split("a,b,c", ',', 3));
  EXPECT_FALSE(split("a,b,c", ',', 2));
  EXPECT_TRUE(split(std::string(kFieldValueBytesMax, 'a'), ',', 1));
  EXPECT_FALSE(split(std::string(kFieldValueBytesMax + 1, 'a'), ',', 1));
}

TEST(HttpSyntax, ReadsTokensAndQuotedStrings) {
  EXPECT_EQ(parse_word("utf-8"), "utf-8");
  EXPECT_EQ(parse_word("\"\""), "");
  EXPECT_EQ(parse_word("\"a b\\\"c\\\\\""), "a b\"c\\");
  for (const std::string_view bad : {""sv, "\""sv, "\"a"sv, "a\""sv, "\"a\"b"sv, "a b"sv,
                                     "\"\\\""sv, "\"\r\n\""sv, "\"\xC3\xA4\""sv, "\"\0\""sv}) {
    EXPECT_EQ(parse_word(bad), std::nullopt) << bad;
  }
}

TEST(HttpSyntax, WritesWordsThatItReadsAgain) {
  EXPECT_EQ(write_word("utf-8"), "utf-8");
  EXPECT_EQ(write_word(""), "\"\"");
  for (const std::string_view word : {"", "a b", "\"", "\\", "a\\\"b,c;d", "token"}) {
    EXPECT_EQ(parse_word(write_word(word)), word);
  }
}

}  // namespace
}  // namespace bellhop::http
