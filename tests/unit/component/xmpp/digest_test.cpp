// Published vectors of the digests and of base64.
#include "component/xmpp/digest.hpp"

#include <gtest/gtest.h>

namespace bellhop::xmpp {
namespace {

TEST(Digest, HashesLikeFips180And202) {
  EXPECT_EQ(to_hex(digest(EVP_sha1(), "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(digest(EVP_sha3_256(), "")),
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
}

TEST(Digest, EncodesTheBase64VectorsOfRfc4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64("\xFB\xFF\xFE"), "+//+");
}

TEST(Digest, DecodesWhatItEncodesOfEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes) << i;
    bytes += static_cast<char>(i * 7);
  }
}

TEST(Digest, DecodesOneSpellingOfBase64Only) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zh==", "Zm9=", "Zm8=\n", " Zm8=", "Zm8=Zm8=", "=", "==", "====", "Zg=g",
        "Z===", "Zm9v=", "Zm9_", "Zm-v", "Zm\xC3\xBC", "Zm9vY"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(from_base64(std::string_view("Zm\0v", 4)), std::nullopt);
}

// RFC 4231 §4.3
TEST(Digest, MakesTheTagOfTheStandardsExample) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, DecodesOneSpellingOfHexOnly) {
  EXPECT_EQ(from_hex(""), "");
  EXPECT_EQ(from_hex("00ff7a"), std::string("\0\xff\x7a", 3));
  for (const std::string_view text : {"0", "0F", "0x", "g0", "00 ", " 00"}) {
    EXPECT_EQ(from_hex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace bellhop::xmpp
