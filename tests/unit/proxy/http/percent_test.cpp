// One layer of percent-encoding, on and off.
#include "proxy/http/percent.hpp"

#include <gtest/gtest.h>

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

TEST(Percent, EncodesAllButWhatIsKept) {
  EXPECT_EQ(encode_percent("az AZ09-.", "-."), "az%20AZ09-.");
  EXPECT_EQ(encode_percent("\xC3\xBC\xFF", ""), "%C3%BC%FF");
  EXPECT_EQ(encode_percent("\0%\n"sv, ""), "%00%25%0A");
}

TEST(Percent, DecodesEitherCaseAndOneLayer) {
  EXPECT_EQ(decode_percent("%c3%BC"), "\xC3\xBC");
  EXPECT_EQ(decode_percent("%2541"), "%41");
  EXPECT_EQ(decode_percent("%00"), "\0"sv);
  EXPECT_EQ(decode_percent("a+b"), "a+b");
  EXPECT_EQ(decode_percent(""), "");
}

TEST(Percent, RefusesBadEscapes) {
  for (const std::string_view bad :
       {"%", "%4", "a%", "%4g", "%g4", "%%41", "% 41", "%-1", "%u0041"}) {
    EXPECT_EQ(decode_percent(bad), std::nullopt) << bad;
  }
}

TEST(Percent, LetsBadEscapesStandWhereItIsLenient) {
  EXPECT_EQ(decode_percent_leniently("100%"), "100%");
  EXPECT_EQ(decode_percent_leniently("%%41%4"), "%A%4");
  EXPECT_EQ(decode_percent_leniently("user%hotmail.com"), "user%hotmail.com");
  EXPECT_EQ(decode_percent_leniently("%2541"), "%41");
}

TEST(Percent, DecodesEveryByteThatItEncodes) {
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes += static_cast<char>(c);
  EXPECT_EQ(decode_percent(encode_percent(bytes, "-._~")), bytes);
  EXPECT_EQ(decode_percent_leniently(encode_percent(bytes, "-._~")), bytes);
}

}  // namespace
}  // namespace bellhop::http
