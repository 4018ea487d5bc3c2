// The edges of UTF-8.
#include "component/xmpp/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace bellhop::xmpp {
namespace {

TEST(Utf8, DecodesTheFirstAndLastCharacterOfEachLength) {
  struct Case {
    std::string_view text;
    char32_t code_point;
  };
  for (const auto& [text, code_point] :
       {Case{std::string_view("\0", 1), 0}, Case{"\x7F", 0x7F}, Case{"\xC2\x80", 0x80},
        Case{"\xDF\xBF", 0x7FF}, Case{"\xE0\xA0\x80", 0x800}, Case{"\xEF\xBF\xBF", 0xFFFF},
        Case{"\xF0\x90\x80\x80", 0x10000}, Case{"\xF4\x8F\xBF\xBF", 0x10FFFF}}) {
    const Utf8Character character = decode_utf8(text);
    EXPECT_TRUE(character.is_valid) << text.size();
    EXPECT_TRUE(character.code_point == code_point);
    EXPECT_EQ(character.bytes, text.size());
  }
}

TEST(Utf8, RefusesWhatIsOverlongASurrogateTooLargeOrCutShort) {
  for (const std::string_view text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC2", "\xE2\x82",
        "\xF0\x9F\x98", "\xC2\x41"}) {
    EXPECT_FALSE(is_utf8(text));
    EXPECT_EQ(decode_utf8(text).bytes, 1u);
  }
}

TEST(Utf8, AcceptsTextOnlyIfAllOfItIsValid) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("na\xC3\xAFve \xF0\x9F\x98\x80"));
  EXPECT_FALSE(is_utf8("na\xEFve"));
}

}  // namespace
}  // namespace bellhop::xmpp
