// Media types: what is one, and its one spelling.
#include "component/xmpp/media_type.hpp"

#include <gtest/gtest.h>

namespace bellhop::xmpp {
namespace {

std::string normal(std::string_view text) {
  return normalise_media_type(text).value_or("none");
}

// HUP-16
TEST(MediaType, IsWrittenInLowerCase) {
  EXPECT_EQ(normal("image/jpeg"), "image/jpeg");
  EXPECT_EQ(normal("Image/JPEG"), "image/jpeg");
  EXPECT_EQ(normal("application/vnd.oasis.opendocument.text"),
            "application/vnd.oasis.opendocument.text");
  EXPECT_EQ(normal("image/svg+xml"), "image/svg+xml");
}

TEST(MediaType, KeepsItsParametersAsTheyWereSent) {
  EXPECT_EQ(normal("text/plain;charset=UTF-8"), "text/plain; charset=UTF-8");
  EXPECT_EQ(normal("text/plain ; Charset=\"UTF-8\"  ;a=b"), "text/plain; charset=\"UTF-8\"; a=b");
  EXPECT_EQ(normal("text/plain; a=\"x;\\\"y\"; b=c"), "text/plain; a=\"x;\\\"y\"; b=c");
  EXPECT_EQ(normal("text/plain;; ;a=b;"), "text/plain; a=b");
}

TEST(MediaType, IsNothingElse) {
  for (const std::string_view bad : {"",
                                     "/",
                                     "text",
                                     "text/",
                                     "/plain",
                                     "text/plain/x",
                                     "te xt/plain",
                                     "text/pl\xC3\xA4in",
                                     "text/plain; charset",
                                     "text/plain; =x",
                                     "text/plain; a=",
                                     "text/plain; a=\"x",
                                     "text/plain; a=b c",
                                     "text/plain; a=\"x\"y",
                                     "text/plain; a = b",
                                     "text/plain\r\nX: y",
                                     "text/plain; a=\"x\r\ny\"",
                                     "text/plain; a=\"\xC3\xA4\"",
                                     "*",
                                     "text/plain; a=\"x\\"}) {
    EXPECT_EQ(normal(bad), "none") << bad;
  }
}

TEST(MediaType, HasAMaximumLength) {
  const std::string longest = "a/" + std::string(kMediaTypeBytesMax - 2, 'b');
  EXPECT_EQ(normal(longest), longest);
  EXPECT_EQ(normal(longest + 'b'), "none");
  // What grows beyond it by the blanks before parameters is too long as well.
  std::string growing = "a/b";
  while (growing.size() + 4 <= kMediaTypeBytesMax) growing += ";c=d";
  EXPECT_EQ(normal(growing), "none");
}

}  // namespace
}  // namespace bellhop::xmpp
