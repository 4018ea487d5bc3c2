// What a terminal must not get, and how wide text is.
#include "api/ctl/text.hpp"

#include <gtest/gtest.h>

namespace bellhop::ctl {
namespace {

TEST(Text, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(clean("alice@example.org/Телефон 日本 é 😀"), "alice@example.org/Телефон 日本 é 😀");
}

TEST(Text, TakesFromATerminalWhatItWouldObey) {
  EXPECT_EQ(clean("a\x1B[2Jb"), "a�[2Jb");
  EXPECT_EQ(clean("a\r\nb\tc\x07"), "a��b�c�");
  EXPECT_EQ(clean("\x7F"), "�");
  EXPECT_EQ(clean("\xC2\x9B"), "�");          // C1: control sequence introducer
  EXPECT_EQ(clean("\xE2\x80\xAE"), "�");      // right-to-left override
  EXPECT_EQ(clean("\xE2\x80\x8B"), "�");      // zero width space
  EXPECT_EQ(clean("\xF3\xA0\x81\x81"), "�");  // a tag
  EXPECT_EQ(clean(std::string_view("\0", 1)), "�");
}

TEST(Text, ReplacesBrokenUtf8ByteByByte) {
  EXPECT_EQ(clean("\xFF"), "�");
  EXPECT_EQ(clean("\xC0\xAF"), "��");            // overlong
  EXPECT_EQ(clean("\xE0\x80\xAF"), "���");       // overlong
  EXPECT_EQ(clean("\xED\xA0\x80"), "���");       // a surrogate
  EXPECT_EQ(clean("\xF4\x90\x80\x80"), "����");  // above U+10FFFF
  EXPECT_EQ(clean("a\xC3"), "a�");               // cut off
  EXPECT_EQ(clean("\xC3\x28"), "�(");
}

TEST(Text, KnowsHowWideItIs) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // a combining accent
  EXPECT_EQ(display_width("…"), 1U);
}

TEST(Text, CutsToWhatFitsTheMarkIncluded) {
  EXPECT_EQ(cut("abcdef", 6, "…"), "abcdef");
  EXPECT_EQ(cut("abcdef", 5, "…"), "abcd…");
  EXPECT_EQ(cut("abcdef", 1, "…"), "…");
  EXPECT_EQ(cut("abcdef", 0, "…"), "");
  EXPECT_EQ(cut("日本語", 5, "…"), "日本…");
  EXPECT_EQ(cut("日本語", 4, "…"), "日…");  // half of a wide character does not fit
  EXPECT_EQ(cut("abcdef", 3, ""), "abc");
}

TEST(Text, PaintsNothingPlain) {
  EXPECT_EQ(paint("x", Tone::plain), "x");
  EXPECT_EQ(paint("", Tone::bad), "");
  EXPECT_EQ(paint("x", Tone::bad), "\x1B[31mx\x1B[0m");
}

}  // namespace
}  // namespace bellhop::ctl
