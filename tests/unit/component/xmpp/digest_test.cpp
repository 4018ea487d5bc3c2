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

}  // namespace
}  // namespace bellhop::xmpp
