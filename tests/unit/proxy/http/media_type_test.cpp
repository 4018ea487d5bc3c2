// Media types: syntax, their one spelling, and what is shown in place.
#include "proxy/http/media_type.hpp"

#include <gtest/gtest.h>

#include "proxy/http/errors.hpp"

namespace bellhop::http {
namespace {

using namespace std::string_view_literals;

std::string read(std::string_view text) {
  const auto type = MediaType::parse(text);
  return type ? type->text() : std::string(type.error().kind().name);
}

// HUP-16: lower case.
TEST(MediaType, IsKeptInOneSpelling) {
  EXPECT_EQ(read("image/png"), "image/png");
  EXPECT_EQ(read(" Image/PNG\t"), "image/png");
  EXPECT_EQ(read("text/plain;charset=UTF-8"), "text/plain; charset=UTF-8");
  EXPECT_EQ(read("Text/Plain ; Charset=\"utf-8\""), "text/plain; charset=utf-8");
  EXPECT_EQ(read("a/b; x=\"c \\\"d\\\"\" ;; y="
                 "\"\""),
            "a/b; x=\"c \\\"d\\\"\"; y=\"\"");
  EXPECT_EQ(read("text/plain;"), "text/plain");
  EXPECT_EQ(read("application/vnd.oasis.opendocument.text+x"),
            "application/vnd.oasis.opendocument.text+x");
}

TEST(MediaType, IsReadAgainAsItIsWritten) {
  for (const std::string_view text : {"a/b", "A/b; C=\"d;e\"", "a/b;c=d;e=\"\\\\\""}) {
    const auto type = MediaType::parse(text);
    ASSERT_TRUE(type) << text;
    EXPECT_EQ(MediaType::parse(type->text()).value(), *type);
  }
}

// HUP-16: the syntax of RFC 9110 §8.3.1; above all nothing that ends a header line.
TEST(MediaType, RefusesWhatIsNone) {
  for (const std::string_view bad : {""sv,
                                     "/"sv,
                                     "image"sv,
                                     "image/"sv,
                                     "/png"sv,
                                     "image/png/x"sv,
                                     "image png"sv,
                                     "image/p ng"sv,
                                     "image/png, text/html"sv,
                                     "image/png\r\nX: y"sv,
                                     "image/png\0"sv,
                                     "*/*;q=\r"sv,
                                     "a/b;c"sv,
                                     "a/b;c="sv,
                                     "a/b;=d"sv,
                                     "a/b;c =d"sv,
                                     "a/b;c= d"sv,
                                     "a/b;c=\"d"sv,
                                     "a/b;c=\"d\"e"sv,
                                     "a/b;c=d;C=e"sv,
                                     "a/b;c=\"\r\n\""sv,
                                     "a/b;c=\xC3\xBC"sv,
                                     "im\xC3\xA4ge/png"sv,
                                     "<svg/onload>"sv}) {
    EXPECT_EQ(read(bad), "bad-media-type") << bad;
  }
}

TEST(MediaType, HasMaxima) {
  const std::string longest = "a/" + std::string(kMediaTypeBytesMax - 2, 'b');
  EXPECT_EQ(read(longest), longest);
  EXPECT_EQ(read(longest + 'b'), "bad-media-type");
  // One that fits as it came, but not as it would be written.
  std::string tight = "a/" + std::string(kMediaTypeBytesMax - 6, 'b') + ";c=d";
  EXPECT_EQ(tight.size(), kMediaTypeBytesMax);
  EXPECT_EQ(read(tight), "bad-media-type");
  std::string many = "a/b";
  for (std::size_t i = 0; i < kMediaTypeParametersMax; ++i) many += ";p" + std::to_string(i) + "=v";
  EXPECT_NE(read(many), "bad-media-type");
  EXPECT_EQ(read(many + ";q=v"), "bad-media-type");
}

// HUP-22: case and parameters do not count.
TEST(MediaType, IsComparedByTypeAndSubtype) {
  const auto plain = MediaType::parse("text/plain").value();
  EXPECT_TRUE(is_same_type(plain, MediaType::parse("TEXT/Plain;charset=utf-8").value()));
  EXPECT_FALSE(is_same_type(plain, MediaType::parse("text/html").value()));
  EXPECT_FALSE(is_same_type(plain, MediaType::parse("text/plain2").value()));
  EXPECT_EQ(MediaType::parse("text/plain; a=b").value().essence(), "text/plain");
}

// HUP-26: images except SVG, audio, video, plain text.
TEST(MediaType, IsShownInPlaceOnlyIfItCannotRunAnything) {
  for (const std::string_view shown :
       {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/bmp",
        "audio/mpeg", "audio/ogg", "audio/mp4", "audio/opus", "video/mp4", "video/webm",
        "video/quicktime", "text/plain"}) {
    EXPECT_TRUE(is_inline(shown)) << shown;
  }
  for (const std::string_view saved : {"image/svg+xml",
                                       "image/svg",
                                       "text/html",
                                       "text/xml",
                                       "application/xml",
                                       "application/xhtml+xml",
                                       "application/pdf",
                                       "application/octet-stream",
                                       "text/css",
                                       "text/javascript",
                                       "application/javascript",
                                       "application/x-shockwave-flash",
                                       "image/vnd.adobe.photoshop",
                                       "image/x-icon",
                                       "audio/mpegurl",
                                       "audio/x-mpegurl",
                                       "multipart/x-mixed-replace",
                                       "message/rfc822",
                                       "text/vcard",
                                       "video/",
                                       "image/png;",
                                       ""}) {
    EXPECT_FALSE(is_inline(saved)) << saved;
  }
}

}  // namespace
}  // namespace bellhop::http
