// Base64 for URLs: one way to write each text.
#include "component/base/url_base64.hpp"

#include <gtest/gtest.h>

namespace bellhop::base {
namespace {

TEST(UrlBase64, WritesTheVectorsOfRfc4648WithoutPadding) {
  EXPECT_EQ(to_url_base64(""), "");
  EXPECT_EQ(to_url_base64("f"), "Zg");
  EXPECT_EQ(to_url_base64("fo"), "Zm8");
  EXPECT_EQ(to_url_base64("foo"), "Zm9v");
  EXPECT_EQ(to_url_base64("foob"), "Zm9vYg");
  EXPECT_EQ(to_url_base64("\xFB\xFF"), "-_8");
}

TEST(UrlBase64, ReadsWhatItWrites) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(from_url_base64(to_url_base64(bytes)), bytes);
  }
}

TEST(UrlBase64, RefusesEverySecondWayToWriteTheSameBytes) {
  EXPECT_EQ(from_url_base64("Zg"), "f");
  EXPECT_FALSE(from_url_base64("Zh")) << "bits left over";
  EXPECT_FALSE(from_url_base64("Zg=="));
  EXPECT_FALSE(from_url_base64("Z"));
  EXPECT_FALSE(from_url_base64("Zm 8"));
  EXPECT_FALSE(from_url_base64("Zm+8"));
  EXPECT_FALSE(from_url_base64("Zm/8"));
}

}  // namespace
}  // namespace bellhop::base
